// Purpose: one peer from accept to close: handshake, then request after request in order, each with
// a complete and bounded body before its handler runs.
// Owner: the listener; it must stay until serve() has ended. Threads: the server's loop.
// Units: steady time for the deadlines. Errors: end the connection, with an answer where one helps.
//
// There is one deadline at any time, that of the phase; the listener's sweep calls tick(), so a
// request costs no timer. A handler is awaited in place: when it outlives the watchdog the sweep
// answers in its stead, and what it yields later is dropped.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/transport/channel.h"
#include "gateway/http/transport/hub.h"
#include "gateway/http/transport/refusal.h"
#include "gateway/http/transport/request_parser.h"

namespace baton {

class Connection {
 public:
  // The caller has entered `peer_key` at the hub; the connection leaves it when its socket closes.
  Connection(Hub& hub, Channel channel, std::string peer, std::string peer_key);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<Done> serve();

  void tick(SteadyTime now);
  void drain();  // the hub is draining: leave, if no request was begun
  void cut();    // leave at once

 private:
  enum class Phase { handshake, idle, head, body, handling, writing, lingering };

  net::awaitable<bool> shake_hands();
  net::awaitable<bool> exchange();  // one request and its answer; false: the connection is over
  net::awaitable<bool> first_bytes();
  net::awaitable<std::optional<Refusal>> read_head(RequestParser& parser);
  std::optional<Refusal> find_route(const RequestParser& parser, Router::Match& match) const;
  net::awaitable<std::optional<Refusal>> read_body(RequestParser& parser, std::size_t max_body_bytes);
  std::optional<Refusal> account_for(std::size_t body_bytes);
  net::awaitable<Reply> handle(const Served& route, RawRequest request);
  net::awaitable<bool> send(Reply reply, bool may_go_on);
  net::awaitable<void> linger();

  // Reads once. A refusal means that nothing came; gone_ then says whether anyone is left to hear it.
  net::awaitable<std::optional<Refusal>> fill();
  net::awaitable<bool> write_all(std::string_view bytes);
  net::awaitable<bool> drip(std::string_view bytes);
  net::awaitable<bool> ready(Channel::State wanted);
  net::awaitable<void> let_others_run();

  void begin(Phase phase, Duration longest);
  Duration time_at_floor(std::size_t bytes) const;
  std::string_view unread() const { return std::string_view(in_).substr(in_begin_); }
  void consume(std::size_t bytes);
  void release_buffers();
  void answer_for_handler();
  void close();

  Hub& hub_;
  Channel channel_;
  std::string peer_;
  std::string peer_key_;
  std::string in_;
  std::size_t in_begin_ = 0;
  std::string out_;
  SteadyTime phase_began_;
  SteadyTime deadline_;
  std::size_t held_bytes_ = 0;  // this request's share of the hub's buffered_bytes
  std::size_t served_ = 0;
  int turns_ = 0;  // steps since the last wait
  Phase phase_ = Phase::handshake;
  bool expired_ = false;
  bool gone_ = false;
  bool abandoned_ = false;  // the handler still runs, its peer has had its answer
  bool keep_alive_ = true;
  bool head_only_ = false;
};

}  // namespace baton
