#include "gateway/app/renewed.h"

#include <algorithm>

namespace baton::app {
namespace {

bool same_values(const std::vector<Secret>& a, const std::vector<Secret>& b) {
  return std::ranges::equal(
      a, b, [](const Secret& one, const Secret& other) { return one.reveal() == other.reveal(); });
}

bool same_secrets(const sdk::Account& before, const sdk::Account& after) {
  return std::ranges::equal(before.secrets, after.secrets, [](const auto& one, const auto& other) {
    return one.first == other.first && same_values(one.second, other.second);
  });
}

}  // namespace

std::vector<DestinationId> renewed(const sdk::Accounts& before, const sdk::Accounts& after) {
  std::vector<DestinationId> found;
  for (const auto& [id, account] : after) {
    const auto former = before.find(id);
    if (former == before.end()) continue;
    const auto& was = *former->second;
    const bool same = was.base_url == account->base_url && was.settings.all() == account->settings.all() &&
                      same_secrets(was, *account);
    if (!same) found.push_back(id);
  }
  return found;
}

Task<Done> resume_parked(Journal& journal, Clock& clock, std::vector<DestinationId> renewed) {
  if (renewed.empty()) co_return Done{};
  const auto lanes = co_await journal.lanes();
  if (!lanes) co_return lanes.error();
  Batch batch;
  for (const auto& state : *lanes) {
    const bool other = std::ranges::none_of(renewed, [&](const auto& id) { return state.lane == Lane(id); });
    if (other || !is_parked(state)) continue;
    batch.lanes.emplace_back(state.lane, false, "baton", "its configuration was changed", clock.now());
  }
  if (batch.lanes.empty()) co_return Done{};
  const auto committed = co_await journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

}  // namespace baton::app
