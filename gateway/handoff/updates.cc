#include "gateway/handoff/updates.h"

#include <set>

#include "gateway/base/json_view.h"

namespace baton::handoff {

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
    added += view["role"].text("someone") + ": " + view["text"].text();
    transcript.push_back(std::move(message));
  }
  return added;
}

}  // namespace baton::handoff
