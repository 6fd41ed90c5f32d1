#include "gateway/handoff/presence.h"

#include "gateway/base/date.h"

namespace baton::handoff {

nlohmann::json to_json(const Attendance& said, std::string_view by, TimePoint at) {
  nlohmann::json body = {{"presence", name(said.presence)}, {"by", by}, {"at", to_rfc3339(at)}};
  if (said.until) body["until"] = to_rfc3339(*said.until);
  return body;
}

Attendance read_attendance(JsonView body) {
  Attendance said;
  said.presence = presence_from(body["presence"].text()).value_or(Presence::available);
  said.until = parse_rfc3339(body["until"].text());
  return said;
}

Presence presence_at(const Attendance& said, TimePoint now) {
  return said.until && *said.until <= now ? Presence::available : said.presence;
}

}  // namespace baton::handoff
