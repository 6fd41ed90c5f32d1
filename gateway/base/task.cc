#include "gateway/base/task.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace baton {

net::awaitable<void> suspend(std::function<void(std::shared_ptr<Waiter>)> enlist) {
  const auto loop = co_await net::this_coro::executor;
  co_await net::async_initiate<const net::use_awaitable_t<>, void()>(
      [&](auto handler) {
        auto held = std::make_shared<decltype(handler)>(std::move(handler));
        enlist(std::make_shared<Waiter>([held, loop] { net::post(loop, [held] { (*held)(); }); }));
      },
      net::use_awaitable);
}

}  // namespace baton
