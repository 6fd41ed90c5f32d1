// Purpose: whether a member of a team is there, as they said: what is kept of it, and how it reads. Pure.
// Owner: whoever takes it (the API, a vendor's command) writes a document of kPresenceKind under the member's
// id; the planner's board reads them. Threads: any. Units: instants RFC 3339 in the document.
// Errors: what cannot be read is `available`: whoever is not known to be away is asked.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/handoff/queue.h"

namespace baton::handoff {

inline constexpr std::string_view kPresenceKind = "presence";

// Until then; after it the member is available again.
struct Attendance {
  Presence presence = Presence::available;
  std::optional<TimePoint> until;
};

nlohmann::json to_json(const Attendance& said, std::string_view by, TimePoint at);
Attendance read_attendance(JsonView body);
Presence presence_at(const Attendance& said, TimePoint now);

}  // namespace baton::handoff
