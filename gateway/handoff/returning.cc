#include "gateway/handoff/returning.h"

#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

bool is_held(State state) { return state == State::claimed || state == State::active; }

// The last message before the human's part, as the platform calls it; "" if it gave no ids.
std::string last_message_before(JsonView transcript, TimePoint begin) {
  std::string last;
  for (const auto& message : items(transcript)) {
    const auto at = parse_rfc3339(message["at"].text());
    if (at && *at > begin) break;
    if (const auto id = message["id"].text(); !id.empty()) last = id;
  }
  return last;
}

}  // namespace

json loop_of(const Handoff& handoff) {
  if (handoff.bounces == 0) return nullptr;
  return {{"handoffs", handoff.bounces}};
}

json way_back(const Handoff& handoff, TimePoint now) {
  json told = json::object();
  if (auto loop = loop_of(handoff); !loop.is_null()) told["loop"] = std::move(loop);
  const auto taken =
      std::ranges::find_if(handoff.passages, [](const Passage& p) { return is_held(p.state); });
  if (taken == handoff.passages.end()) return told;
  const auto answered =
      std::ranges::find_if(handoff.passages, [](const Passage& p) { return p.state == State::active; });
  std::size_t claims = 0;
  for (const auto& passage : handoff.passages) claims += passage.state == State::claimed;
  told["human"] = {{"replies", handoff.replies}, {"claims", claims}};
  if (!handoff.owner_name.empty()) told["human"]["name"] = handoff.owner_name;
  if (answered != handoff.passages.end()) told["human"]["first_reply_at"] = to_rfc3339(answered->at);
  told["boundary"] = {{"from", to_rfc3339(taken->at)}, {"to", to_rfc3339(now)}};
  const auto before = last_message_before(JsonView(handoff.data)["transcript"], taken->at);
  if (!before.empty()) told["boundary"]["after_message"] = before;
  return told;
}

int asked_within(const std::vector<Handoff>& latest, TimePoint now, Duration window) {
  return static_cast<int>(
      std::ranges::count_if(latest, [&](const Handoff& one) { return now - one.requested_at < window; }));
}

std::vector<std::string> read_list(JsonView list) {
  std::string lines;
  for (const auto& item : items(list)) {
    auto text = item.text();
    std::ranges::replace(text, '\n', ' ');
    lines += text + "\n";
  }
  return read_follow_ups(lines);
}

std::vector<std::string> read_follow_ups(std::string_view lines) {
  constexpr std::size_t kMost = 20, kLongest = 500;
  std::vector<std::string> list;
  for (const auto line : split(lines, '\n')) {
    const auto text = trim(line);
    if (!text.empty() && list.size() < kMost) list.emplace_back(clip_utf8(text, kLongest));
  }
  return list;
}

void note_feeling(Handoff& handoff, JsonView data, TimePoint at) {
  constexpr std::size_t kMost = 20;
  const auto score = data.at_path("sentiment.score").number();
  if (!score) return;
  auto& all = handoff.feelings;
  if (all.size() == kMost) all.erase(all.end() - 2);
  all.emplace_back(at, std::clamp(*score, -1.0, 1.0));
}

bool may_be_about_past(const Event& event) {
  return event.type == "conversation.rated" || event.type == "conversation.resolved";
}

bool is_about(const Event& event, const Handoff& handoff, TimePoint now) {
  if (is_open(handoff.state)) return true;
  if (!may_be_about_past(event)) return false;
  if (JsonView(event.data)["handoff_id"].text() == handoff.id.text) return true;
  const auto window = event.type == "conversation.rated" ? std::chrono::days(7) : std::chrono::days(1);
  const auto ended = handoff.passages.empty() ? handoff.requested_at : handoff.passages.back().at;
  return now - ended < window;
}

bool is_afterword(const Event& event) {
  return event.type == "conversation.rated" ||
         (event.type == "conversation.resolved" && JsonView(event.data)["by"].text() == "ai");
}

}  // namespace baton::handoff
