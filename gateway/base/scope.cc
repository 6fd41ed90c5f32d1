#include "gateway/base/scope.h"

#include <exception>

#include <boost/asio/co_spawn.hpp>

namespace baton {

Scope::Scope(Loop& loop, Clock& clock) : Scope(loop.get_executor(), clock) {}

void Scope::start(net::awaitable<void> task) {
  net::co_spawn(loop_, std::move(task), [](std::exception_ptr escaped) { BATON_CHECK(!escaped); });
}

Task<Done> Scope::join(TimePoint deadline) {
  while (state_->running > 0) {
    if (clock_.now() >= deadline) co_return Failure(FailureKind::retryable, "still running");
    (void)co_await state_->ended.wait(state_->ended.count(), clock_, deadline);
  }
  co_return Done{};
}

Task<Done> Scope::next(TimePoint deadline, std::stop_token stop) {
  return state_->ended.wait(state_->ended.count(), clock_, deadline, std::move(stop));
}

}  // namespace baton
