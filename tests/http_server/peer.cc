#include "tests/http_server/peer.h"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/check.h"
#include "gateway/base/text.h"

namespace baton {

std::string Answer::field(std::string_view name) const {
  const auto at = head.find("\r\n" + std::string(name) + ": ");
  if (at == std::string::npos) return {};
  const auto start = at + name.size() + 4;
  return head.substr(start, head.find("\r\n", start) - start);
}

ClientContext make_client_context(int min_version, int max_version) {
  ClientContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), min_version);
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  return context;
}

Peer::Peer(std::uint16_t port, Scheme scheme) : Peer(port, Wish{.scheme = scheme}) {}

Peer::Peer(std::uint16_t port, const Wish& wish) {
  std::signal(SIGPIPE, SIG_IGN);
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return;
  timeval patience{wish.patience.count() / 1000, wish.patience.count() % 1000 * 1000};
  const int one = 1;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (wish.receive_buffer != 0) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &wish.receive_buffer, sizeof wish.receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (connected_ && wish.scheme == Scheme::tls) shake_hands(wish);
}

void Peer::shake_hands(const Wish& wish) {
  const auto own = wish.context ? nullptr : make_client_context();
  ssl_.reset(SSL_new(wish.context ? wish.context : own.get()));
  SSL_set_fd(ssl_.get(), descriptor_);
  if (wish.resume) SSL_set_session(ssl_.get(), wish.resume);
  if (!wish.handshake_later) {
    connected_ = finish_handshake();
    return;
  }
  const int flags = ::fcntl(descriptor_, F_GETFL);
  ::fcntl(descriptor_, F_SETFL, flags | O_NONBLOCK);
  (void)SSL_connect(ssl_.get());
  ::fcntl(descriptor_, F_SETFL, flags);
}

bool Peer::finish_handshake() { return !ssl_ || SSL_connect(ssl_.get()) == 1; }

Peer::~Peer() {
  ssl_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
}

Peer::Peer(Peer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_), ended_(other.ended_),
      ssl_(std::move(other.ssl_)), seen_(std::move(other.seen_)) {}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Peer::end_sending() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ::shutdown(descriptor_, SHUT_WR);
}

bool Peer::more() {
  char bytes[16'384];
  const auto got =
      ssl_ ? SSL_read(ssl_.get(), bytes, sizeof bytes) : ::recv(descriptor_, bytes, sizeof bytes, 0);
  if (got <= 0) {
    ended_ = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    return false;
  }
  seen_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

Answer Peer::read_answer(bool to_head) {
  auto end = seen_.find("\r\n\r\n");
  while (end == std::string::npos && more()) end = seen_.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  Answer answer;
  answer.head = to_lower(seen_.substr(0, end + 2));
  const auto length = static_cast<std::size_t>(std::atol(answer.field("content-length").c_str()));
  seen_.erase(0, end + 4);
  const auto size = to_head ? 0 : length;
  while (seen_.size() < size && more()) {
  }
  if (seen_.size() < size) return {};
  answer.body = seen_.substr(0, size);
  seen_.erase(0, size);
  answer.status = std::atoi(answer.head.substr(9, 3).c_str());
  return answer;
}

std::string Peer::read_some() {
  if (seen_.empty()) more();
  return std::exchange(seen_, {});
}

bool Peer::at_end() { return seen_.empty() && !more() && ended_; }

std::string Peer::certificate_name() {
  auto* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (!certificate) return {};
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

}  // namespace baton
