#include "gateway/handoff/updates.h"

#include <iterator>
#include <set>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton::handoff {
namespace {

// Behind all that was said before it: platforms' events overtake one another. Without a time, at the end.
void put_in_order(nlohmann::json& transcript, nlohmann::json message) {
  const auto time_of = [](const nlohmann::json& one) { return parse_rfc3339(JsonView(one)["at"].text()); };
  auto place = transcript.end();
  for (const auto at = time_of(message); at && place != transcript.begin(); --place) {
    const auto before = time_of(*std::prev(place));
    if (!before || *before <= *at) break;
  }
  transcript.insert(place, std::move(message));
}

// What was sent without words is said too: a picture is often all that a customer writes.
std::string line_of(JsonView message) {
  auto line = message["role"].text("someone") + ": " + message["text"].text();
  for (const auto& file : items(message["attachments"])) {
    if (!line.ends_with(' ')) line += ' ';
    line += "[" + file["name"].text("attachment") + "] " + file["url"].text();
  }
  return line;
}

}  // namespace

std::string merge_update(nlohmann::json& data, const nlohmann::json& update) {
  auto rest = update;
  auto messages = nlohmann::json::array();
  if (JsonView(rest)["transcript"].list()) messages = std::move(rest["transcript"]);
  if (rest.is_object()) {
    rest.erase("transcript");  // whatever it is, it replaces no message
    data.merge_patch(rest);
  }
  if (!data.is_object()) data = nlohmann::json::object();

  auto& transcript = data["transcript"];
  if (!transcript.is_array()) transcript = nlohmann::json::array();
  std::set<std::string> known;
  for (const auto& message : transcript) known.insert(JsonView(message)["id"].text());

  std::string added;
  for (auto& message : messages) {
    const JsonView view(message);
    const auto id = view["id"].text();
    if (!id.empty() && !known.insert(id).second) continue;
    if (!added.empty()) added += '\n';
    added += line_of(view);
    put_in_order(transcript, std::move(message));
  }
  return added;
}

}  // namespace baton::handoff
