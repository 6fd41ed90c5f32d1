#include "gateway/ingress/concerned.h"

#include <set>

#include "gateway/base/json_view.h"

namespace baton::ingress {
namespace {

// Every `id` in what a destination answered: the customer's, their company's, their payments'. An id of
// another kind of object that happens to be the same costs one question to the vendor, and no note.
void collect_ids(JsonView found, std::set<std::string>& ids) {
  if (const auto list = found.list()) {
    for (const auto& one : *list) collect_ids(one, ids);
  }
  if (!found.object()) return;
  if (auto id = found["id"].id(); id && !id->empty()) ids.insert(*std::move(id));
  for (const auto& [name, value] : found.raw()->items()) collect_ids(JsonView(value), ids);
}

}  // namespace

// Vendors tell of every customer whom they have, so the handoffs are not read for each notice.
Task<std::vector<HandoffId>> Concerned::by(WorkspaceId workspace, DestinationId destination,
                                           std::string object) {
  constexpr auto kOld = Duration{10s};
  if (looked_at_ == TimePoint{} || clock_.now() - looked_at_ >= kOld) {
    const auto looked = co_await look();
    if (!looked) co_return looked.error();
  }
  std::vector<HandoffId> handoffs;
  const auto [first, last] = index_.equal_range({std::move(destination), std::move(object)});
  for (auto at = first; at != last; ++at) {
    if (at->second.first == workspace) handoffs.push_back(at->second.second);
  }
  co_return handoffs;
}

Task<Done> Concerned::look() {
  Index index;
  HandoffQuery query;
  query.open_only = true;
  std::size_t seen = 0;
  for (bool more = true; more && seen < kMost;) {
    const auto page = co_await journal_.query(query);
    if (!page) co_return page.error();
    for (const auto& handoff : *page) {
      for (const auto& [destination, part] : handoff.context) {
        std::set<std::string> ids;
        collect_ids(JsonView(part.found), ids);
        for (const auto& id : ids)
          index.emplace(std::pair(destination, id), std::pair(handoff.workspace, handoff.id));
      }
    }
    seen += page->size();
    more = page->size() == static_cast<std::size_t>(query.limit);
    if (more) query.before = page->back().id;
  }
  index_ = std::move(index);
  looked_at_ = clock_.now();
  co_return Done{};
}

}  // namespace baton::ingress
