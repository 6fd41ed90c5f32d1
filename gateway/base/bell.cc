#include "gateway/base/bell.h"

namespace baton {

void Bell::ring() {
  ++count_;
  for (const auto& enlisted : std::exchange(waiting_, {})) {
    if (const auto waiter = enlisted.lock()) waiter->resume();
  }
}

Task<Done> Bell::wait(std::uint64_t seen, Clock& clock, TimePoint deadline, std::stop_token stop) {
  std::weak_ptr<Waiter> self;
  auto resume = [&self] {
    if (const auto waiter = self.lock()) waiter->resume();
  };
  std::optional<std::stop_callback<decltype(resume)>> on_stop;
  if (seen == count_ && clock.now() < deadline && !stop.stop_requested()) {
    co_await suspend([&](std::shared_ptr<Waiter> waiter) {
      std::erase_if(waiting_, [](const auto& enlisted) { return enlisted.expired(); });
      waiting_.push_back(waiter);
      self = waiter;
      on_stop.emplace(stop, resume);
      clock.wake(deadline, std::move(waiter));
    });
  }
  if (stop.stop_requested()) co_return Failure(FailureKind::retryable, "stopped");
  co_return Done{};
}

}  // namespace baton
