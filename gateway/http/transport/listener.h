// Purpose: the listening socket and its connections: accepts within the limits, survives a lack of
// descriptors, sweeps deadlines, drains.
// Owner: the server. Threads: the server's loop, except open() before that runs.
// Units: none. Errors: open() says which address could not be bound and why; after that none.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/base/scope.h"
#include "gateway/http/transport/connection.h"
#include "gateway/http/transport/hub.h"
#include "gateway/http/transport/tls.h"

namespace baton {

// The certificate set in force; swapped while connections open.
class CurrentTls {
 public:
  void set(std::shared_ptr<const TlsContext> context) {
    const std::lock_guard lock(mu_);
    context_ = std::move(context);
  }
  std::shared_ptr<const TlsContext> context() const {
    const std::lock_guard lock(mu_);
    return context_;
  }

 private:
  mutable std::mutex mu_;
  std::shared_ptr<const TlsContext> context_;  // guarded by mu_
};

class Listener {
 public:
  Listener(Loop& loop, Scope& scope, Hub& hub, const CurrentTls& tls);
  ~Listener();

  Result<Done> open();
  std::uint16_t port() const { return port_; }

  // On the loop from here on.
  void begin();
  void drain();  // takes what is in the backlog, then accepts no more
  void cut();

 private:
  Task<Done> accept_all();
  Task<Done> sweep();
  bool accept_one();  // false when there is none, or no descriptor
  void admit(int descriptor, const net::ip::tcp::endpoint& peer);
  void shed();
  void hold_reserve();
  Duration sweep_period() const;

  Scope& scope_;
  Hub& hub_;
  const CurrentTls& tls_;
  net::ip::tcp::acceptor acceptor_;
  net::steady_timer pause_;
  net::steady_timer sweep_timer_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::uint16_t port_ = 0;
  int reserve_ = -1;  // a descriptor to give up when there is no other
  bool exhausted_ = false;
};

}  // namespace baton
