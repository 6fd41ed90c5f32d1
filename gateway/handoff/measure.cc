#include "gateway/handoff/measure.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

constexpr std::size_t kMostReported = 1000;  // what an event may name is without end
constexpr auto kOthers = "(others)";
constexpr Duration kPatience = std::chrono::minutes(3);  // after it customers give up (S141)
constexpr std::size_t kMostDoubts = 20;
constexpr std::size_t kMostKinds = 50;
constexpr std::pair kUsualRate = {0.15, 0.25};  // of all conversations (S140)

std::optional<TimePoint> entered(const Outline& handoff, State state) {
  for (const auto& passage : handoff.passages) {
    if (passage.state == state) return passage.at;
  }
  return std::nullopt;
}

std::string property(const Outline& handoff, By by) {
  switch (by) {
    case By::nothing: return {};
    case By::team: return handoff.team;
    case By::category: return handoff.category;
    case By::rule: return handoff.rule;
    case By::channel: return handoff.channel;
    case By::priority: return std::string(name(handoff.priority));
    case By::trigger: return handoff.trigger;
    case By::day: return to_rfc3339(handoff.requested_at).substr(0, 10);
    case By::language: return handoff.language;
    case By::segment: return handoff.tier;
    case By::pilot: return handoff.pilot;
    case By::product: return handoff.product;
  }
  return {};
}

std::optional<std::uint64_t> customer_digest(const Outline& handoff) {
  if (handoff.customer.empty()) return std::nullopt;
  return std::hash<std::string>{}(handoff.workspace.text + "\n" + handoff.customer);
}

// How often a claim was given up.
std::uint64_t lost_claims(const Outline& handoff) {
  std::uint64_t lost = 0;
  bool held = false;
  for (const auto& passage : handoff.passages) {
    lost += held && passage.state == State::waiting;
    held = passage.state == State::claimed || passage.state == State::active;
  }
  return lost;
}

void add_times(Figures& to, const Outline& handoff) {
  const auto claimed = entered(handoff, State::claimed), active = entered(handoff, State::active),
             resolved = entered(handoff, State::resolved), cancelled = entered(handoff, State::cancelled);
  if (claimed) {
    ++to.claimed;
    to.to_claim.add(*claimed - handoff.requested_at);
    to.in_patience += *claimed - handoff.requested_at <= kPatience;
    if (resolved && *resolved >= *claimed) to.handling.add(*resolved - *claimed);
  }
  if (active && claimed) to.to_reply.add(*active - handoff.requested_at);
  if (resolved) {
    ++to.resolved;
    to.to_resolution.add(*resolved - handoff.requested_at);
  }
  to.cancelled += cancelled.has_value();
  to.abandoned += cancelled && !claimed;
  to.left_after_claim += cancelled && claimed;
  to.open += is_open(handoff.state);
  to.lost_claims += lost_claims(handoff);
}

// Of several ratings of one part the last counts.
void add_ratings(Figures& to, const Outline& handoff) {
  const Outline::Opinion *of_ai = nullptr, *of_human = nullptr;
  for (const auto& rating : handoff.ratings) (rating.phase == "ai" ? of_ai : of_human) = &rating;
  if (of_ai) to.before_handover.add(of_ai->scale, of_ai->score);
  if (of_human) to.handed_over.add(of_human->scale, of_human->score);
}

void add_feelings(Figures& to, const Feelings& felt) {
  constexpr double kNoticeable = 0.1;
  const auto& [before, after_claim, at_end] = felt;
  if (before) to.before.add(*before);
  if (after_claim) to.after_claim.add(*after_claim);
  if (at_end) to.at_end.add(*at_end);
  to.fell_in_transfer += before && after_claim && *after_claim < *before - kNoticeable;
}

// After how long the customer asked again, and whether about the same.
struct Again {
  Duration after{};
  bool same = false;
};

void add_repetition(Figures& to, const Outline& handoff) {
  if (handoff.replies == 0) return;
  ++to.answered;
  to.repeated += !handoff.asked_again.empty();
  for (const auto& kind : handoff.asked_again) {
    const bool known = to.asked_again.contains(kind) || to.asked_again.size() < kMostKinds;
    ++to.asked_again[known ? kind : kOthers];
  }
}

void add_one(Figures& to, const Outline& handoff, const Feelings& felt, const std::optional<Again>& again) {
  ++to.handoffs;
  add_times(to, handoff);
  const bool in_7d = again && again->after <= std::chrono::days(7),
             in_14d = again && again->after <= std::chrono::days(14);
  to.back_in_7d += in_7d;
  to.back_in_14d += in_14d;
  to.same_in_7d += in_7d && again->same;
  to.same_in_14d += in_14d && again->same;
  to.explicit_requests += handoff.trigger == "explicit_request";
  to.parts += static_cast<std::uint64_t>(handoff.parts);
  to.parts_present += static_cast<std::uint64_t>(handoff.parts_present);
  for (const auto& fault : handoff.faults) ++to.faults[fault];
  add_repetition(to, handoff);
  to.bounced += handoff.bounces > 0;
  add_ratings(to, handoff);
  add_feelings(to, felt);
}

json to_json(const Spread& spread) {
  if (spread.count() == 0) return {{"count", 0}};
  return {{"count", spread.count()},
          {"p50_ms", spread.at(0.5).count()},
          {"p90_ms", spread.at(0.9).count()},
          {"p99_ms", spread.at(0.99).count()}};
}

json to_json(const Average& average) {
  if (average.count == 0) return nullptr;
  return std::round(100.0 * average.total / static_cast<double>(average.count)) / 100.0;
}

// The AI's share of what was solved stands beside how satisfied people were with it: alone it would be a
// number to push.
json to_json(const AiAlone& ai, const Figures& figures) {
  const auto& [resolved, alone] = ai;
  const auto whole = resolved == 0 ? 0 : resolved + figures.handoffs;  // where nobody tells, nothing is known
  json delta;
  if (alone.count > 0 && figures.handed_over.count > 0)
    delta = std::round(1000.0 * (figures.handed_over.total / static_cast<double>(figures.handed_over.count) -
                                 alone.total / static_cast<double>(alone.count))) /
            1000.0;
  return {{"resolved", resolved},
          {"resolution_rate", share(resolved, whole)},
          {"handoff_rate", share(figures.handoffs, whole)},
          {"usual_handoff_rate", {{"from", kUsualRate.first}, {"to", kUsualRate.second}}},
          {"satisfaction", to_json(alone)},
          {"satisfaction_delta", std::move(delta)}};
}

json repetition_json(const Figures& figures) {
  auto kinds = json::object();
  for (const auto& [kind, count] : figures.asked_again) kinds[kind] = count;
  return {{"answered", figures.answered},
          {"handoffs", figures.repeated},
          {"share", share(figures.repeated, figures.answered)},
          {"kinds", std::move(kinds)}};
}

json to_json(const Figures& figures) {
  auto faults = json::object();
  for (const auto& [fault, count] : figures.faults) faults[fault] = count;
  return {{"handoffs", figures.handoffs},
          {"open", figures.open},
          {"claimed", figures.claimed},
          {"resolved", figures.resolved},
          {"cancelled", figures.cancelled},
          {"abandoned", figures.abandoned},
          {"abandonment", share(figures.abandoned, figures.handoffs)},
          {"left_after_claim", figures.left_after_claim},
          {"lost_claims", figures.lost_claims},
          {"bounced", figures.bounced},
          {"satisfaction", to_json(figures.handed_over)},
          {"satisfaction_before_handover", to_json(figures.before_handover)},
          {"sentiment",
           {{"before", to_json(figures.before)},
            {"after_claim", to_json(figures.after_claim)},
            {"at_end", to_json(figures.at_end)},
            {"fell_in_transfer", figures.fell_in_transfer}}},
          {"back_in_7d", share(figures.back_in_7d, figures.handoffs)},
          {"back_in_14d", share(figures.back_in_14d, figures.handoffs)},
          {"same_issue_in_7d", share(figures.same_in_7d, figures.handoffs)},
          {"same_issue_in_14d", share(figures.same_in_14d, figures.handoffs)},
          {"claimed_within_3min", share(figures.in_patience, figures.handoffs)},
          {"explicit_requests", share(figures.explicit_requests, figures.handoffs)},
          {"context_completeness", share(figures.parts_present, figures.parts)},
          {"feedback", std::move(faults)},
          {"asked_again", repetition_json(figures)},
          {"time_to_claim", to_json(figures.to_claim)},
          {"time_to_first_reply", to_json(figures.to_reply)},
          {"time_to_resolution", to_json(figures.to_resolution)},
          {"handle_time", to_json(figures.handling)}};
}

std::optional<double> change(std::optional<double> now, std::optional<double> earlier) {
  if (!now || !earlier) return std::nullopt;
  return std::round(1000.0 * (*now - *earlier)) / 1000.0;
}

// Of everybody who rated, those with the AI alone and those handed over.
std::optional<double> satisfied_of_all(JsonView whole) {
  double satisfied = 0;
  std::int64_t count = 0;
  for (const auto rated : {whole["satisfaction"], whole["ai"]["satisfaction"]}) {
    const auto some = rated["count"].integer().value_or(0);
    count += some;
    satisfied += rated["satisfied"].number().value_or(0) * static_cast<double>(some);
  }
  return count == 0 ? std::nullopt : std::optional(satisfied / static_cast<double>(count));
}

}  // namespace

Feelings feelings_of(const Outline& handoff) {
  Feelings found;
  if (handoff.feelings.empty()) return found;
  const auto claimed = entered(handoff, State::claimed);
  const auto resolved = entered(handoff, State::resolved);
  TimePoint first;
  std::multimap<TimePoint, double> all;  // keeps the order of equal instants
  for (const auto& felt : handoff.feelings) all.emplace(felt.at, felt.score);
  for (const auto& [at, score] : all) {
    if (at <= handoff.requested_at) found.before = score;
    if (!claimed || at < *claimed || at <= handoff.requested_at) continue;
    if (!found.after_claim) {
      found.after_claim = score;
      first = at;
    }
    if (resolved && at > first) found.at_end = score;
  }
  return found;
}

std::optional<By> by_from(std::string_view text) {
  const auto found = std::ranges::find(kByNames, text);
  if (found == kByNames.end()) return std::nullopt;
  return static_cast<By>(found - kByNames.begin());
}

void Spread::add(Duration time) {
  const auto ms = static_cast<double>(std::max<Duration::rep>(time.count(), 1));
  const auto step = static_cast<std::size_t>(std::log2(ms) * kSteps);
  ++buckets_[std::min(step, buckets_.size() - 1)];
  ++count_;
}

Duration Spread::at(double part) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1))
      return Duration(std::llround(std::exp2((static_cast<double>(i) + 0.5) / kSteps)));
  }
  return Duration{0};
}

Figures& Measure::group_of(const Outline& handoff) {
  auto name = property(handoff, by_);
  if (name.empty()) name = "(none)";
  if (const auto known = groups_.find(name); known != groups_.end()) return known->second;
  return groups_[groups_.size() < kMostReported ? name : kOthers];
}

void Measure::add(const Outline& handoff) {
  std::optional<Again> again;
  if (const auto customer = customer_digest(handoff)) {
    const auto hash = static_cast<std::uint32_t>(std::hash<std::string>{}(handoff.category));
    const Seen now{handoff.requested_at, hash};
    const auto [seen, first] = last_seen_.try_emplace(*customer, now);
    if (!first) {
      const auto later = std::exchange(seen->second, now);
      again = Again{later.at - now.at, !handoff.category.empty() && later.category == hash};
    }
  }
  trends_.add(handoff);
  const auto felt = feelings_of(handoff);
  note_doubts(handoff, felt);
  add_one(all_, handoff, felt, again);
  if (by_ != By::nothing) add_one(group_of(handoff), handoff, felt, again);
}

// What agents found unnecessary or late, and customers whom the AI kept until they were very unhappy.
void Measure::note_doubts(const Outline& handoff, const Feelings& felt) {
  constexpr double kVeryUnhappy = -0.6;
  const auto keep = [&](std::vector<Doubtful>& list, std::string why) {
    if (list.size() < kMostDoubts) list.push_back({handoff.id.text, handoff.rule, std::move(why)});
  };
  for (const auto& fault : handoff.faults) {
    if (fault == "false_escalation" || fault == "too_early") return keep(unnecessary_, fault);
    if (fault == "too_late") return keep(kept_too_long_, fault);
  }
  if (kept_too_long_.size() == kMostDoubts) return;
  if (felt.before && *felt.before <= kVeryUnhappy) keep(kept_too_long_, "very unhappy before the handoff");
}

json Measure::doubts_json(const std::vector<Doubtful>& list) {
  auto all = json::array();
  for (const auto& [id, rule, why] : list) all.push_back({{"handoff", id}, {"rule", rule}, {"why", why}});
  return all;
}

void Measure::add(std::string_view pilot, const AiAlone& alone) {
  ai_.add(alone);
  if (by_ != By::pilot) return;
  const std::string arm(pilot.empty() ? "(none)" : pilot);
  if (ai_by_pilot_.contains(arm) || ai_by_pilot_.size() < kMostReported) ai_by_pilot_[arm].add(alone);
}

json Measure::whole() const {
  auto all = to_json(all_);
  all["ai"] = to_json(ai_, all_);
  return all;
}

json compared(const json& now, const json& earlier) {
  constexpr double kNoticeable = 0.01;
  const auto rate =
      change(JsonView(now)["ai"]["handoff_rate"].number(), JsonView(earlier)["ai"]["handoff_rate"].number());
  const auto satisfied = change(satisfied_of_all(now), satisfied_of_all(earlier));
  json reading;
  if (rate && satisfied && *rate <= -kNoticeable) reading = *satisfied <= -kNoticeable ? "worse" : "better";
  else if (rate && satisfied && *satisfied <= -kNoticeable) reading = "worse";
  else if (rate && satisfied && *satisfied >= kNoticeable) reading = "better";
  else if (rate && satisfied) reading = "same";
  json all = {{"handoff_rate", nullptr}, {"satisfied", nullptr}, {"reading", std::move(reading)}};
  if (rate) all["handoff_rate"] = *rate;
  if (satisfied) all["satisfied"] = *satisfied;
  return all;
}

json Measure::figures() const {
  std::vector<const std::pair<const std::string, Figures>*> order;
  for (const auto& group : groups_) order.push_back(&group);
  if (by_ != By::day) {  // days stand in their own order
    std::ranges::sort(order, [](const auto* a, const auto* b) {
      return a->second.handoffs != b->second.handoffs ? a->second.handoffs > b->second.handoffs
                                                      : a->first < b->first;
    });
  }
  auto groups = json::array();
  for (const auto* group : order) {
    auto one = to_json(group->second);
    one["name"] = group->first;
    if (const auto ai = ai_by_pilot_.find(group->first); ai != ai_by_pilot_.end())
      one["ai"] = to_json(ai->second, group->second);
    groups.push_back(std::move(one));
  }
  return {{"by", kByNames[static_cast<std::size_t>(by_)]},
          {"all", to_json(all_)},
          {"groups", std::move(groups)},
          {"ai", to_json(ai_, all_)},
          {"topics", trends_.topics(all_.handoffs)},
          {"accounts_rising", trends_.accounts_rising()},
          {"calibration",
           {{"unnecessary", doubts_json(unnecessary_)}, {"kept_too_long", doubts_json(kept_too_long_)}}}};
}

}  // namespace baton::handoff
