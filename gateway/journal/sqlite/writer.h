// Purpose: the thread that owns the only writing connection. It commits whatever has queued up in
// one transaction, and is the only one that checkpoints.
// Owner: SqliteJournal. Threads: push() on any, the rest on the writer's own ("journal"), joined
// by the destructor after it has answered everything that was pushed.
// Errors: a full queue and a full disk are `retryable`. A failed write or fsync, or a corrupt file,
// ends the process without an answer to anybody: what SQLite then thinks is stored may not be.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "gateway/base/handback.h"
#include "gateway/journal/bells.h"
#include "gateway/journal/sqlite/figures.h"
#include "gateway/journal/sqlite/ledger.h"
#include "gateway/journal/sqlite/options.h"
#include "gateway/journal/sqlite/reserve.h"

namespace baton::sqlite {

template <class T>
struct Awaited {
  explicit Awaited(Handback<T> handback_in) : handback(std::move(handback_in)) {}
  Handback<T> handback;
  std::optional<Result<T>> answer;
};

struct CommitWork {
  CommitWork(Encoded encoded_in, TimePoint now_in, Handback<Committed> handback)
      : encoded(std::move(encoded_in)), now(now_in), lanes(concerned_by(encoded.batch)),
        awaited(std::move(handback)) {}
  Encoded encoded;
  TimePoint now;
  std::set<Lane> lanes;
  Awaited<Committed> awaited;
};

struct ClaimWork {
  ClaimWork(Demand demand_in, Handback<Claim> handback)
      : demand(std::move(demand_in)), awaited(std::move(handback)) {}
  Demand demand;
  Awaited<Claim> awaited;
};

struct ProbeWork {
  explicit ProbeWork(Handback<Done> handback) : awaited(std::move(handback)) {}
  Awaited<Done> awaited;
};

// Housekeeping: few rows, or everybody waits. What it finds out it puts where `act` says.
struct UpkeepWork {
  UpkeepWork(std::function<void(Ledger&)> act_in, bool empties_log_in, Handback<Done> handback)
      : act(std::move(act_in)), empties_log(empties_log_in), awaited(std::move(handback)) {}
  std::function<void(Ledger&)> act;
  bool empties_log;  // afterwards the log holds nothing; `retryable` while somebody still reads in it
  Awaited<Done> awaited;
};

using WriterWork = std::variant<CommitWork, ClaimWork, ProbeWork, UpkeepWork>;

class Writer {
 public:
  // `ring` is called on the writer's thread, before the answers go out.
  Writer(std::unique_ptr<Database> db, const SqliteOptions& options,
         std::function<void(std::set<Lane>)> ring);
  ~Writer();

  // A refused work is answered at once.
  void push(WriterWork work);
  JournalFigures figures() const;  // on any thread
  std::uint64_t damaged() const { return damaged_.load(std::memory_order_relaxed); }
  // The planner is behind, and what is committed now will not be cached. On any thread.
  bool behind() const { return behind_.load(std::memory_order_relaxed); }

 private:
  using Group = std::vector<WriterWork>;

  void run();
  bool take(Group& group);
  void process(Group& group);
  void carry_out(Group& group);
  void count(const Group& group, bool well, Histogram::Took took);
  void one(CommitWork& work, bool alone);
  void one(ClaimWork& work, bool alone);
  void one(ProbeWork& work, bool alone);
  void one(UpkeepWork& work, bool alone);
  void answer(Group& group);
  void empty_log(Group& group);
  bool checkpoint(int mode = SQLITE_CHECKPOINT_PASSIVE);  // whether all of the log is in the file
  bool space_is_low(TimePoint now);

  SqliteOptions options_;
  int checkpoint_at_;  // in pages of the log: try when it has grown to this
  std::unique_ptr<Database> db_;
  std::optional<Ledger> ledger_;
  Reserve reserve_;
  std::function<void(std::set<Lane>)> ring_;
  int log_frames_ = 0;  // in the write-ahead log after the latest commit
  std::optional<TimePoint> space_asked_;
  bool space_low_ = false;
  std::atomic<std::uint64_t> damaged_ = 0;
  std::atomic<bool> behind_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<WriterWork> queue_;
  std::size_t queued_bytes_ = 0;
  bool stopping_ = false;
  JournalFigures figures_;  // under mutex_

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace baton::sqlite
