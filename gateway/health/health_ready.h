// Purpose: whether the store takes what it is given, told within two seconds (promise O8), however often and
// from however many it is asked.
// Owner: app/, one per loop. Threads: that loop, the journal's and the clock's.
// Units: an answer is at most a second old. Errors: `retryable`, with the reason.
#pragma once

#include "gateway/base/scope.h"
#include "gateway/journal/journal.h"

namespace baton::health {

class Readiness {
 public:
  Readiness(net::any_io_executor loop, Clock& clock, Journal& journal)
      : clock_(clock), journal_(journal), scope_(std::move(loop), clock) {}

  // Whoever asks while an answer is on its way waits for the same one: a store that hangs is asked once.
  Task<Done> ready() {
    constexpr auto kFresh = Duration{1s}, kPatience = Duration{1500};
    const auto asked_at = clock_.now();
    if (latest_ && asked_at < known_at_ + kFresh && asked_at >= known_at_) co_return *latest_;
    if (!std::exchange(asking_, true)) {
      scope_.spawn(journal_.probe(), [this](Result<Done> result) {
        latest_.emplace(std::move(result));
        known_at_ = clock_.now();
        asking_ = false;
        answered_.ring();
      });
    }
    const auto end = asked_at + kPatience;
    while (asking_ && clock_.now() < end) (void)co_await answered_.wait(answered_.count(), clock_, end);
    if (asking_) co_return Failure(FailureKind::retryable, "the store has not answered for a while");
    co_return *latest_;
  }

 private:
  Clock& clock_;
  Journal& journal_;
  bool asking_ = false;
  Bell answered_;
  std::optional<Result<Done>> latest_;
  TimePoint known_at_;
  Scope scope_;
};

}  // namespace baton::health
