#include "gateway/http/transport/channel.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include <openssl/err.h>
#include <sys/socket.h>

namespace baton {
namespace {

Channel::Step from_socket(ssize_t result, Channel::State wanted) {
  if (result >= 0) return {Channel::State::done, static_cast<std::size_t>(result)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {wanted, 0};
  return {};
}

int clamp_to_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

Channel::Channel(Socket socket, std::shared_ptr<const TlsContext> context)
    : socket_(std::move(socket)), context_(std::move(context)) {
  if (context_) session_ = context_->open(socket_.native_handle());
}

Channel::Step Channel::from_ssl(int result) {
  if (result > 0) return {State::done, static_cast<std::size_t>(result)};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {State::want_read, 0};
    case SSL_ERROR_WANT_WRITE: return {State::want_write, 0};
    default: return {};
  }
}

Channel::Step Channel::handshake() {
  if (!session_) return {};
  ERR_clear_error();
  return from_ssl(SSL_accept(session_.get()));
}

Channel::Step Channel::read(std::span<char> into) {
  if (!is_open()) return {};
  if (!is_tls()) {
    const auto step = from_socket(::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT),
                                  State::want_read);
    return step.state == State::done && step.bytes == 0 ? Step{} : step;
  }
  ERR_clear_error();
  return from_ssl(SSL_read(session_.get(), into.data(), clamp_to_int(into.size())));
}

Channel::Step Channel::write(std::string_view bytes) {
  if (!is_open()) return {};
  if (!is_tls()) {
    return from_socket(
        ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL),
        State::want_write);
  }
  ERR_clear_error();
  return from_ssl(SSL_write(session_.get(), bytes.data(), clamp_to_int(bytes.size())));
}

void Channel::end_writing() {
  if (!is_open()) return;
  if (session_ && SSL_is_init_finished(session_.get())) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

Channel::Step Channel::discard(std::span<char> into) {
  if (!is_open()) return {};
  const auto step =
      from_socket(::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT), State::want_read);
  return step.state == State::done && step.bytes == 0 ? Step{} : step;
}

void Channel::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Channel::interrupt() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace baton
