// Purpose: a vendor's front door that behaves as its script says: well, badly or with malice.
// Owner: a test. Threads: the loop of its bench, which outlives it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "bench.h"

namespace baton {

struct Seen {
  int connections = 0;
  std::vector<std::string> requests;  // each with its body
  std::size_t bytes_sent = 0;
};

// One accepted connection.
class Peer {
 public:
  Peer(net::ip::tcp::socket socket, net::ssl::context* tls, Seen& seen);

  net::awaitable<bool> greet();                   // the TLS handshake, if there is one
  net::awaitable<std::string> read();             // a whole request, or "" at the end
  net::awaitable<bool> write(std::string bytes);  // false once the other side is gone
  net::awaitable<void> pause(Duration time);
  net::awaitable<void> hold();  // until the other side closes
  void reset();                 // closes without the politeness of a FIN

  int number() const { return number_; }  // 1 for the server's first connection

 private:
  net::awaitable<bool> read_more();

  net::ssl::stream<net::ip::tcp::socket> stream_;
  bool tls_;
  Seen& seen_;
  int number_;
  std::string buffer_;
};

// What a connection does; it is closed when the script ends.
using Script = std::function<net::awaitable<void>(Peer&)>;

class ScriptedServer {
 public:
  ScriptedServer(Bench& bench, Script script, net::ssl::context* tls = nullptr);

  int port() const { return acceptor_->local_endpoint().port(); }
  std::string url(const std::string& path = "/") const;
  const Seen& seen() const { return *seen_; }

 private:
  using Acceptor = net::ip::tcp::acceptor;

  static Task<Done> accept_all(Scope& scope, std::weak_ptr<Acceptor> acceptor, Script script,
                               net::ssl::context* tls, std::shared_ptr<Seen> seen);
  static Task<Done> serve(net::ip::tcp::socket socket, Script script, net::ssl::context* tls,
                          std::shared_ptr<Seen> seen);

  std::shared_ptr<Seen> seen_ = std::make_shared<Seen>();  // shared with the connections
  std::shared_ptr<Acceptor> acceptor_;
};

// Answers every request of a connection with `bytes`.
Script always(std::string bytes);
std::string ok(const std::string& body = "ok", const std::string& fields = "");

}  // namespace baton
