#include "gateway/http/transport/listener.h"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace baton {
namespace {

using net::ip::tcp;

// As many in a row before the others get their turn.
constexpr int kAcceptsPerTurn = 64;
constexpr Duration kShortestSweep{5};
constexpr Duration kLongestSweep{250};

// Whoever owns an IPv6 address owns its /64.
std::string key_of(const net::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.begin() + 8};
}

net::ip::address plain(const net::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  }
  return address;
}

}  // namespace

Listener::Listener(Loop& loop, Scope& scope, Hub& hub, const CurrentTls& tls)
    : scope_(scope), hub_(hub), tls_(tls), acceptor_(loop), pause_(loop), sweep_timer_(loop) {}

Listener::~Listener() {
  if (reserve_ >= 0) ::close(reserve_);
}

Result<Done> Listener::open() {
  const auto& options = hub_.options;
  const auto where = options.address + ":" + std::to_string(options.port);
  boost::system::error_code error;
  const auto address = net::ip::make_address(options.address, error);
  if (error) return Failure(FailureKind::misconfigured, "listen on " + where + ": not an IP address");
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && address.is_v6()) acceptor_.set_option(net::ip::v6_only(false), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) return Failure(FailureKind::misconfigured, "listen on " + where + ": " + error.message());
  ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
  hold_reserve();
  return Done{};
}

void Listener::begin() {
  scope_.spawn(accept_all());
  scope_.spawn(sweep());
}

Task<Done> Listener::accept_all() {
  boost::system::error_code error;
  while (acceptor_.is_open()) {
    co_await acceptor_.async_wait(tcp::acceptor::wait_read, net::redirect_error(net::use_awaitable, error));
    if (error || !acceptor_.is_open()) co_return Done{};
    for (int i = 0; i < kAcceptsPerTurn && accept_one(); ++i) {
    }
    if (!std::exchange(exhausted_, false)) continue;
    pause_.expires_after(hub_.options.timers.accept_pause);
    co_await pause_.async_wait(net::redirect_error(net::use_awaitable, error));
  }
  co_return Done{};
}

bool Listener::accept_one() {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  const int descriptor =
      ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    peer.resize(size);
    hub_.counts.accepted.add();
    admit(descriptor, peer);
    return true;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    hub_.counts.exhausted.add();
    exhausted_ = true;
    shed();
    return false;
  }
  return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
}

// Closes one waiting peer by means of the reserve: it learns at once what it would otherwise wait for.
void Listener::shed() {
  if (reserve_ < 0) return;
  ::close(std::exchange(reserve_, -1));
  const int descriptor = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    ::close(descriptor);
    hub_.counts.shed.add();
  }
  hold_reserve();
}

void Listener::hold_reserve() {
  if (reserve_ < 0) reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void Listener::admit(int descriptor, const tcp::endpoint& peer) {
  hold_reserve();
  const auto address = plain(peer.address());
  auto key = key_of(address);
  if (hub_.counts.open.value() >= hub_.options.limits.connections) {
    hub_.counts.over_limit.add();
    ::close(descriptor);
    return;
  }
  if (!hub_.enter(key)) {
    hub_.counts.over_peer_limit.add();
    ::close(descriptor);
    return;
  }
  boost::system::error_code error;
  tcp::socket socket(acceptor_.get_executor());
  socket.assign(peer.protocol(), descriptor, error);
  if (error) {  // the reactor refused it: treat it as a lack of descriptors
    ::close(descriptor);
    hub_.leave(key);
    exhausted_ = true;
    return;
  }
  socket.set_option(tcp::no_delay(true), error);
  connections_.push_front(std::make_unique<Connection>(hub_, Channel(std::move(socket), tls_.context()),
                                                       address.to_string(), std::move(key)));
  const auto at = connections_.begin();
  scope_.spawn((*at)->serve(), [this, at](const Result<Done>&) { connections_.erase(at); });
}

// One timer for all deadlines. It stands still while nobody is connected.
Task<Done> Listener::sweep() {
  const auto period = sweep_period();
  boost::system::error_code error;
  while (acceptor_.is_open() || !connections_.empty()) {
    sweep_timer_.expires_after(period);
    co_await sweep_timer_.async_wait(net::redirect_error(net::use_awaitable, error));
    const auto now = std::chrono::steady_clock::now();
    for (const auto& connection : connections_) connection->tick(now);
  }
  co_return Done{};
}

Duration Listener::sweep_period() const {
  const auto& timers = hub_.options.timers;
  const auto shortest = std::min({timers.handshake, timers.first_byte, timers.headers, timers.body,
                                  timers.idle, timers.write, timers.watchdog, timers.linger});
  return std::clamp(shortest / 8, kShortestSweep, kLongestSweep);
}

void Listener::drain() {
  while (acceptor_.is_open() && accept_one()) {
  }
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& connection : connections_) connection->drain();
}

void Listener::cut() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  sweep_timer_.cancel();
  for (const auto& connection : connections_) connection->cut();
}

}  // namespace baton
