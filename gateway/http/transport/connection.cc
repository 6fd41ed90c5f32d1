#include "gateway/http/transport/connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/base/mutant.h"
#include "gateway/http/transport/answer.h"

namespace baton {
namespace {

// A peer that always has more to say must not keep the others waiting.
constexpr int kTurnsBeforeOthers = 4;

// Below this, body and head leave in one write.
constexpr std::size_t kSmallBody = 32 * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(Hub& hub, Channel channel, std::string peer, std::string peer_key)
    : hub_(hub), channel_(std::move(channel)), peer_(std::move(peer)), peer_key_(std::move(peer_key)) {
  begin(Phase::handshake, hub.options.timers.handshake);
}

Task<Done> Connection::serve() {
  try {
    if (!channel_.is_tls() || co_await shake_hands()) {
      while (co_await exchange()) co_await let_others_run();
    }
  } catch (...) {
    // Out of memory, for this peer: the others go on.
  }
  (void)account_for(0);
  close();
  co_return Done{};
}

net::awaitable<bool> Connection::shake_hands() {
  for (;;) {
    const auto step = channel_.handshake();
    if (step.state == Channel::State::done) co_return true;
    const bool over = step.state == Channel::State::closed || hub_.draining || !co_await ready(step.state);
    if (!over) continue;
    if (!hub_.draining) hub_.counts.handshakes_failed.add();
    co_return false;
  }
}

net::awaitable<bool> Connection::exchange() {
  if (unread().empty() && !co_await first_bytes()) co_return false;
  ++served_;
  keep_alive_ = false;
  head_only_ = false;
  RequestParser parser(hub_.options.limits);
  Router::Match match;
  auto refusal = co_await read_head(parser);
  const bool head_is_sound = !refusal;
  if (!refusal) refusal = find_route(parser, match);
  if (!refusal) refusal = co_await read_body(parser, match.route->limits.max_body_bytes);
  if (!refusal && hub_.counts.in_flight.value() >= hub_.options.limits.in_flight)
    refusal = Refusal::overloaded;
  if (gone_) co_return false;
  if (refusal) {
    hub_.counts.refusals[static_cast<std::size_t>(*refusal)].add();
    auto told = problem(*refusal);
    if (!match.allow.empty()) told.headers.emplace("allow", match.allow);
    // With a body still to come, where the next request begins is the peer's word alone.
    const bool may_go_on = head_is_sound && !parser.has_body();
    co_return co_await send(std::move(told), may_go_on);
  }
  auto request = parser.take();
  request.params = std::move(match.params);
  auto reply = co_await handle(*match.route, std::move(request));
  if (abandoned_) co_return false;
  co_return co_await send(std::move(reply), true);
}

net::awaitable<bool> Connection::first_bytes() {
  const auto& timers = hub_.options.timers;
  begin(Phase::idle, served_ == 0 ? timers.first_byte : timers.idle);
  release_buffers();
  const auto nothing = co_await fill();
  if (nothing && expired_) hub_.counts.timed_out.add();
  co_return !nothing;
}

net::awaitable<std::optional<Refusal>> Connection::read_head(RequestParser& parser) {
  begin(Phase::head, hub_.options.timers.headers);
  for (;;) {
    const auto progress = parser.feed_head(unread());
    if (progress.refusal) co_return progress.refusal;
    if (progress.ready) {
      consume(progress.consumed);
      keep_alive_ = parser.keep_alive();
      head_only_ = parser.request().method == "HEAD";
      co_return std::nullopt;
    }
    if (const auto nothing = co_await fill()) co_return nothing;
    if (BATON_MUTANT(drip_extends_head_timer)) begin(Phase::head, hub_.options.timers.headers);
  }
}

std::optional<Refusal> Connection::find_route(const RequestParser& parser, Router::Match& match) const {
  const auto& request = parser.request();
  match = hub_.router.find(request.method, path_of(request.target));
  switch (match.outcome) {
    case Router::Outcome::found: return std::nullopt;
    case Router::Outcome::malformed: return Refusal::malformed_request;
    case Router::Outcome::not_found: return Refusal::not_found;
    case Router::Outcome::method_not_allowed: return Refusal::method_not_allowed;
  }
  return std::nullopt;
}

net::awaitable<std::optional<Refusal>> Connection::read_body(RequestParser& parser,
                                                             std::size_t max_body_bytes) {
  if (const auto refusal = parser.limit_body(max_body_bytes)) co_return refusal;
  if (!parser.has_body()) co_return std::nullopt;
  if (parser.expects_continue() && unread().empty()) {
    begin(Phase::writing, hub_.options.timers.write);
    gone_ = !co_await write_all(kContinue);
    if (gone_) co_return Refusal::request_timeout;
  }
  begin(Phase::body, hub_.options.timers.body);
  for (;;) {
    const auto progress = parser.feed_body(unread());
    consume(progress.consumed);
    if (progress.refusal) co_return progress.refusal;
    if (const auto refusal = account_for(parser.body_bytes())) co_return refusal;
    if (progress.ready) co_return std::nullopt;
    deadline_ = phase_began_ + hub_.options.timers.body + time_at_floor(parser.body_bytes());
    if (const auto nothing = co_await fill()) co_return nothing;
  }
}

std::optional<Refusal> Connection::account_for(std::size_t body_bytes) {
  hub_.buffered_bytes += body_bytes;
  hub_.buffered_bytes -= std::exchange(held_bytes_, body_bytes);
  const bool over = hub_.buffered_bytes > hub_.options.limits.buffered_body_bytes;
  if (over && !BATON_MUTANT(memory_budget_ignored)) return Refusal::buffers_full;
  return std::nullopt;
}

net::awaitable<Reply> Connection::handle(const Served& route, RawRequest request) {
  begin(Phase::handling, std::max(hub_.options.timers.watchdog, route.limits.answer));
  request.peer = peer_;
  request.received_at = hub_.clock.now();
  hub_.counts.in_flight.add();
  auto reply = co_await answer(route.handler, std::move(request), hub_.options.misbehaves);
  hub_.counts.in_flight.subtract();
  co_return reply;
}

net::awaitable<bool> Connection::send(Reply reply, bool may_go_on) {
  (void)account_for(0);
  if (reply.status == 0) {  // a simulated vendor's lost answer
    close();
    co_return false;
  }
  const bool drips = hub_.options.misbehaves && reply.headers.erase("x-sim-drip") > 0;
  const auto& limits = hub_.options.limits;
  AnswerForm form;
  form.keep_alive = may_go_on && keep_alive_ && !hub_.draining && served_ < limits.requests_per_connection;
  form.head_only = head_only_;
  form.date = hub_.date();
  out_.clear();
  write_head(reply, form, out_);
  const bool with_body = has_body(reply, form);
  const bool in_one = with_body && reply.body.size() <= kSmallBody;
  if (in_one) out_.append(reply.body);
  hub_.counts.answers[static_cast<std::size_t>(reply.status) / 100].add();
  begin(Phase::writing, hub_.options.timers.write + time_at_floor(reply.body.size()));
  if (drips && !co_await drip(out_)) co_return false;
  if (!drips && !co_await write_all(out_)) co_return false;
  if (with_body && !in_one && !co_await write_all(reply.body)) co_return false;
  if (!form.keep_alive) co_await linger();
  co_return form.keep_alive;
}

// Closing a socket with unread input resets it, and the reset may overtake our answer.
net::awaitable<void> Connection::linger() {
  begin(Phase::lingering, hub_.options.timers.linger);
  channel_.end_writing();
  release_buffers();
  for (std::size_t dropped = 0; dropped < hub_.options.limits.linger_bytes;) {
    const auto step = channel_.discard(hub_.scratch);
    if (step.state == Channel::State::closed) co_return;
    dropped += step.bytes;
    if (step.state == Channel::State::want_read && !co_await ready(step.state)) co_return;
  }
}

net::awaitable<std::optional<Refusal>> Connection::fill() {
  co_await let_others_run();
  for (;;) {
    const auto step = channel_.read(hub_.scratch);
    if (step.state == Channel::State::done) {
      if (in_.empty()) in_ = hub_.take_buffer();
      in_.append(hub_.scratch.data(), step.bytes);
      hub_.counts.bytes_received.add(step.bytes);
      co_return std::nullopt;
    }
    gone_ = step.state == Channel::State::closed || (phase_ == Phase::idle && hub_.draining);
    if (gone_) co_return Refusal::request_timeout;
    if (!co_await ready(step.state) && expired_) {
      gone_ = phase_ == Phase::idle;  // no request was begun: nothing to answer
      co_return Refusal::request_timeout;
    }
  }
}

net::awaitable<bool> Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto step = channel_.write(bytes);
    if (step.state == Channel::State::closed) co_return false;
    bytes.remove_prefix(step.bytes);
    if (step.state == Channel::State::done) {
      co_await let_others_run();
    } else if (!co_await ready(step.state)) {
      co_return false;
    }
  }
  co_return true;
}

// A simulated vendor's slow answer, in some three seconds: a byte at a time, or several of a long one.
net::awaitable<bool> Connection::drip(std::string_view bytes) {
  const auto piece = bytes.size() / 250 + 1;
  net::steady_timer timer(channel_.socket().get_executor());
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    boost::system::error_code error;
    timer.expires_after(Duration{10});
    co_await timer.async_wait(net::redirect_error(net::use_awaitable, error));
    if (error || !co_await write_all(bytes.substr(0, piece))) co_return false;
  }
  co_return true;
}

// False when the deadline passed or somebody interrupted the wait.
net::awaitable<bool> Connection::ready(Channel::State wanted) {
  if (expired_ || !channel_.is_open()) co_return false;
  boost::system::error_code error;
  const auto what =
      wanted == Channel::State::want_read ? Channel::Socket::wait_read : Channel::Socket::wait_write;
  co_await channel_.socket().async_wait(what, net::redirect_error(net::use_awaitable, error));
  turns_ = 0;
  co_return !error && !expired_;
}

net::awaitable<void> Connection::let_others_run() {
  if (++turns_ < kTurnsBeforeOthers) co_return;
  turns_ = 0;
  co_await net::post(channel_.socket().get_executor(), net::use_awaitable);
}

void Connection::begin(Phase phase, Duration longest) {
  phase_ = phase;
  phase_began_ = std::chrono::steady_clock::now();
  deadline_ = phase_began_ + longest;
  expired_ = false;
}

Duration Connection::time_at_floor(std::size_t bytes) const {
  return Duration{bytes * 1'000 / std::max<std::size_t>(hub_.options.timers.floor_bytes_per_second, 1)};
}

void Connection::consume(std::size_t bytes) {
  in_begin_ += bytes;
  if (in_begin_ < in_.size()) {
    // Moves what is left to the front, seldom enough to cost less than reading it did.
    if (in_begin_ < 32 * 1024) return;
    in_.erase(0, in_begin_);
  } else {
    in_.clear();
  }
  in_begin_ = 0;
}

void Connection::release_buffers() {
  in_begin_ = 0;
  hub_.give_buffer(std::exchange(in_, {}));
  hub_.give_buffer(std::exchange(out_, {}));
}

void Connection::tick(SteadyTime now) {
  if (expired_ || now < deadline_) return;
  if (phase_ == Phase::handling) return answer_for_handler();
  expired_ = true;
  if (abandoned_) return close();
  channel_.interrupt();
}

// The handler cannot be torn out of the middle. Its peer gets one answer now, from here.
void Connection::answer_for_handler() {
  hub_.counts.refusals[static_cast<std::size_t>(Refusal::handler_timeout)].add();
  const auto reply = problem(Refusal::handler_timeout);
  hub_.counts.answers[static_cast<std::size_t>(reply.status) / 100].add();
  AnswerForm form;
  form.keep_alive = false;
  form.head_only = head_only_;
  form.date = hub_.date();
  out_.clear();
  write_head(reply, form, out_);
  if (has_body(reply, form)) out_.append(reply.body);
  (void)channel_.write(out_);  // the peer waits for an answer, so there is room for a short one
  channel_.end_writing();
  abandoned_ = true;
  begin(Phase::lingering, hub_.options.timers.linger);
}

void Connection::drain() {
  if (phase_ == Phase::idle || phase_ == Phase::handshake) channel_.interrupt();
}

void Connection::cut() { close(); }

void Connection::close() {
  if (!channel_.is_open()) return;
  channel_.close();
  hub_.leave(peer_key_);
}

}  // namespace baton
