#include "gateway/journal/sqlite/writer.h"

#include <pthread.h>

#include "gateway/base/mutant.h"
#include "gateway/journal/sqlite/connection.h"

namespace baton::sqlite {
namespace {

std::size_t size_of(const WriterWork& work) {
  const auto* commit = std::get_if<CommitWork>(&work);
  return commit ? commit->encoded.size : 0;
}

template <class T>
void fail(Awaited<T>& awaited, const std::string& why) {
  awaited.answer.emplace(Failure(FailureKind::retryable, why));
}

void refuse(WriterWork work, const std::string& why) {
  std::visit([&](auto& some) { some.awaited.handback.complete(Failure(FailureKind::retryable, why)); }, work);
}

}  // namespace

Writer::Writer(std::unique_ptr<Database> db, const SqliteOptions& options,
               std::function<void(std::set<Lane>)> ring)
    : options_(options), checkpoint_at_(options.checkpoint_pages), db_(std::move(db)),
      reserve_(options.directory, options.reserve_bytes), ring_(std::move(ring)) {
  ledger_.emplace(*db_, options_.max_cached_bytes);
  sqlite3_wal_hook(
      db_->handle(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Writer*>(self)->log_frames_ = frames;
        return SQLITE_OK;
      },
      this);
  thread_ = std::jthread([this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::push(WriterWork work) {
  const auto size = size_of(work);
  std::unique_lock lock(mutex_);
  const bool full = std::ssize(queue_) >= options_.max_queued ||
                    (!queue_.empty() && queued_bytes_ + size > options_.max_queued_bytes);
  if ((full && !BATON_MUTANT(queue_unbounded)) || stopping_) {
    lock.unlock();
    return refuse(std::move(work), full ? "overloaded: the journal's queue is full" : "we are stopping");
  }
  queue_.push_back(std::move(work));
  queued_bytes_ += size;
  const bool was_empty = queue_.size() == 1;
  lock.unlock();
  if (was_empty) wake_.notify_one();  // else it is awake, or will look before it sleeps
}

void Writer::run() {
  ::pthread_setname_np(::pthread_self(), "journal");
  Group group;
  while (take(group)) {
    process(group);
    group.clear();
    if (log_frames_ >= checkpoint_at_) (void)checkpoint();
  }
  (void)checkpoint();  // closing would do it too, and forget its errors
}

// Takes what is there. Whoever comes while this group is being synced forms the next one: waiting
// for more would only make a lone commit slower.
bool Writer::take(Group& group) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return !queue_.empty() || stopping_; });
  while (!queue_.empty() && std::ssize(group) < options_.max_group) {
    queued_bytes_ -= size_of(queue_.front());
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !group.empty();
}

void Writer::process(Group& group) {
  const auto began = std::chrono::steady_clock::now();
  bool well = true;
  try {
    carry_out(group);
  } catch (const SqlError& error) {
    well = false;
    if (!error.full() && !error.busy() && !BATON_MUTANT(retry_after_failed_fsync))
      die(ExitCode::journal_failed, "the journal cannot be written: " + error.what);
    const auto why = error.full() ? "the disk is full" : "another program holds the journal's file";
    try {
      ledger_->abandon();
      if (error.full()) reserve_.give_up();
    } catch (const SqlError& worse) {
      die(ExitCode::journal_failed, "the journal cannot take back: " + worse.what);
    }
    for (auto& work : group) std::visit([&](auto& some) { fail(some.awaited, why); }, work);
  }
  damaged_.store(ledger_->damaged(), std::memory_order_relaxed);
  behind_.store(ledger_->behind(), std::memory_order_relaxed);
  count(group, well, std::chrono::duration_cast<Histogram::Took>(std::chrono::steady_clock::now() - began));
  empty_log(group);
  answer(group);
}

void Writer::count(const Group& group, bool well, Histogram::Took took) {
  const std::lock_guard lock(mutex_);
  figures_.commits.add(took);
  figures_.batches += group.size();
  if (!well) ++figures_.failed;
}

JournalFigures Writer::figures() const {
  const auto space = options_.space ? options_.space() : reserve_.space();
  const std::lock_guard lock(mutex_);
  auto all = figures_;
  all.damaged = damaged();
  all.queued = queue_.size();
  all.queued_bytes = queued_bytes_;
  all.free_bytes = space.free;
  all.disk_bytes = space.whole;
  return all;
}

void Writer::carry_out(Group& group) {
  ledger_->begin();
  for (auto& work : group) {
    std::visit([&](auto& some) { one(some, group.size() == 1); }, work);
  }
  if (BATON_MUTANT(ack_before_commit)) {
    answer(group);
    group.clear();
  }
  ledger_->finish();
}

void Writer::one(CommitWork& work, bool alone) {
  if (work.encoded.batch.opens && space_is_low(work.now) && !BATON_MUTANT(full_disk_ignored)) {
    return fail(work.awaited, "the disk is nearly full: no new handoffs until there is space");
  }
  work.awaited.answer.emplace(ledger_->commit(work.encoded, alone, work.now));
}

void Writer::one(ClaimWork& work, bool) { work.awaited.answer.emplace(ledger_->claim(work.demand)); }

void Writer::one(ProbeWork& work, bool) {
  ledger_->probe();
  work.awaited.answer.emplace(Done{});
}

void Writer::one(UpkeepWork& work, bool) {
  work.act(*ledger_);
  work.awaited.answer.emplace(Done{});
}

// What was written over still stands in the log until it is emptied.
void Writer::empty_log(Group& group) {
  constexpr int kShortly = 200, kAsEver = 5000;
  std::optional<bool> emptied;
  for (auto& work : group) {
    auto* upkeep = std::get_if<UpkeepWork>(&work);
    if (!upkeep || !upkeep->empties_log || !*upkeep->awaited.answer) continue;
    if (!emptied) {
      sqlite3_busy_timeout(db_->handle(), kShortly);
      emptied = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
      sqlite3_busy_timeout(db_->handle(), kAsEver);
    }
    if (!*emptied) fail(upkeep->awaited, "somebody reads in the journal's log, such as a backup");
  }
}

// Bells first: virtual time stands still until the answer is there, so none rings late.
void Writer::answer(Group& group) {
  std::set<Lane> lanes;
  for (auto& work : group) {
    auto* commit = std::get_if<CommitWork>(&work);
    if (commit && *commit->awaited.answer && (*commit->awaited.answer)->done()) lanes.merge(commit->lanes);
  }
  if (!lanes.empty()) ring_(std::move(lanes));
  for (auto& work : group) {
    std::visit([](auto& some) { some.awaited.handback.complete(std::move(*some.awaited.answer)); }, work);
  }
}

// SQLite's own automatic checkpoint forgets whether its fsync failed; this one does not.
bool Writer::checkpoint(int mode) {
  int in_log = 0, done = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, mode, &in_log, &done);
  const SqlError error{code == SQLITE_OK ? SQLITE_OK : sqlite3_extended_errcode(db_->handle()),
                       sqlite3_errmsg(db_->handle())};
  if (code != SQLITE_OK && !error.full() && !error.busy()) {
    die(ExitCode::journal_failed, "the journal cannot be checkpointed: " + error.what);
  }
  // A reader may hold the log's end for a while: try again when it has grown by a quarter.
  const bool whole = code == SQLITE_OK && done == in_log;
  checkpoint_at_ = whole ? options_.checkpoint_pages : log_frames_ + options_.checkpoint_pages / 4;
  if (whole) log_frames_ = 0;
  return whole;
}

bool Writer::space_is_low(TimePoint now) {
  if (space_asked_ && now >= *space_asked_ && now - *space_asked_ < 1s) return space_low_;
  space_asked_ = now;
  const auto space = options_.space ? options_.space() : reserve_.space();
  const auto percent = static_cast<std::uint64_t>(options_.min_free_percent);
  space_low_ = space.free < options_.min_free_bytes || space.free / 100 < space.whole / 10000 * percent;
  if (!space_low_) reserve_.fill();
  return space_low_;
}

}  // namespace baton::sqlite
