#include "gateway/handoff/queue_json.h"

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

json instant_or_null(std::optional<TimePoint> at) { return at ? json(to_rfc3339(*at)) : json(nullptr); }

json valid(const std::vector<std::string>& names) {
  auto list = json::array();
  for (const auto& name : names) list.push_back(to_valid_utf8(name));
  return list;
}

std::int64_t seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

json member_json(const Member& member, const Desk& desk, TimePoint now) {
  return json{{"id", to_valid_utf8(member.id)},
              {"name", to_valid_utf8(member.name)},
              {"skills", valid(member.skills)},
              {"languages", valid(member.languages)},
              {"senior", member.senior},
              {"capacity", member.capacity ? json(*member.capacity) : json(nullptr)},
              {"load", desk.load},
              {"presence", name(desk.presence)},
              {"working", member.calendar.is_open(now)}};
}

}  // namespace

json to_json(const Team& team, const Desks& desks, TimePoint now) {
  auto members = json::array();
  std::int64_t working = 0, with_room = 0;
  for (const auto& member : team.members) {
    const auto found = desks.find(member.id);
    const auto desk = found == desks.end() ? Desk() : found->second;
    const bool works = member.calendar.is_open(now);
    const bool room =
        works && desk.presence == Presence::available && desk.load < member.capacity.value_or(kMaxCapacity);
    working += works ? 1 : 0;
    with_room += room ? 1 : 0;
    members.push_back(member_json(member, desk, now));
  }
  const bool open = working > 0;
  return json{{"name", to_valid_utf8(team.name)},
              {"open", open},
              {"opens_at", open ? json(nullptr) : instant_or_null(team.next_open(now))},
              {"off_hours", name(team.off_hours)},
              {"overflow", team.overflow.empty() ? json(nullptr) : json(to_valid_utf8(team.overflow))},
              {"overflow_after_seconds", seconds(team.overflow_after)},
              {"working", working},
              {"with_room", with_room},
              {"members", std::move(members)}};
}

json to_json(const Place& place) {
  return json{{"handoff", place.handoff},
              {"team", to_valid_utf8(place.team)},
              {"position", place.position},
              {"of", place.of},
              {"held", place.held ? json(name(*place.held)) : json(nullptr)},
              {"off_hours", place.off_hours ? json(name(*place.off_hours)) : json(nullptr)},
              {"opens_at", instant_or_null(place.opens_at)}};
}

json to_json(const Offer& offer) {
  return json{{"handoff", offer.handoff},
              {"team", to_valid_utf8(offer.team)},
              {"member", to_valid_utf8(offer.member)},
              {"above_capacity", offer.above_capacity},
              {"missing", valid(offer.missing)},
              {"reason", to_valid_utf8(offer.reason)}};
}

json to_json(const Selection& choice) {
  auto places = json::array(), offers = json::array();
  for (const auto& place : choice.places) places.push_back(to_json(place));
  for (const auto& offer : choice.offers) offers.push_back(to_json(offer));
  return json{{"waiting", std::move(places)}, {"offers", std::move(offers)}};
}

json to_json(const std::optional<WaitRange>& range) {
  if (!range) return "unknown";
  return json{{"low_seconds", seconds(range->low)},
              {"high_seconds", seconds(range->high)},
              {"basis", name(range->basis)},
              {"samples", range->samples}};
}

}  // namespace baton::handoff
