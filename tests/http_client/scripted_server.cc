#include "scripted_server.h"

#include <charconv>

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "gateway/base/text.h"

namespace baton {
namespace {

constexpr auto with_error = [](boost::system::error_code& error) {
  return net::redirect_error(net::use_awaitable, error);
};

net::ssl::context& no_tls() {
  static auto* const context = new net::ssl::context(net::ssl::context::tls_server);
  return *context;
}

std::size_t length_of(std::string_view head) {
  const auto lower = to_lower(head);
  const auto at = lower.find("\r\ncontent-length:");
  if (at == std::string::npos) return 0;
  const auto value = trim(std::string_view(lower).substr(at + 17, lower.find("\r\n", at + 2) - at - 17));
  std::size_t length = 0;
  std::from_chars(value.data(), value.data() + value.size(), length);
  return length;
}

}  // namespace

Peer::Peer(net::ip::tcp::socket socket, net::ssl::context* tls, Seen& seen)
    : stream_(std::move(socket), tls ? *tls : no_tls()), tls_(tls != nullptr), seen_(seen),
      number_(++seen.connections) {}

net::awaitable<bool> Peer::greet() {
  boost::system::error_code error;
  if (tls_) co_await stream_.async_handshake(net::ssl::stream_base::server, with_error(error));
  co_return !error;
}

net::awaitable<bool> Peer::read_more() {
  char bytes[16384];
  boost::system::error_code error;
  std::size_t got = 0;
  if (tls_) {
    got = co_await stream_.async_read_some(net::buffer(bytes), with_error(error));
  } else {
    got = co_await stream_.next_layer().async_read_some(net::buffer(bytes), with_error(error));
  }
  buffer_.append(bytes, got);
  co_return !error;
}

net::awaitable<std::string> Peer::read() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!co_await read_more()) co_return "";
  }
  const auto whole = end + 4 + length_of(std::string_view(buffer_).substr(0, end + 2));
  while (buffer_.size() < whole) {
    if (!co_await read_more()) co_return "";
  }
  auto request = buffer_.substr(0, whole);
  buffer_.erase(0, whole);
  seen_.requests.push_back(request);
  co_return request;
}

net::awaitable<bool> Peer::write(std::string bytes) {
  boost::system::error_code error;
  std::size_t sent = 0;
  if (tls_) {
    sent = co_await net::async_write(stream_, net::buffer(bytes), with_error(error));
  } else {
    sent = co_await net::async_write(stream_.next_layer(), net::buffer(bytes), with_error(error));
  }
  seen_.bytes_sent += sent;
  co_return !error;
}

net::awaitable<void> Peer::pause(Duration time) {
  net::steady_timer timer(stream_.get_executor(), time);
  boost::system::error_code error;
  co_await timer.async_wait(with_error(error));
}

net::awaitable<void> Peer::hold() {
  while (co_await read_more()) buffer_.clear();
}

void Peer::reset() {
  boost::system::error_code ignored;
  stream_.next_layer().set_option(net::socket_base::linger(true, 0), ignored);
  stream_.next_layer().close(ignored);
}

ScriptedServer::ScriptedServer(Bench& bench, Script script, net::ssl::context* tls) {
  const net::ip::tcp::endpoint loopback(net::ip::make_address("127.0.0.1"), 0);
  acceptor_ = std::make_shared<Acceptor>(bench.loop, loopback);
  bench.scope.spawn(accept_all(bench.scope, acceptor_, std::move(script), tls, seen_));
}

std::string ScriptedServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

Task<Done> ScriptedServer::accept_all(Scope& scope, std::weak_ptr<Acceptor> acceptor, Script script,
                                      net::ssl::context* tls, std::shared_ptr<Seen> seen) {
  const auto loop = co_await net::this_coro::executor;
  for (;;) {
    net::ip::tcp::socket socket(loop);
    boost::system::error_code error;
    auto* const listening = acceptor.lock().get();  // its end ends the wait with an error
    if (listening == nullptr) co_return Done{};
    co_await listening->async_accept(socket, with_error(error));
    if (error) co_return Done{};
    scope.spawn(serve(std::move(socket), script, tls, seen));
  }
}

Task<Done> ScriptedServer::serve(net::ip::tcp::socket socket, Script script, net::ssl::context* tls,
                                 std::shared_ptr<Seen> seen) {
  Peer peer(std::move(socket), tls, *seen);
  if (co_await peer.greet()) co_await script(peer);
  co_return Done{};
}

Script always(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    // The coroutine's own copy is its parameter.
    return [](Peer& to, std::string answer) -> net::awaitable<void> {
      while (!(co_await to.read()).empty()) {
        if (!co_await to.write(answer)) break;
      }
    }(peer, bytes);
  };
}

std::string ok(const std::string& body, const std::string& fields) {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace baton
