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

constexpr std::size_t kMostGroups = 1000;  // what an event may name is without end
constexpr auto kOthers = "(others)";

std::optional<TimePoint> entered(const Handoff& handoff, State state) {
  for (const auto& passage : handoff.passages) {
    if (passage.state == state) return passage.at;
  }
  return std::nullopt;
}

std::string property(const Handoff& handoff, By by) {
  const JsonView data(handoff.data);
  switch (by) {
    case By::nothing: return {};
    case By::team: return handoff.route.team;
    case By::category: return data.at_path("intent.category").text(data.at_path("intent.name").text());
    case By::rule: return handoff.route.rule;
    case By::channel: return data.at_path("conversation.channel").text();
    case By::priority: return std::string(name(handoff.priority));
    case By::trigger: return data.at_path("reason.trigger").text();
    case By::day: return to_rfc3339(handoff.requested_at).substr(0, 10);
  }
  return {};
}

std::optional<std::uint64_t> customer_of(const Handoff& handoff) {
  const auto customer = JsonView(handoff.data)["customer"];
  const auto id = customer["id"].text(customer["email"].text());
  if (id.empty()) return std::nullopt;
  return std::hash<std::string>{}(handoff.workspace.text + "\n" + id);
}

// How often a claim was given up.
std::uint64_t lost_claims(const Handoff& handoff) {
  std::uint64_t lost = 0;
  bool held = false;
  for (const auto& passage : handoff.passages) {
    lost += held && passage.state == State::waiting;
    held = passage.state == State::claimed || passage.state == State::active;
  }
  return lost;
}

void add_times(Figures& to, const Handoff& handoff) {
  const auto claimed = entered(handoff, State::claimed), active = entered(handoff, State::active),
             resolved = entered(handoff, State::resolved), cancelled = entered(handoff, State::cancelled);
  if (claimed) {
    ++to.claimed;
    to.to_claim.add(*claimed - handoff.requested_at);
  }
  if (active && claimed) to.to_reply.add(*active - handoff.requested_at);
  if (resolved) {
    ++to.resolved;
    to.to_resolution.add(*resolved - handoff.requested_at);
  }
  to.cancelled += cancelled.has_value();
  to.abandoned += cancelled && !claimed;
  to.open += is_open(handoff.state);
  to.lost_claims += lost_claims(handoff);
}

void add_one(Figures& to, const Handoff& handoff, std::optional<Duration> came_back) {
  ++to.handoffs;
  add_times(to, handoff);
  to.back_in_7d += came_back && *came_back <= std::chrono::days(7);
  to.back_in_14d += came_back && *came_back <= std::chrono::days(14);
  for (const auto& [destination, part] : handoff.context) {
    ++to.parts;
    to.parts_present += part.part == Part::present;
  }
  for (const auto& said : handoff.feedback) ++to.faults[said.fault];
}

json to_json(const Spread& spread) {
  if (spread.count() == 0) return {{"count", 0}};
  return {{"count", spread.count()},
          {"p50_ms", spread.at(0.5).count()},
          {"p90_ms", spread.at(0.9).count()},
          {"p99_ms", spread.at(0.99).count()}};
}

// Of nothing there is no share.
json share(std::uint64_t part, std::uint64_t of) {
  if (of == 0) return nullptr;
  return std::round(1000.0 * static_cast<double>(part) / static_cast<double>(of)) / 1000.0;
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
          {"lost_claims", figures.lost_claims},
          {"back_in_7d", share(figures.back_in_7d, figures.handoffs)},
          {"back_in_14d", share(figures.back_in_14d, figures.handoffs)},
          {"context_completeness", share(figures.parts_present, figures.parts)},
          {"feedback", std::move(faults)},
          {"time_to_claim", to_json(figures.to_claim)},
          {"time_to_first_reply", to_json(figures.to_reply)},
          {"time_to_resolution", to_json(figures.to_resolution)}};
}

}  // namespace

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

Figures& Measure::group_of(const Handoff& handoff) {
  auto name = property(handoff, by_);
  if (name.empty()) name = "(none)";
  if (const auto known = groups_.find(name); known != groups_.end()) return known->second;
  return groups_[groups_.size() < kMostGroups ? name : kOthers];
}

void Measure::add(const Handoff& handoff) {
  std::optional<Duration> came_back;
  if (const auto customer = customer_of(handoff)) {
    const auto [seen, first] = last_seen_.try_emplace(*customer, handoff.requested_at);
    if (!first) came_back = std::exchange(seen->second, handoff.requested_at) - handoff.requested_at;
  }
  add_one(all_, handoff, came_back);
  if (by_ != By::nothing) add_one(group_of(handoff), handoff, came_back);
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
    groups.push_back(std::move(one));
  }
  return {
      {"by", kByNames[static_cast<std::size_t>(by_)]}, {"all", to_json(all_)}, {"groups", std::move(groups)}};
}

}  // namespace baton::handoff
