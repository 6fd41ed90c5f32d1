// Purpose: the thread that answers questions, on a read-only connection of its own.
// Owner: SqliteJournal. Threads: push() on any; the work runs on the reader's ("journal-read"),
// joined by the destructor after all that was pushed.
// Errors: a full queue and whatever SQLite says are `retryable`; the writer judges the disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "gateway/base/handback.h"
#include "gateway/journal/sqlite/database.h"

namespace baton::sqlite {

class Reader {
 public:
  Reader(const std::string& path, const std::string& vfs, std::size_t max_queued);
  ~Reader();

  // Answers with what `ask(Database&) -> Result<T>` returns.
  template <class T, class Ask>
  void push(Ask ask, Handback<T> handback) {
    auto held = std::make_shared<Handback<T>>(std::move(handback));  // std::function copies
    const bool taken = enqueue([ask = std::move(ask), held](Database& db) mutable {
      held->complete([&]() -> Result<T> {
        try {
          return ask(db);
        } catch (const SqlError& error) {
          return Failure(FailureKind::retryable, "the journal cannot be read: " + error.what);
        }
      }());
    });
    if (!taken)
      held->complete(Failure(FailureKind::retryable, "overloaded: too many questions to the journal"));
  }

 private:
  using Work = std::function<void(Database&)>;
  bool enqueue(Work work);
  void run();

  Database db_;
  std::size_t max_queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace baton::sqlite
