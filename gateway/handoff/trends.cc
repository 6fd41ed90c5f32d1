#include "gateway/handoff/trends.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace baton::handoff {
namespace {

using nlohmann::json;

constexpr std::size_t kMostTopics = 1000, kMostAccounts = 1'000'000, kMostNamed = 10'000, kMostShown = 20;
constexpr std::uint32_t kEnough = 3;  // handoffs of an account before it is looked at
constexpr std::uint32_t kEnoughOfTopic = 5;
constexpr std::uint64_t kEnoughForGaps = 20;  // below it three of ten say nothing

double part(std::uint32_t count, std::uint32_t of) {
  return of == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of);
}

}  // namespace

json share(std::uint64_t part, std::uint64_t of) {
  if (of == 0) return nullptr;
  return std::round(1000.0 * static_cast<double>(part) / static_cast<double>(of)) / 1000.0;
}

int Trends::period_of(TimePoint at) const {
  if (at < periods_.begin || at >= periods_.end) return 0;
  return at < periods_.middle ? -1 : 1;
}

void Trends::add(const Outline& handoff) {
  const int period = period_of(handoff.requested_at);
  const auto category =
      handoff.category.empty() ? std::string_view("(none)") : std::string_view(handoff.category);
  auto topic = topics_.find(category);
  if (topic == topics_.end() && topics_.size() < kMostTopics)
    topic = topics_.try_emplace(std::string(category)).first;
  if (topic != topics_.end()) {
    auto& [counts, handoffs] = topic->second;
    ++handoffs;
    counts.earlier += period < 0;
    counts.later += period > 0;
  }
  all_.earlier += period < 0;
  all_.later += period > 0;
  if (period != 0) add_account(handoff, period);
}

void Trends::add_account(const Outline& handoff, int period) {
  const auto& account = handoff.account;
  if (account.empty()) return;
  const auto hash = std::hash<std::string>{}(account);
  const auto found = accounts_.find(hash);
  if (found == accounts_.end() && accounts_.size() == kMostAccounts) return;
  auto& counts = found == accounts_.end() ? accounts_[hash] : found->second;
  ++(period < 0 ? counts.earlier : counts.later);
  if (counts.later == kEnough && period > 0 && names_.size() < kMostNamed) names_[hash] = account;
}

// Better: a smaller part of all handoffs than before, for the number of all of them goes up and down.
json Trends::topics(std::uint64_t all) const {
  std::vector<const std::pair<const std::string, Topic>*> order;
  for (const auto& topic : topics_) order.push_back(&topic);
  std::ranges::sort(order, [](const auto* a, const auto* b) {
    return a->second.handoffs != b->second.handoffs ? a->second.handoffs > b->second.handoffs
                                                    : a->first < b->first;
  });
  if (order.size() > kMostShown) order.resize(kMostShown);
  auto list = json::array();
  for (const auto* one : order) {
    const auto& [counts, handoffs] = one->second;
    json improved;
    if (counts.earlier >= kEnoughOfTopic)
      improved = part(counts.later, all_.later) < part(counts.earlier, all_.earlier);
    list.push_back({{"category", one->first},
                    {"handoffs", handoffs},
                    {"share", share(handoffs, all)},
                    {"earlier", counts.earlier},
                    {"later", counts.later},
                    {"gap", all >= kEnoughForGaps && one->second.handoffs * 10 >= all * 3},
                    {"improved", std::move(improved)}});
  }
  return list;
}

json Trends::accounts_rising() const {
  std::vector<std::pair<Counts, std::string>> rising;
  for (const auto& [hash, name] : names_) {
    const auto& counts = accounts_.at(hash);
    if (counts.later >= 2 * counts.earlier) rising.emplace_back(counts, name);
  }
  std::ranges::sort(rising, [](const auto& a, const auto& b) {
    return a.first.later != b.first.later ? a.first.later > b.first.later : a.second < b.second;
  });
  if (rising.size() > kMostShown) rising.resize(kMostShown);
  auto list = json::array();
  for (const auto& [counts, name] : rising)
    list.push_back({{"account", name}, {"earlier", counts.earlier}, {"later", counts.later}});
  return list;
}

}  // namespace baton::handoff
