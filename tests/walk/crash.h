// Purpose: dies at a chosen point. Each journal commit and each request passes a point before and
// after; at the chosen one the process stops for ever, and all but the journal and the vendors'
// ledgers is thrown away.
// Owner: the test, one per process life. Threads: one loop.
#pragma once

#include <memory>

#include "gateway/base/task.h"
#include "gateway/http/client.h"
#include "gateway/journal/journal.h"
#include "tests/support/passing_journal.h"

namespace baton::walk {

class CrashPoints {
 public:
  static constexpr int kNever = -1;
  explicit CrashPoints(int at = kNever) : at_(at) {}

  net::awaitable<void> pass() {
    if (passed_++ != at_) co_return;
    crashed_ = true;
    co_await suspend([this](std::shared_ptr<Waiter> waiter) { stopped_ = std::move(waiter); });
  }
  bool crashed() const { return crashed_; }
  int passed() const { return passed_; }

 private:
  int at_;
  int passed_ = 0;
  bool crashed_ = false;
  std::shared_ptr<Waiter> stopped_;
};

// A journal with a point on each side of every commit.
class CrashingJournal final : public PassingJournal {
 public:
  CrashingJournal(Journal& inner, CrashPoints& points) : PassingJournal(inner), points_(points) {}

  Task<Committed> commit(Batch batch) override {
    co_await points_.pass();
    auto result = co_await inner_.commit(std::move(batch));
    co_await points_.pass();
    co_return result;
  }

 private:
  CrashPoints& points_;
};

// A network with a point on each side of every request.
class CrashingClient final : public HttpClient {
 public:
  CrashingClient(HttpClient& inner, CrashPoints& points) : inner_(inner), points_(points) {}

  Task<Reply> exchange(Outgoing outgoing) override {
    co_await points_.pass();
    auto reply = co_await inner_.exchange(std::move(outgoing));
    co_await points_.pass();
    co_return reply;
  }

 private:
  HttpClient& inner_;
  CrashPoints& points_;
};

}  // namespace baton::walk
