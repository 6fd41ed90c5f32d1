#include "gateway/handoff/queue.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace baton::handoff {
namespace {

using std::chrono::minutes;

// Together with what value and frustration give, never above kMaxHeadStart.
constexpr auto kByPriority = std::to_array<Duration>({minutes{0}, minutes{5}, minutes{15}, minutes{40}});
constexpr Duration kByValue = minutes{10};
constexpr Duration kByFrustration = minutes{10};
static_assert(kByPriority.back() + kByValue + kByFrustration == kMaxHeadStart);

Duration part_of(Duration whole, double share) {
  if (!(share > 0)) return Duration{0};  // also what is not a number
  return Duration{static_cast<Duration::rep>(static_cast<double>(whole.count()) * std::min(share, 1.0))};
}

// The end of the wait after which the team `hop` places down the chain may be asked.
TimePoint reached_at(const Waiting& one, const std::vector<const Team*>& chain, std::size_t hop) {
  auto at = one.since;
  for (std::size_t i = 0; i < hop; ++i) at += chain[i]->overflow_after;
  return at;
}

// Whether somebody of the team may be asked at all, and whether only those with every qualification.
struct Reach {
  bool open = false;
  bool lenient = false;
};

Reach reach_of(const Waiting& one, const std::vector<const Team*>& chain, std::size_t hop, bool home_open,
               TimePoint now) {
  const bool patient = now < one.since + chain.front()->overflow_after;
  if (home_open) return {now >= reached_at(one, chain, hop), !patient};
  // While the own team sleeps, its customers either wait for it or go down the whole chain.
  return {chain.front()->off_hours == OffHours::overflow && hop > 0, true};
}

std::vector<std::string> missing_in(const Member& member, const Waiting& one) {
  std::vector<std::string> missing;
  if (!one.skill.empty() && !has(member.skills, one.skill)) missing.push_back("skill " + one.skill);
  if (!speaks(member, one.language)) missing.push_back("language " + one.language);
  return missing;
}

struct Candidate {
  const Team* team = nullptr;
  const Member* member = nullptr;
  std::size_t hop = 0;
  bool busy = false;
  bool above = false;
  std::vector<std::string> missing;
  bool junior = false;  // a senior was wanted: a preference, for which nobody waits
  std::int64_t load = 0;
  TimePoint last_offer;

  std::int64_t capacity() const { return member->capacity.value_or(kMaxCapacity); }
};

bool better(const Candidate& a, const Candidate& b) {
  const auto before = std::tuple(a.above || a.busy, a.missing.size(), a.junior, a.hop);
  const auto after = std::tuple(b.above || b.busy, b.missing.size(), b.junior, b.hop);
  if (before != after) return before < after;
  const auto left = a.load * b.capacity(),
             right = b.load * a.capacity();  // load / capacity, in whole numbers
  return std::tie(left, a.last_offer, a.member->id) < std::tie(right, b.last_offer, b.member->id);
}

class Round {
 public:
  Round(std::span<const Waiting> waiting, const Desks& desks, const Teams& teams, TimePoint now)
      : desks_(desks), teams_(teams), now_(now) {
    for (const auto& one : waiting) order_.push_back(&one);
    std::ranges::sort(order_, [](const Waiting* a, const Waiting* b) {
      const auto left = a->since - head_start(*a), right = b->since - head_start(*b);
      return std::tie(left, a->since, a->id) < std::tie(right, b->since, b->id);
    });
  }

  Selection run() {
    std::map<std::string_view, std::size_t> sizes;
    for (const auto* one : order_) {
      Place place;
      place.handoff = one->id;
      place.team = one->team;
      place.position = ++sizes[one->team];
      serve(*one, place);
      choice_.places.push_back(std::move(place));
    }
    for (auto& place : choice_.places) place.of = sizes[place.team];
    return std::move(choice_);
  }

 private:
  bool works(const Member& member) {
    const auto known = works_.find(&member);
    if (known != works_.end()) return known->second;
    return works_[&member] = member.calendar.is_open(now_);
  }

  bool is_open(const Team& team) {
    return std::ranges::any_of(team.members, [&](const Member& one) { return works(one); });
  }

  // What all that wait for one team have in common; asking calendars anew for each would cost most of the
  // time.
  struct Home {
    std::vector<const Team*> chain;
    bool open = false;
    std::optional<TimePoint> opens_at;
  };

  const Home& home_of(const std::string& name) {
    const auto known = homes_.find(name);
    if (known != homes_.end()) return known->second;
    auto& home = homes_[name];
    home.chain = overflow_chain(teams_, name);
    if (home.chain.empty()) return home;
    home.open = is_open(*home.chain.front());
    if (!home.open) home.opens_at = home.chain.front()->next_open(now_);
    return home;
  }

  void serve(const Waiting& one, Place& place) {
    const auto& home = home_of(one.team);
    if (home.chain.empty()) {
      place.held = Held::no_team;
      return;
    }
    if (!home.open) {
      place.off_hours = home.chain.front()->off_hours;
      place.opens_at = home.opens_at;
    }
    const auto candidates = in_reach(one, home.chain, home.open);
    const auto best = std::ranges::min_element(candidates, better);
    if (best == candidates.end()) {
      place.held = why_not(*home.chain.front(), home.open);
      return;
    }
    offer(one, *best);
  }

  // Everyone who works, may see it, is qualified enough and has room. Who has passed is among them only
  // if nobody else is here. The flags tell afterwards who was met on the way.
  std::vector<Candidate> in_reach(const Waiting& one, const std::vector<const Team*>& chain, bool open) {
    std::vector<Candidate> found, passed;
    away_ = declined_ = permitted_ = present_ = fresh_ = false;
    for (std::size_t hop = 0; hop < chain.size(); ++hop) {
      const auto reach = reach_of(one, chain, hop, open, now_);
      for (const auto& member : chain[hop]->members) {
        if (!may_see(member, one.sensitive)) continue;
        permitted_ = true;
        if (!reach.open || !works(member)) continue;
        if (one.declined.contains(member.id)) {
          declined_ = true;
          continue;
        }
        Candidate candidate;
        candidate.team = chain[hop];
        candidate.member = &member;
        candidate.hop = hop;
        candidate.missing = missing_in(member, one);
        candidate.junior = one.wants_senior && !member.senior;
        const bool again = one.passed.contains(member.id);
        if (!candidate.missing.empty() && !reach.lenient && somebody_has_all(one, *chain[hop])) continue;
        if (is_away(member)) continue;
        if (!again) fresh_ = true;
        if (has_room(one, candidate)) (again ? passed : found).push_back(std::move(candidate));
      }
    }
    return fresh_ ? found : passed;
  }

  static bool somebody_has_all(const Waiting& one, const Team& team) {
    return std::ranges::any_of(team.members, [&](const Member& member) {
      return may_see(member, one.sensitive) && !one.declined.contains(member.id) &&
             missing_in(member, one).empty();
    });
  }

  Desk desk_of(const Member& member) const {
    const auto found = desks_.find(member.id);
    return found == desks_.end() ? Desk() : found->second;
  }

  bool is_away(const Member& member) {
    const bool away = desk_of(member).presence == Presence::away;
    (away ? away_ : present_) = true;
    return away;
  }

  // Whoever is busy is asked only for what is urgent, and after everybody else.
  bool has_room(const Waiting& one, Candidate& candidate) const {
    const auto desk = desk_of(*candidate.member);
    const auto given = given_.find(candidate.member->id);
    candidate.load = desk.load + (given == given_.end() ? 0 : given->second);
    // Within one round all offers bear the same instant: whoever already got one stands behind.
    candidate.last_offer = given == given_.end() ? desk.last_offer : now_;
    candidate.busy = desk.presence == Presence::busy;
    candidate.above = candidate.load >= candidate.capacity();
    if (candidate.busy) return one.priority == Priority::urgent && !candidate.above;
    return !candidate.above || (one.priority == Priority::urgent && candidate.load == candidate.capacity());
  }

  Held why_not(const Team& home, bool open) const {
    if (!permitted_) return Held::not_permitted;
    if (!open && (home.off_hours != OffHours::overflow || !(present_ || away_ || declined_)))
      return Held::off_hours;
    if (declined_ && !present_ && !away_) return Held::declined;
    return away_ && !present_ ? Held::away : Held::full;
  }

  void offer(const Waiting& one, const Candidate& best) {
    ++given_[best.member->id];
    Offer made;
    made.handoff = one.id;
    made.team = best.team->name;
    made.member = best.member->id;
    made.above_capacity = best.above;
    made.missing = best.missing;
    if (best.junior) made.missing.push_back("senior");
    made.reason = reason(one, best, made.missing);
    choice_.offers.push_back(std::move(made));
  }

  static std::string reason(const Waiting& one, const Candidate& best,
                            const std::vector<std::string>& missing) {
    std::string text = best.hop > 0 ? "overflow from " + one.team : "team " + one.team;
    if (!one.skill.empty() && has(best.member->skills, one.skill)) text += ", has the skill " + one.skill;
    for (const auto& lack : missing) text += ", lacks " + lack;
    text += best.member->capacity ? fmt::format(", holds {} of {}", best.load, *best.member->capacity)
                                  : fmt::format(", holds {}", best.load);
    return best.above ? text + ", above capacity because it is urgent" : text;
  }

  const Desks& desks_;
  const Teams& teams_;
  TimePoint now_;
  std::vector<const Waiting*> order_;
  std::map<const Member*, bool> works_;
  std::map<std::string_view, Home> homes_;
  std::map<std::string_view, std::int64_t> given_;  // in this round, by the member's id
  Selection choice_;
  bool away_ = false, declined_ = false, permitted_ = false, present_ = false, fresh_ = false;
};

// Remembers the earliest instant after `now`.
struct Earliest {
  TimePoint now;
  std::optional<TimePoint> found;
  void add(std::optional<TimePoint> at) {
    if (at && *at > now && (!found || *at < *found)) found = at;
  }
};

}  // namespace

std::optional<Presence> presence_from(std::string_view text) {
  const auto found = std::ranges::find(kPresenceNames, text);
  if (found == kPresenceNames.end()) return std::nullopt;
  return static_cast<Presence>(found - kPresenceNames.begin());
}

Duration head_start(const Waiting& one) {
  return kByPriority[static_cast<std::size_t>(one.priority)] + part_of(kByValue, one.value) +
         part_of(kByFrustration, one.frustration);
}

Selection choose(std::span<const Waiting> waiting, const Desks& desks, const Teams& teams, TimePoint now) {
  return Round(waiting, desks, teams, now).run();
}

std::optional<TimePoint> next_change(std::span<const Waiting> waiting, const Teams& teams, TimePoint now) {
  Earliest earliest{now, std::nullopt};
  std::set<const Team*> concerned;
  std::map<std::string_view, std::vector<const Team*>> chains;
  for (const auto& one : waiting) {
    const auto [chain, fresh] = chains.try_emplace(one.team);
    if (fresh) chain->second = overflow_chain(teams, one.team);
    concerned.insert(chain->second.begin(), chain->second.end());
    // After the last wait nothing opens, but those who lack a skill are asked after the first.
    for (std::size_t hop = 1; hop <= chain->second.size(); ++hop) {
      earliest.add(reached_at(one, chain->second, hop));
    }
  }
  for (const auto* team : concerned) {
    for (const auto& member : team->members) earliest.add(member.calendar.next_change(now));
  }
  return earliest.found;
}

}  // namespace baton::handoff
