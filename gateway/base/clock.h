// Purpose: time as a port. Everything that waits, waits on a Clock, so a test can run three days
// of backoff in a millisecond.
// Owner: app/ makes the real one, a test the virtual one. Threads: the loop it was made with.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/base/task.h"

namespace baton {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;

  // Holds `waiter` and resumes it at `when`, unless something else did so before.
  virtual void wake(TimePoint when, std::shared_ptr<Waiter> waiter) = 0;

  // Between the two, another thread works for this loop (handback.h): virtual time stands still.
  virtual void hold() {}
  virtual void unhold() {}

  // Waits until `when`. Fails as retryable if `stop` is requested first.
  Task<Done> until(TimePoint when, std::stop_token stop = {});
};

// Wall time; the waits themselves use the monotonic timer.
class RealClock final : public Clock {
 public:
  explicit RealClock(Loop& loop);
  ~RealClock() override;
  TimePoint now() const override;
  void wake(TimePoint when, std::shared_ptr<Waiter> waiter) override;

 private:
  void sweep();
  void arm();

  net::steady_timer timer_;
  TimePoint armed_ = TimePoint::max();
  std::size_t sweep_at_ = 64;
  std::multimap<TimePoint, std::shared_ptr<Waiter>> waiting_;
};

// Time that stands still while anything can run, and then jumps to the next waiter.
class VirtualClock final : public Clock {
 public:
  VirtualClock(Loop& loop, TimePoint start) : loop_(loop), now_(start) {}
  TimePoint now() const override { return now_; }
  void wake(TimePoint when, std::shared_ptr<Waiter> waiter) override;
  void hold() override { ++held_; }
  void unhold() override { --held_; }

  // Runs the loop until nothing waits, `end` is reached, or `stop` says so after a handler.
  void run(TimePoint end, const std::function<bool()>& stop = {});

 private:
  bool wait_for_threads();

  Loop& loop_;
  TimePoint now_;
  int held_ = 0;
  std::multimap<TimePoint, std::shared_ptr<Waiter>> waiting_;
};

}  // namespace baton
