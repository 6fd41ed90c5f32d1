// Purpose: one accepted socket, plain or TLS, read and written without waiting.
// Owner: a connection. Threads: the server's loop. Units: bytes.
// Errors: `closed` for every end, ours or the peer's: the reason changes nothing for the caller.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "gateway/base/task.h"
#include "gateway/http/transport/tls.h"

namespace baton {

class Channel {
 public:
  using Socket = net::ip::tcp::socket;

  enum class State { done, want_read, want_write, closed };
  struct Step {
    State state = State::closed;
    std::size_t bytes = 0;
  };

  // `context` is null for plain HTTP.
  Channel(Socket socket, std::shared_ptr<const TlsContext> context);

  bool is_tls() const { return context_ != nullptr; }
  Step handshake();
  Step read(std::span<char> into);
  Step write(std::string_view bytes);
  void end_writing();                  // the peer sees the end after what was written
  Step discard(std::span<char> into);  // raw bytes, after end_writing()
  void close();
  bool is_open() const { return socket_.is_open(); }

  // Wakes whoever waits on the socket.
  void interrupt();
  Socket& socket() { return socket_; }

 private:
  Step from_ssl(int result);

  Socket socket_;
  std::shared_ptr<const TlsContext> context_;  // shared: a swap must not pull it away from under us
  SslSession session_;
};

}  // namespace baton
