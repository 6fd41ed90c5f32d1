#include "connectors/slack/thread.h"

#include <charconv>
#include <optional>
#include <set>
#include <vector>

#include "connectors/slack/wire.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kMostMessages = 500;
constexpr int kMostPages = 20;
constexpr std::size_t kLongestText = 32'000;

std::optional<std::string> written_at(std::string_view ts) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(ts.data(), ts.data() + ts.size(), seconds);
  if (error != std::errc() || seconds <= 0 || seconds > 99'999'999'999 || end == ts.data())
    return std::nullopt;
  return to_rfc3339(TimePoint(std::chrono::seconds(seconds)));
}

// What stands between < and >: "https://x|label", "@U1", "#C1|name", "!here".
std::string words_of(std::string_view inner) {
  const auto bar = inner.find('|');
  const auto address = inner.substr(0, bar);
  const auto label = bar == std::string_view::npos ? std::string_view() : inner.substr(bar + 1);
  if (address.starts_with('!')) return "@" + std::string(label.empty() ? address.substr(1) : label);
  if (address.starts_with('@') || address.starts_with('#')) {
    return std::string(address.substr(0, 1)) + std::string(label.empty() ? address.substr(1) : label);
  }
  if (label.empty() || label == address) return std::string(address);
  return std::string(label) + " (" + std::string(address) + ")";
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The messages of all pages, oldest first, each once: the thread's first one is on every page.
Task<std::vector<json>> read_all(MessageId thread, sdk::ReadSession& session) {
  std::vector<json> all;
  std::set<std::string> seen;
  std::optional<sdk::Read> page =
      sdk::Read::get("/conversations.replies?channel=" + percent_encode(thread.channel) +
                     "&limit=200&ts=" + percent_encode(thread.ts));
  for (int i = 0; page && i < kMostPages; ++i) {
    const auto reply = co_await session.read(*page);
    if (!reply) co_return reply.error();
    const auto body = parse_json(reply->body, FailureKind::retryable, "Slack's thread");
    if (!body) co_return body.error();
    const auto messages = JsonView(*body)["messages"].list();
    if (!messages) co_return Failure(FailureKind::retryable, "Slack's thread carries no list of messages");
    bool news = false;
    for (const auto& message : *messages) {
      const auto ts = message["ts"].text();
      if (ts.empty() || !seen.insert(ts).second) continue;
      all.push_back(*message.raw());
      news = true;
    }
    if (!news) break;
    auto next = next_page(*page, *reply);
    if (!next) co_return Failure(FailureKind::retryable, next.error().detail);
    page = std::move(*next);
  }
  co_return all;
}

}  // namespace

std::string plain(std::string_view mrkdwn) {
  const auto valid = to_valid_utf8(mrkdwn);
  std::string out;
  for (std::size_t i = 0; i < valid.size();) {
    const auto end = valid[i] == '<' ? valid.find('>', i) : std::string::npos;
    if (end == std::string::npos) {
      out += valid[i++];
      continue;
    }
    out += words_of(std::string_view(valid).substr(i + 1, end - i - 1));
    i = end + 1;
  }
  replace_all(out, "&lt;", "<");
  replace_all(out, "&gt;", ">");
  replace_all(out, "&amp;", "&");
  return std::string(clip_utf8(out, kLongestText));
}

json transcript_entry(JsonView message, std::string_view role) {
  const auto ts = message["ts"].text();
  json entry = {{"role", role}, {"text", plain(message["text"].text())}};
  if (!ts.empty()) entry["id"] = ts;
  if (const auto at = written_at(ts)) entry["at"] = *at;
  if (const auto user = message["user"].text(); !user.empty()) entry["author"] = user;
  return entry;
}

Task<json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const auto thread = read_message_id(JsonView(order.subject).at_path("conversation.id").text());
  if (!thread) co_return thread.error();
  const auto messages = co_await read_all(*thread, session);
  if (!messages) co_return messages.error();
  std::string customer;
  json transcript = json::array();
  for (const auto& one : *messages) {
    const JsonView message(one);
    const bool bot = !message["bot_id"].text().empty();
    const auto user = message["user"].text();
    if (!bot && customer.empty()) customer = user;
    transcript.push_back(transcript_entry(message, bot ? "ai" : user == customer ? "customer" : "agent"));
  }
  if (transcript.size() > kMostMessages)
    transcript.erase(transcript.begin(), transcript.end() - static_cast<std::ptrdiff_t>(kMostMessages));
  json found = {{"transcript", std::move(transcript)}};
  if (!customer.empty()) found["customer"] = {{"id", customer}};
  co_return found;
}

}  // namespace baton::slack
