#include "gateway/journal/sqlite/ledger.h"

#include <algorithm>

#include "gateway/base/mutant.h"

namespace baton::sqlite {
namespace {

// Numbers are reserved in blocks, so that the stored mark is written rarely.
constexpr std::uint64_t kBlock = 65536;

std::optional<std::string_view> object_of(const Job& job) {
  const auto& id = job.receipt.object_id;
  return id.empty() ? std::nullopt : std::optional<std::string_view>(id);
}
std::optional<std::string_view> failure_of(const Job& job) {
  return job.failure ? std::optional(name(job.failure->kind)) : std::nullopt;
}

std::int64_t crc_for(const Record& record, const Job& job, std::uint64_t handoff) {
  return job_crc(record.crc, handoff, job.key.lane.text, name(job.key.work), job.key.sequence);
}

}  // namespace

Ledger::Ledger(Database& db, std::size_t cache_size)
    : db_(db), sql_(db), cache_(3 * cache_size), news_(cache_size) {
  reserved_ = static_cast<std::uint64_t>(db.integer("SELECT value FROM meta WHERE name = 'numbers'"));
  last_number_ = reserved_committed_ = reserved_;
  const auto last = db.integer("SELECT coalesce(max(place), 0) FROM jobs INDEXED BY jobs_lane"
                               " WHERE lane = 'planner' AND rank = 1 AND place < 0");
  if (last < 0) order_ = PlanOrder(last - kNews);
}

void Ledger::begin() { sql_.begin.run(); }

void Ledger::finish() {
  sql_.commit.run();
  leases_.keep();
  reserved_committed_ = reserved_;
}

void Ledger::abandon() {
  if (db_.in_transaction()) db_.run("ROLLBACK");
  leases_.undo_to(0);
  cache_.clear();
  news_.clear();
  reserved_ = reserved_committed_;
}

void Ledger::probe() { sql_.probe.run(); }

void Ledger::reserve(std::size_t numbers) {
  if (last_number_ + numbers <= reserved_) return;
  reserved_ = last_number_ + numbers + kBlock;
  sql_.reserve.run(reserved_);
}

std::uint64_t Ledger::number() {
  BATON_CHECK(last_number_ < reserved_);
  return ++last_number_;
}

Committed Ledger::commit(Encoded& encoded, bool alone, TimePoint now) {
  const auto& batch = encoded.batch;
  now_ = now;
  // Before the savepoint, so that a refused batch does not take the reservation back.
  reserve(1 + batch.facts.size() + batch.jobs.size() + batch.updates.size());
  alone = alone && reserved_ == reserved_committed_;
  const auto mark = leases_.mark();
  touched_.clear();
  plans_.clear();
  news_.begin_batch();
  order_.begin_batch();
  opened_ = 0;
  opening_.reset();
  opened_news_.reset();
  if (!alone) sql_.savepoint.run();

  Committed answer(Verdict::done);
  answer.verdict = apply(encoded, answer);
  if (answer.done()) {
    if (!alone) sql_.release.run();
    return answer;
  }
  take_back(mark, alone);
  return known_fact(batch).value_or(answer);
}

void Ledger::take_back(std::size_t mark, bool alone) {
  if (alone) {
    db_.run("ROLLBACK");
    sql_.begin.run();
  } else {
    sql_.undo.run();
    sql_.release.run();
  }
  leases_.undo_to(mark);
  for (const auto handoff : touched_) cache_.drop(handoff);
  news_.undo_batch();
  order_.undo_batch();
}

Verdict Ledger::apply(Encoded& encoded, Committed& answer) {
  auto& batch = encoded.batch;
  auto verdict = Verdict::done;
  const auto goes_on = [&](Verdict next) { return (verdict = next) == Verdict::done; };
  const auto each = [&](auto& items, const auto& records, const auto& write) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!goes_on(write(items[i], records[i]))) return false;
    }
    return true;
  };
  const bool cached = encoded.cacheable;
  const auto add_fact = [&](NewFact& fact, const Record& record) { return add(fact, record, cached); };
  const auto add_job = [&](const Job& job, const Record& record) { return add(job, record); };

  if (batch.opens && !goes_on(open(std::move(*batch.opens), encoded.opens, cached, answer))) return verdict;
  if (batch.moves && !goes_on(move(std::move(*batch.moves), encoded.moves))) return verdict;
  if (!each(batch.facts, encoded.facts, add_fact)) return verdict;
  for (const auto order : batch.consumes) {
    if (!goes_on(consume(order, batch))) return verdict;
  }
  const auto update_it = [&](JobUpdate& item, const Record& record) { return update(item, record); };
  const auto replay_it = [&](const Job& job, const Record& record) { return replay(job, record); };
  if (!each(batch.jobs, encoded.jobs, add_job)) return verdict;
  if (!each(batch.updates, encoded.updates, update_it)) return verdict;
  if (!each(batch.replays, encoded.replays, replay_it)) return verdict;
  const auto put_it = [&](const Document& document, const Record& record) { return put(document, record); };
  if (!each(batch.documents, encoded.documents, put_it)) return verdict;
  for (std::size_t i = 0; i < batch.lanes.size(); ++i) {
    sql_.put_lane.run(batch.lanes[i].lane.text, std::int64_t{encoded.lanes[i].crc}, encoded.lanes[i].bytes);
  }
  for (const auto& entry : encoded.audit) sql_.add_audit.run(std::int64_t{entry.crc}, entry.bytes);
  refresh_plans();
  return verdict;
}

Verdict Ledger::put(const Document& document, const Record& record) {
  std::int64_t version = 0;
  {
    auto now = sql_.document_version.rows(document.kind, document.key);
    if (now.next()) version = now.integer(0);
  }
  if (version != document.version) return Verdict::stale;
  if (document.body.is_null()) {
    sql_.remove_document.run(document.kind, document.key);
  } else {
    ++version;
    const auto crc = document_crc(record.crc, document.kind, document.key, version);
    sql_.put_document.run(document.kind, document.key, version, crc, record.bytes, now_);
  }
  return Verdict::done;
}

Verdict Ledger::open(Handoff handoff, const Record& record, bool cached, Committed& answer) {
  std::uint64_t thread = 0;
  {
    auto latest = sql_.latest_of_conversation.rows(handoff.conversation.text, handoff.conversation.source,
                                                   handoff.workspace.text);
    handoff.version = 0;
    handoff.sequence = 1;
    handoff.previous = {};
    if (latest.next()) {
      const HandoffId other{std::string(latest.text(1))};
      if (latest.integer(0) != 0) {
        answer.handoff = other;
        return Verdict::conversation_open;
      }
      handoff.previous = other;
      handoff.sequence = static_cast<int>(latest.integer(2)) + 1;
      thread = latest.number(3);
    }
  }
  opened_ = number();
  if (thread == 0) thread = opened_;
  const auto crc = handoff_crc(record.crc, handoff.id.text, handoff.sequence, handoff.previous.text, 0);
  const int added = sql_.open_handoff.run(
      opened_, handoff.id.text, handoff.workspace.text, handoff.conversation.source,
      handoff.conversation.text, thread, is_open(handoff.state) ? 1 : 0, handoff.sequence,
      handoff.previous.text, name(handoff.state), handoff.requested_at, crc, record.bytes);
  if (added == 0) return Verdict::stale;
  Known opened{opened_, thread, std::make_shared<const Handoff>(std::move(handoff)), record.bytes.size()};
  if (cached) {
    cache_.put(std::move(opened));
    touched_.insert(opened_);
  } else {
    opening_ = std::move(opened);
  }
  return Verdict::done;
}

Verdict Ledger::move(Handoff handoff, const Record& record) {
  const auto now = known(handoff.id);
  if (BATON_MUTANT(version_unchecked) && now && now->handoff) handoff.version = now->handoff->version;
  if (!now || !now->handoff || now->handoff->version != handoff.version) return Verdict::stale;
  if (is_open(handoff.state) && !is_open(now->handoff->state)) {
    // Reopened: its conversation may have gone on with another one.
    const auto& was = *now->handoff;
    auto latest =
        sql_.latest_of_conversation.rows(was.conversation.text, was.conversation.source, was.workspace.text);
    if (latest.next() && latest.integer(0) != 0) return Verdict::stale;
  }
  handoff.sequence = now->handoff->sequence;
  handoff.previous = now->handoff->previous;
  const auto crc =
      handoff_crc(record.crc, handoff.id.text, handoff.sequence, handoff.previous.text, handoff.version + 1);
  const int moved = sql_.move_handoff.run(now->no, handoff.version, name(handoff.state),
                                          is_open(handoff.state) ? 1 : 0, crc, record.bytes);
  if (moved != 1) return Verdict::stale;
  ++handoff.version;
  cache_.put(
      {now->no, now->thread, std::make_shared<const Handoff>(std::move(handoff)), record.bytes.size()});
  touched_.insert(now->no);
  return Verdict::done;
}

Verdict Ledger::add(NewFact& added, const Record& record, bool cached) {
  const auto handoff = known(added.handoff);
  if (!handoff) return Verdict::stale;
  const auto order = number();
  const auto crc = fact_crc(record.crc, handoff->no, added.key, added.digest);
  if (sql_.add_fact.run(order, handoff->no, added.key, added.digest, crc, record.bytes) == 0) {
    return Verdict::fact_known;
  }
  if (cached) news_.put(order, std::move(added.fact), record.bytes.size());
  if (handoff->no != opened_) plans_.insert(handoff->no);
  else if (!opened_news_) opened_news_ = order;
  return Verdict::done;
}

Verdict Ledger::consume(std::uint64_t order, const Batch& batch) {
  {
    auto fact = sql_.fact_by_no.rows(order);
    if (fact.next()) {
      if (fact.integer(1) != 0 && !BATON_MUTANT(fact_consumed_twice)) return Verdict::stale;
      plans_.insert(fact.number(0));
      sql_.consume_fact.run(order, 1);
      return Verdict::done;
    }
  }
  const auto job = job_of_news(order, batch);
  if (!job) return Verdict::stale;
  sql_.consume_news.run(*job, 1);
  return Verdict::done;
}

// The orders that a plan consumes are nearly always of its own handoff.
std::optional<std::uint64_t> Ledger::job_of_news(std::uint64_t order, const Batch& batch) {
  for (const auto& update : batch.updates) {
    const auto handoff = known(update.job.key.handoff);
    if (!handoff) continue;
    auto found = sql_.job_of_news.rows(handoff->no, order);
    if (!found.next()) continue;
    plans_.insert(handoff->no);
    return found.number(0);
  }
  auto found = sql_.job_of_any_news.rows(order);
  if (!found.next()) return std::nullopt;
  plans_.insert(found.number(1));
  return found.number(0);
}

std::optional<std::uint64_t> Ledger::first_in_line(std::uint64_t line, const Lane& lane) {
  auto first = sql_.first_in_line.rows(line, lane.text);
  return first.next() ? std::optional(first.number(0)) : std::nullopt;
}

Verdict Ledger::add(const Job& job, const Record& record) {
  const auto handoff = known(job.key.handoff);
  if (!handoff) return Verdict::stale;
  const bool pending = job.state == JobState::pending;
  std::optional<std::uint64_t> line;
  std::optional<int> rank;
  if (pending) rank = is_read(job.key.work) ? 0 : 1;
  if (pending && is_delivery(job.key.work)) {
    line = handoff->thread;
    if (first_in_line(*line, job.key.lane) && !BATON_MUTANT(order_dropped)) rank = 2;
  }
  auto place = job.due.time_since_epoch().count();
  if (is_plan(job.key.work) && handoff->no == opened_ && opened_news_) {
    rank = 1;
    place = kNews + order_.place(handoff->handoff->conversation.source);
  } else if (is_plan(job.key.work)) {
    plans_.insert(handoff->no);
  }
  const int added =
      sql_.add_job.run(number(), handoff->no, job.key.lane.text, name(job.key.work), job.key.sequence,
                       name(job.state), rank, job.due, place, line, job.consumed ? 1 : 0, object_of(job),
                       failure_of(job), job.created_at, crc_for(record, job, handoff->no), record.bytes);
  return added == 1 ? Verdict::done : Verdict::stale;
}

Verdict Ledger::update(JobUpdate& update, const Record& record) {
  auto& job = update.job;
  const auto no = leases_.job_of(update.token);
  const auto* held = no ? leases_.of(*no) : nullptr;
  if (!held || held->key != job.key) return Verdict::stale;
  const auto handoff = held->handoff;
  const auto crc = crc_for(record, job, handoff);
  const bool ended = job.state != JobState::pending;
  if (ended || update.release) leases_.end(*no);  // `held` is gone
  if (is_plan(job.key.work)) plans_.insert(handoff);
  if (!ended) {
    sql_.keep_pending.run(*no, job.due, job.due, object_of(job), failure_of(job), crc, record.bytes);
    return Verdict::done;
  }
  std::optional<std::uint64_t> news;
  if (!is_plan(job.key.work)) {
    news = number();
    plans_.insert(handoff);
  }
  sql_.update_job.run(*no, name(job.state), std::nullopt, job.due, job.due, std::nullopt, news,
                      object_of(job), failure_of(job), crc, record.bytes);
  if (is_delivery(job.key.work)) {
    if (const auto next = first_in_line(known(handoff)->thread, job.key.lane)) sql_.rank_job.run(*next, 1);
  }
  if (news && job.ended_at) {
    const auto at = *job.ended_at;
    news_.put(*news, Fact(at, std::move(job)), record.bytes.size());
  }
  return Verdict::done;
}

Verdict Ledger::replay(const Job& job, const Record& record) {
  const auto handoff = known(job.key.handoff);
  if (!handoff) return Verdict::stale;
  const auto work = name(job.key.work);
  std::uint64_t no = 0;
  {
    auto row = sql_.job_by_key.rows(handoff->no, job.key.lane.text, work, job.key.sequence);
    if (!row.next() || (row.text(1) != "dead" && row.text(1) != "failed")) return Verdict::stale;
    no = row.number(0);
  }
  const bool pending = job.state == JobState::pending;
  std::optional<std::uint64_t> line;
  std::optional<int> rank;
  if (pending) rank = is_read(job.key.work) ? 0 : 1;
  if (pending && is_delivery(job.key.work)) {
    // It takes its old place in line, before those that came after it.
    line = handoff->thread;
    if (const auto first = first_in_line(*line, job.key.lane)) {
      if (*first < no) rank = 2;
      else sql_.rank_job.run(*first, 2);
    }
  }
  sql_.update_job.run(no, name(job.state), rank, job.due, job.due, line, std::nullopt, object_of(job),
                      failure_of(job), crc_for(record, job, handoff->no), record.bytes);
  leases_.end(no);
  plans_.insert(handoff->no);
  return Verdict::done;
}

// A plan job is due while its handoff has news, whatever its own time says.
void Ledger::refresh_plans() {
  for (const auto handoff : plans_) {
    bool news = false;
    for (auto* statement : {&sql_.first_news_fact, &sql_.first_news_job}) {
      news = news || statement->rows(handoff).next();
    }
    sql_.wake_plan.run(handoff, news ? turn_of_plan(handoff) : std::nullopt);
  }
}

// It keeps its turn until the plan has been carried out, however much news
// comes in meanwhile.
std::optional<std::int64_t> Ledger::turn_of_plan(std::uint64_t handoff) {
  {
    auto plan = sql_.place_of_plan.rows(handoff);
    if (!plan.next()) return kNews;  // none that could take it
    if (const auto place = plan.integer(0); place < kNews / 2) return place;
  }
  const auto of = known(handoff);
  return kNews + order_.place(of && of->handoff ? of->handoff->conversation.source : std::string());
}

// The fact that was there before this batch, or that stands twice in it.
std::optional<Committed> Ledger::known_fact(const Batch& batch) {
  for (auto added = batch.facts.begin(); added != batch.facts.end(); ++added) {
    Committed answer(Verdict::fact_known);
    auto row = sql_.fact_by_key.rows(added->key);
    if (row.next()) {
      answer.handoff = HandoffId(std::string(row.text(0)));
      answer.digest = std::string(row.text(1));
      return answer;
    }
    const auto twin = std::find_if(batch.facts.begin(), added,
                                   [&](const NewFact& earlier) { return earlier.key == added->key; });
    if (twin == added) continue;
    answer.handoff = twin->handoff;
    answer.digest = twin->digest;
    return answer;
  }
  return std::nullopt;
}

std::optional<Known> Ledger::known(const HandoffId& id) {
  if (opening_ && opening_->handoff->id == id) return opening_;
  if (const auto* cached = cache_.find(id.text)) return *cached;
  return keep(sql_.handoff_by_id.rows(id.text));
}

std::optional<Known> Ledger::known(std::uint64_t no) {
  if (const auto* cached = cache_.find(no)) return *cached;
  return keep(sql_.handoff_by_no.rows(no));
}

// A damaged handoff is known by its numbers only: facts about it are still kept.
std::optional<Known> Ledger::keep(Rows row) {
  if (!row.next()) return std::nullopt;
  Known found{row.number(0), row.number(2), nullptr, row.text(7).size()};
  auto handoff = read_handoff(row);
  if (!handoff) return found;
  found.handoff = std::make_shared<const Handoff>(std::move(*handoff));
  return *cache_.put(std::move(found));
}

}  // namespace baton::sqlite
