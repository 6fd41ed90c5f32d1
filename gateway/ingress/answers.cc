#include "gateway/ingress/answers.h"

#include <nlohmann/json.hpp>

namespace baton::ingress {
namespace {

using nlohmann::json;

json one(const Accepted& event) {
  if (event.handoff.empty()) return {{"counted", true}};  // of a conversation that nobody handed over
  json to = {{"handoff", event.handoff.text}, {"destinations", json::array()}};
  for (const auto& destination : event.destinations) to["destinations"].push_back(destination.text);
  if (event.destinations.empty()) to["because"] = "no routing rule matches: see `baton routes explain`";
  if (event.merged) to["merged"] = true;
  return to;
}

}  // namespace

Reply accepted(const std::vector<Accepted>& events, bool batch) {
  json body;
  if (!batch) body = one(events.front());
  else
    for (const auto& event : events) body["events"].push_back(one(event));
  return Reply(202, body.dump(), Headers{{"content-type", "application/json"}});
}

Reply refused(int status, std::string_view code, std::string_view title, std::string_view detail,
              std::vector<FieldError> items) {
  return Reply(status, problem_json(status, code, title, detail, items, {}),
               Headers{{"content-type", "application/problem+json"}});
}

Reply not_now(const Failure& failure) {
  auto reply = refused(503, "not_now", "Not stored: send it again", failure.detail);
  reply.retry_after = Duration{2s};
  return reply;
}

Reply too_many(const std::string& source, int status) {
  auto reply = refused(status, "too_many_requests", "Too many events from this source",
                       "the limit is sources." + source + ".max_per_second");
  reply.retry_after = Duration{1s};
  return reply;
}

}  // namespace baton::ingress
