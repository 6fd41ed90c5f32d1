#include "gateway/journal/memory/upkeep.h"

#include <algorithm>

#include "gateway/journal/reduce.h"
#include "gateway/model/codec.h"

namespace baton {
namespace {

using Store = MemoryStore;

constexpr int kGone = static_cast<int>(SweepStage::gone);

SweepPlace beginning_of(int stage) {
  SweepPlace place;
  place.stage = stage;
  return place;
}

bool in_use(const Store& store, const Store::HandoffRow& row) {
  const auto& handoff = *row.handoff;
  if (!store.conversations.at({handoff.conversation, handoff.workspace}).open.empty()) return true;
  if (!row.news.empty()) return true;
  return std::ranges::any_of(row.jobs, [&](auto position) {
    const auto& [job, lease, ended, place] = store.jobs.at(position);
    const bool pending = job.state == JobState::pending && !is_plan(job.key.work);
    return pending || job.state == JobState::dead || lease.token != 0;
  });
}

TimePoint last_touched(const Store& store, const Store::HandoffRow& row) {
  auto last = touched(*row.handoff);
  for (const auto order : row.facts) last = std::max(last, store.facts.at(order).fact.at);
  for (const auto position : row.jobs) last = std::max(last, touched(store.jobs.at(position).job));
  return last;
}

void remove_job(Store& store, std::uint64_t position) {
  const auto& [job, lease, ended, place] = store.jobs.at(position);
  if (place) store.places[job.key.lane].erase(*place);
  if (ended != 0) store.ended.erase(ended);
  if (!job.receipt.object_id.empty()) store.objects[{job.key.lane, job.receipt.object_id}].erase(position);
  store.positions.erase(job.key);
  store.jobs.erase(position);
}

void remove(Store& store, const HandoffId& id) {
  const auto& row = store.handoffs.at(id);
  for (const auto position : row.jobs) remove_job(store, position);
  for (const auto order : row.facts) {
    store.fact_orders.erase(store.facts.at(order).key);
    store.facts.erase(order);
  }
  const Store::Conversation conversation(row.handoff->conversation, row.handoff->workspace);
  auto& siblings = store.conversations.at(conversation).handoffs;
  std::erase(siblings, id);
  store.by_creation.erase(row.created);
  if (siblings.empty()) store.conversations.erase(conversation);
  store.handoffs.erase(id);
}

void take_stage(Store& store, const HandoffId& id, const Cutoffs& before, Swept& swept) {
  auto& row = store.handoffs.at(id);
  const auto to = static_cast<int>(stage_at(last_touched(store, row), before));
  if (to <= row.swept) return;
  if (to == kGone) {
    remove(store, id);
    ++swept.handoffs;
    return;
  }
  if (row.swept < static_cast<int>(SweepStage::without_requests)) {
    for (const auto position : row.jobs) {
      auto& job = store.jobs.at(position).job;
      drop_requests(job);
      if (!job.steps.empty()) ++swept.requests;
    }
  }
  if (to >= static_cast<int>(SweepStage::without_events)) {
    for (const auto order : row.facts) drop_body(store.facts.at(order).fact);
    swept.events += row.facts.size();
  }
  row.swept = to;
}

TimePoint latest_of(const Cutoffs& before, int stage) {
  auto latest = before.handoffs;
  if (stage < static_cast<int>(SweepStage::without_events)) latest = std::max(latest, before.events);
  if (stage < static_cast<int>(SweepStage::without_requests)) latest = std::max(latest, before.requests);
  return latest;
}

Swept sweep_handoffs(Store& store, const Cutoffs& before, SweepPlace from, int limit) {
  std::map<std::pair<TimePoint, std::uint64_t>, HandoffId> old;
  for (const auto& [id, row] : store.handoffs) {
    const auto at = row.handoff->requested_at;
    if (is_open(row.handoff->state) || row.swept != from.stage || at >= latest_of(before, from.stage))
      continue;
    const std::pair place(at, row.created);
    if (place > std::pair(from.at, from.no)) old.emplace(place, id);
  }
  Swept swept;
  int seen = 0;
  for (const auto& [place, id] : old) {
    if (seen++ == limit) break;
    from.at = place.first;
    from.no = place.second;
    if (!in_use(store, store.handoffs.at(id))) take_stage(store, id, before, swept);
  }
  swept.next = seen >= limit ? from : beginning_of(from.stage + 1);
  return swept;
}

Swept sweep_audit(Store& store, TimePoint before, SweepPlace from, int limit) {
  Swept swept;
  while (std::cmp_less(swept.audit, limit) && !store.audit.empty() && store.audit.front().at < before) {
    store.audit.erase(store.audit.begin());
    ++swept.audit;
  }
  swept.next = std::cmp_equal(swept.audit, limit) ? from : beginning_of(kGone + 1);
  return swept;
}

Swept sweep_documents(Store& store, TimePoint before, SweepPlace from, int limit) {
  Swept swept;
  for (auto row = store.document_times.begin();
       row != store.document_times.end() && std::cmp_less(swept.documents, limit);) {
    if (row->second >= before) {
      ++row;
      continue;
    }
    if (store.documents.erase(row->first) != 0) ++swept.documents;
    row = store.document_times.erase(row);
  }
  if (std::cmp_equal(swept.documents, limit)) swept.next = from;
  return swept;
}

// The value as its record reads when the person is gone from it; nothing if they are not in it.
template <class T, class Decode>
bool redact(T& value, const Spellings& spellings, const Decode& decode) {
  auto record = encode(value);
  if (!spellings.replace(record)) return false;
  auto redacted = decode(record);
  if (redacted) value = std::move(*redacted);
  return redacted.has_value();
}

void erase_handoff(Store& store, const HandoffId& id, TimePoint now) {
  auto& row = store.handoffs.at(id);
  auto handoff = *row.handoff;
  erase_person(handoff, now);
  ++handoff.version;
  auto& conversation = store.conversations.at({handoff.conversation, handoff.workspace});
  if (conversation.open == id) conversation.open = {};
  row.handoff = std::make_shared<const Handoff>(std::move(handoff));
  row.news.clear();
  row.turn = 0;
  for (const auto order : row.facts) {
    erase_person(store.facts.at(order).fact);
    store.facts.at(order).consumed = true;
  }
  std::vector<std::uint64_t> kept;
  for (const auto position : row.jobs) {
    auto& job_row = store.jobs.at(position);
    auto& job = job_row.job;
    job_row.lease = {};
    if (!is_plan(job.key.work) && job.state != JobState::done) {
      auto& line = conversation.line[job.key.lane];
      line.erase(position);
      remove_job(store, position);
      continue;
    }
    kept.push_back(position);
    erase_person(job);
    job.consumed = true;
    if (!is_plan(job.key.work)) continue;
    job.due = TimePoint::max();
    auto& places = store.places[job.key.lane];
    if (job_row.place) places.erase(*job_row.place);
    job_row.place.reset();
    if (job.state != JobState::pending) continue;
    job_row.place.emplace(1, job.due, position);
    places.emplace(*job_row.place, position);
  }
  row.jobs = std::move(kept);
}

// Whoever stood behind a removed delivery is the first in its line now.
void place_first_in_lines(Store& store) {
  for (auto& [key, conversation] : store.conversations) {
    for (auto& [lane, line] : conversation.line) {
      if (line.empty()) continue;
      auto& first = store.jobs.at(*line.begin());
      if (first.place) continue;
      first.place.emplace(1, first.job.due, *line.begin());
      store.places[lane].emplace(*first.place, *line.begin());
    }
  }
}

}  // namespace

Swept sweep(Store& store, const Cutoffs& before, SweepPlace from, int limit) {
  if (from.stage < kGone) return sweep_handoffs(store, before, from, limit);
  if (from.stage == kGone) return sweep_audit(store, before.audit, from, limit);
  return sweep_documents(store, before.documents, from, limit);
}

Erased erase(Store& store, const Person& person, TimePoint now) {
  Erased erased;
  for (auto& [id, row] : store.handoffs) {
    if (!is_of(*row.handoff, person)) continue;
    erase_handoff(store, id, now);
    ++erased.handoffs;
  }
  place_first_in_lines(store);
  const Spellings spellings(person);
  for (auto& [id, row] : store.handoffs) {
    auto handoff = *row.handoff;
    if (!redact(handoff, spellings, decode_handoff)) continue;
    handoff.conversation = row.handoff->conversation;  // names stay here: this store has no files
    row.handoff = std::make_shared<const Handoff>(std::move(handoff));
    ++erased.mentions;
  }
  for (auto& [order, row] : store.facts) {
    if (redact(row.fact, spellings, decode_fact)) ++erased.mentions;
    row.fact.order = order;
  }
  for (auto& [position, row] : store.jobs) {
    const auto read = [&](std::string_view record) { return decode_job(row.job.key, record); };
    if (redact(row.job, spellings, read)) ++erased.mentions;
  }
  for (auto& [key, document] : store.documents) {
    auto text = document.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (!spellings.replace(text)) continue;
    document.body = nlohmann::json::parse(text, nullptr, false);
    ++document.version;
    ++erased.mentions;
  }
  for (auto& [lane, state] : store.lanes) erased.mentions += redact(state, spellings, decode_lane);
  for (auto& entry : store.audit) erased.mentions += redact(entry, spellings, decode_audit);
  return erased;
}

}  // namespace baton
