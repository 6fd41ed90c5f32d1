// Purpose: awaits what another thread does. The other thread gets a Handback and completes it once;
// the coroutine continues on its own loop.
// Owner: the other thread, until it completes or drops it. Threads: complete() on any, once; the
// rest on the awaiting loop. The other thread must be joined before the loop is destroyed.
// Errors: a Handback that is dropped without an answer yields `retryable`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/base/task.h"

namespace baton {

template <class T>
class Handback {
 public:
  // `deliver` runs on the completing thread and must only post.
  explicit Handback(std::function<void(Result<T>)> deliver) : deliver_(std::move(deliver)) {}
  Handback(Handback&& other) noexcept : deliver_(std::exchange(other.deliver_, nullptr)) {}
  Handback& operator=(Handback&&) = delete;
  ~Handback() {
    if (deliver_) deliver_(Failure(FailureKind::retryable, "dropped without an answer: we are stopping"));
  }

  void complete(Result<T> result) { std::exchange(deliver_, nullptr)(std::move(result)); }

 private:
  std::function<void(Result<T>)> deliver_;
};

// Hands a Handback to `start`, which passes it to the other thread, and awaits the answer. Virtual
// time stands still meanwhile: `clock` is the one of the awaiting loop.
template <class T, class Start>
Task<T> from_thread(Clock& clock, Start start) {
  const auto loop = co_await net::this_coro::executor;
  auto answer = std::make_shared<std::optional<Result<T>>>();
  clock.hold();
  co_await net::async_initiate<const net::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto held = std::make_shared<decltype(handler)>(std::move(handler));
        start(Handback<T>([held = std::move(held), loop, answer](Result<T> result) mutable {
          net::post(loop, [held = std::move(held), answer, result = std::move(result)]() mutable {
            answer->emplace(std::move(result));
            auto resume = std::move(*held);
            held.reset();
            resume();
          });
        }));
      },
      net::use_awaitable);
  clock.unhold();
  co_return std::move(**answer);
}

}  // namespace baton
