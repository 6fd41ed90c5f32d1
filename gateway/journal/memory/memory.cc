#include "gateway/journal/memory/memory.h"

#include <algorithm>

#include "gateway/journal/memory/apply.h"
#include "gateway/journal/memory/upkeep.h"

namespace baton {
namespace {

Failure unknown(const HandoffId& handoff) {
  return Failure(FailureKind::rejected, "there is no handoff " + handoff.text);
}

template <class T>
bool within(const T& at, const std::optional<T>& from, const std::optional<T>& to) {
  return (!from || at >= *from) && (!to || at < *to);
}

bool matches(const Handoff& handoff, const HandoffQuery& query) {
  return (!query.workspace || handoff.workspace == *query.workspace) &&
         (!query.conversation || handoff.conversation == *query.conversation) &&
         (query.own || query.conversation || query.object || !is_own(handoff.conversation)) &&
         (!query.state || handoff.state == *query.state) && (!query.open_only || is_open(handoff.state)) &&
         within(handoff.requested_at, query.from, query.to);
}

bool matches(const Job& job, const JobQuery& query) {
  const auto* operation = std::get_if<Operation>(&job.key.work);
  return (!query.state || job.state == *query.state) && (!query.lane || job.key.lane == *query.lane) &&
         (!query.operation || (operation && *operation == *query.operation)) &&
         (!query.handoff || job.key.handoff == *query.handoff) &&
         (!query.failure || (job.failure && job.failure->kind == *query.failure)) &&
         within(job.created_at, query.from, query.to);
}

// The handoffs, by creation, that a query can mean at all; nullopt: any.
std::optional<std::set<std::uint64_t>> candidates(const MemoryStore& store, const HandoffQuery& query) {
  if (query.object) {
    std::set<std::uint64_t> created;
    const auto found = store.objects.find(*query.object);
    if (found == store.objects.end()) return created;
    for (const auto position : found->second) {
      created.insert(store.handoffs.at(store.jobs.at(position).job.key.handoff).created);
    }
    return created;
  }
  if (!query.conversation) return std::nullopt;
  std::set<std::uint64_t> created;
  auto row = store.conversations.lower_bound({*query.conversation, WorkspaceId()});
  for (; row != store.conversations.end() && row->first.first == *query.conversation; ++row) {
    for (const auto& id : row->second.handoffs) created.insert(store.handoffs.at(id).created);
  }
  return created;
}

}  // namespace

int MemoryStore::rows(const HandoffId& handoff) const {
  const auto row = handoffs.find(handoff);
  if (row == handoffs.end()) return 0;
  return static_cast<int>(1 + row->second.facts.size() + row->second.jobs.size());
}

void MemoryStore::end_leases() {
  for (auto& [position, row] : jobs) row.lease = {};
  std::int64_t last = 0;
  for (const auto& [id, row] : handoffs) last = std::max(last, row.turn);
  plan_order = PlanOrder(last);
}

Task<Committed> MemoryJournal::commit(Batch batch) {
  auto committed = judge(store_, batch);
  if (committed.done()) {
    const auto lanes = concerned_by(batch);
    for (const auto& one : batch.documents) store_.document_times[{one.kind, one.key}] = clock_.now();
    apply(store_, std::move(batch));
    bells_.ring(lanes);
  }
  co_return committed;
}

Task<Claim> MemoryJournal::claim(Lane lane, int limit, Duration lease, Take only) {
  Claim claim;
  const auto now = clock_.now();
  const auto lane_row = store_.places.find(lane);
  if (lane_row == store_.places.end()) co_return claim;
  const auto& places = lane_row->second;
  for (const int rank : {0, 1}) {
    if (rank == 1 && only == Take::reads) break;
    if (rank == 0 && only == Take::ahead) continue;
    auto next = places.lower_bound({rank, TimePoint::min(), 0});
    for (; next != places.end() && std::get<int>(next->first) == rank; ++next) {
      const auto due = claimable_at(std::get<TimePoint>(next->first), lane, only, now);
      if (std::max(due, now) >= claim.next) break;  // what follows is neither free nor sooner
      const auto ready = std::max(due, store_.jobs.at(next->second).lease.until);
      if (ready > now || std::ssize(claim.jobs) >= limit) {
        claim.next = std::min(claim.next, std::max(ready, now));
        continue;
      }
      claim.jobs.push_back(hand_out(next->second, lease));
      claim.next = std::min(claim.next, now + lease);
    }
  }
  co_return claim;
}

Claimed MemoryJournal::hand_out(std::uint64_t position, Duration lease) {
  auto& row = store_.jobs.at(position);
  row.lease = Lease{++store_.last_number, clock_.now() + lease};
  const auto& handoff = store_.handoffs.at(row.job.key.handoff);
  Claimed claimed(row.job, row.lease, handoff.handoff);
  if (!std::holds_alternative<Upkeep>(row.job.key.work)) return claimed;
  if (handoff.turn != 0) store_.plan_order.handed_out(handoff.turn);
  for (const auto order : handoff.news) {
    if (const auto fact = store_.facts.find(order); fact != store_.facts.end()) {
      claimed.unconsumed.push_back(fact->second.fact);
      continue;
    }
    const auto& job = store_.jobs.at(store_.ended.at(order)).job;
    auto& fact = claimed.unconsumed.emplace_back(job.ended_at.value_or(clock_.now()), job);
    fact.order = order;
  }
  return claimed;
}

Task<Record> MemoryJournal::load(HandoffId handoff) {
  const auto found = store_.handoffs.find(handoff);
  if (found == store_.handoffs.end()) co_return unknown(handoff);
  Record record(*found->second.handoff);
  for (const auto order : found->second.facts) record.facts.push_back(store_.facts.at(order).fact);
  for (const auto position : found->second.jobs) record.jobs.push_back(store_.jobs.at(position).job);
  co_return record;
}

Task<std::vector<Handoff>> MemoryJournal::query(HandoffQuery query) {
  auto before = UINT64_MAX;
  if (!query.before.empty()) {
    const auto found = store_.handoffs.find(query.before);
    if (found == store_.handoffs.end()) co_return unknown(query.before);
    before = found->second.created;
  }
  std::vector<Handoff> handoffs;
  const auto take = [&](std::uint64_t created) {
    if (created >= before) return;
    const auto& handoff = *store_.handoffs.at(store_.by_creation.at(created)).handoff;
    if (std::ssize(handoffs) < query.limit && matches(handoff, query)) handoffs.push_back(handoff);
  };
  if (const auto some = candidates(store_, query)) {
    for (auto created = some->rbegin(); created != some->rend(); ++created) take(*created);
  } else {
    auto row = store_.by_creation.rbegin();
    for (; row != store_.by_creation.rend() && std::ssize(handoffs) < query.limit; ++row) take(row->first);
  }
  co_return handoffs;
}

Task<OutlinePage> MemoryJournal::query(OutlineQuery query) {
  HandoffQuery which;
  which.from = query.from;
  which.to = query.to;
  OutlinePage page;
  std::uint64_t last = query.before;
  const auto before = query.before == 0 ? UINT64_MAX : query.before;
  for (auto row = std::make_reverse_iterator(store_.by_creation.lower_bound(before));
       row != store_.by_creation.rend(); ++row) {
    const auto& handoff = *store_.handoffs.at(row->second).handoff;
    if (!matches(handoff, which)) continue;
    if (std::ssize(page.outlines) >= query.limit) {
      page.next = last;
      break;
    }
    page.outlines.emplace_back(handoff);
    last = row->first;
  }
  co_return page;
}

Task<JobPage> MemoryJournal::query(JobQuery query) {
  JobPage page;
  std::uint64_t last = query.after;
  for (auto row = store_.jobs.upper_bound(query.after); row != store_.jobs.end(); ++row) {
    if (!matches(row->second.job, query)) continue;
    if (std::ssize(page.jobs) >= query.limit) {
      page.next = last;
      break;
    }
    page.jobs.push_back(row->second.job);
    last = row->first;
  }
  co_return page;
}

Task<std::uint64_t> MemoryJournal::count(JobQuery query) {
  std::uint64_t count = 0;
  for (auto row = store_.jobs.upper_bound(query.after); row != store_.jobs.end(); ++row) {
    if (matches(row->second.job, query)) ++count;
  }
  co_return count;
}

Task<std::vector<LaneState>> MemoryJournal::lanes() {
  std::vector<LaneState> lanes;
  for (const auto& [lane, state] : store_.lanes) lanes.push_back(state);
  co_return lanes;
}

Task<std::vector<Document>> MemoryJournal::query(DocumentQuery query) {
  std::vector<Document> found;
  auto row = store_.documents.lower_bound({query.kind, std::max(query.prefix, query.after)});
  for (; row != store_.documents.end() && std::ssize(found) < query.limit; ++row) {
    const auto& [kind, key] = row->first;
    if (kind != query.kind || !key.starts_with(query.prefix)) break;
    if (query.after.empty() || key > query.after) found.push_back(row->second);
  }
  co_return found;
}

Task<std::vector<AuditEntry>> MemoryJournal::audit(int limit) {
  const auto count = std::min<std::size_t>(store_.audit.size(), static_cast<std::size_t>(std::max(limit, 0)));
  co_return std::vector<AuditEntry>(store_.audit.rbegin(),
                                    store_.audit.rbegin() + static_cast<std::ptrdiff_t>(count));
}

Task<Swept> MemoryJournal::sweep(Cutoffs before, SweepPlace from, int limit) {
  co_return baton::sweep(store_, before, from, limit);
}

Task<Erased> MemoryJournal::erase(Person person) { co_return baton::erase(store_, person, clock_.now()); }

}  // namespace baton
