#include <algorithm>
#include <set>

#include "gateway/base/mutant.h"
#include "gateway/journal/memory/apply.h"

namespace baton {
namespace {

using Store = MemoryStore;

Committed stale() { return Committed(Verdict::stale); }

const Store::JobRow* find(const Store& store, const JobKey& key) {
  const auto position = store.positions.find(key);
  return position == store.positions.end() ? nullptr : &store.jobs.at(position->second);
}

bool exists(const Store& store, const Batch& batch, const HandoffId& handoff) {
  return store.handoffs.contains(handoff) || (batch.opens && batch.opens->id == handoff);
}

// The fact that is there already, in the store or earlier in the batch.
std::optional<Committed> known_fact(const Store& store, const Batch& batch) {
  std::map<std::string_view, const NewFact*> earlier;
  for (const auto& added : batch.facts) {
    Committed known(Verdict::fact_known);
    if (const auto order = store.fact_orders.find(added.key); order != store.fact_orders.end()) {
      const auto& row = store.facts.at(order->second);
      known.handoff = row.handoff;
      known.digest = row.digest;
      return known;
    }
    const auto [other, is_new] = earlier.emplace(added.key, &added);
    if (is_new) continue;
    known.handoff = other->second->handoff;
    known.digest = other->second->digest;
    return known;
  }
  return std::nullopt;
}

const Store::ConversationRow* conversation_of(const Store& store, const Handoff& handoff) {
  const auto found = store.conversations.find({handoff.conversation, handoff.workspace});
  return found == store.conversations.end() ? nullptr : &found->second;
}

bool moves_well(const Store& store, const Batch& batch) {
  const auto& moved = *batch.moves;
  if (batch.opens && batch.opens->id == moved.id) return moved.version == 0;
  const auto row = store.handoffs.find(moved.id);
  if (row == store.handoffs.end() || row->second.handoff->version != moved.version) return false;
  if (!is_open(moved.state) || is_open(row->second.handoff->state)) return true;
  // Reopened: its conversation may have gone on with another one.
  const auto& now = *row->second.handoff;
  const bool opens_here = batch.opens && is_open(batch.opens->state) &&
                          batch.opens->conversation == now.conversation &&
                          batch.opens->workspace == now.workspace;
  return conversation_of(store, now)->open.empty() && !opens_here;
}

bool consumes_well(const Store& store, const Batch& batch) {
  std::set<std::uint64_t> seen;
  for (const auto order : batch.consumes) {
    if (!seen.insert(order).second) return false;
    if (const auto fact = store.facts.find(order); fact != store.facts.end()) {
      if (fact->second.consumed) return false;
      continue;
    }
    const auto ended = store.ended.find(order);
    if (ended == store.ended.end() || store.jobs.at(ended->second).job.consumed) return false;
  }
  return true;
}

bool jobs_well(const Store& store, const Batch& batch) {
  std::set<JobKey> added;
  for (const auto& job : batch.jobs) {
    if (!exists(store, batch, job.key.handoff) || find(store, job.key)) return false;
    if (!added.insert(job.key).second) return false;
  }
  std::set<JobKey> given_back;
  for (const auto& update : batch.updates) {
    const auto* row = find(store, update.job.key);
    if (!row || update.token == 0) return false;
    if (row->lease.token != update.token && !BATON_MUTANT(fence_unchecked)) return false;
    if (given_back.contains(update.job.key)) return false;
    if (update.release || update.job.state != JobState::pending) given_back.insert(update.job.key);
  }
  std::set<JobKey> replayed;
  for (const auto& job : batch.replays) {
    const auto* row = find(store, job.key);
    if (!row || !replayed.insert(job.key).second) return false;
    const auto* updated = [&]() -> const Job* {
      for (const auto& update : batch.updates) {
        if (update.job.key == job.key) return &update.job;
      }
      return nullptr;
    }();
    const auto state = updated ? updated->state : row->job.state;
    if (state != JobState::dead && state != JobState::failed) return false;
  }
  return true;
}

// Each once: which of two would be the last?
bool documents_well(const Store& store, const Batch& batch) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  return std::ranges::all_of(batch.documents, [&](const Document& document) {
    const auto found = store.documents.find({document.kind, document.key});
    const int now = found == store.documents.end() ? 0 : found->second.version;
    return now == document.version && seen.emplace(document.kind, document.key).second;
  });
}

}  // namespace

Committed judge(const Store& store, const Batch& batch) {
  if (auto known = known_fact(store, batch)) return *known;
  if (batch.opens) {
    const auto* conversation = conversation_of(store, *batch.opens);
    if (conversation && !conversation->open.empty()) {
      Committed open(Verdict::conversation_open);
      open.handoff = conversation->open;
      return open;
    }
    if (store.handoffs.contains(batch.opens->id)) return stale();
  }
  for (const auto& added : batch.facts) {
    if (!exists(store, batch, added.handoff)) return stale();
  }
  if (batch.moves && !moves_well(store, batch)) return stale();
  if (!consumes_well(store, batch) || !jobs_well(store, batch)) return stale();
  if (!documents_well(store, batch)) return stale();
  return Committed(Verdict::done);
}

}  // namespace baton
