// Purpose: the other side of a server under test: a blocking socket, plain or TLS, that sends exact
// bytes and reads answers.
// Owner: the test. Threads: one. Units: milliseconds. Errors: "nothing more came" is status 0.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "gateway/base/time.h"

namespace baton {

struct Answer {
  int status = 0;    // 0: the connection ended, or the time ran out, before a whole answer
  std::string head;  // status line and fields, in lower case
  std::string body;

  std::string field(std::string_view name) const;  // "" if it is not there
};

enum class Scheme { plain, tls };

struct FreeTls {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using ClientContext = std::unique_ptr<SSL_CTX, FreeTls>;

// The lowest security level, so that old versions are refused by the server and not by us. Version
// numbers are OpenSSL's, 0 for its default.
ClientContext make_client_context(int min_version = 0, int max_version = 0);

class Peer {
 public:
  struct Wish {
    Scheme scheme = Scheme::plain;
    Duration patience{5'000};
    SSL_CTX* context = nullptr;  // shared with other peers; null: one of its own
    SSL_SESSION* resume = nullptr;
    int receive_buffer = 0;        // bytes; 0: the system's
    bool handshake_later = false;  // begin it only; many peers then finish theirs side by side
  };

  Peer(std::uint16_t port, Scheme scheme);
  Peer(std::uint16_t port, const Wish& wish);
  ~Peer();
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&&) = delete;

  bool connected() const { return connected_; }  // the handshake included
  bool finish_handshake();
  bool send(std::string_view bytes);  // false when the other side no longer takes them
  void end_sending();
  Answer read_answer(bool to_head = false);
  bool at_end();  // nothing more comes, and the other side has said so (or reset)
  std::string read_some();

  std::string certificate_name();  // the common name that the server showed
  SSL* session() { return ssl_.get(); }
  int descriptor() const { return descriptor_; }

 private:
  void shake_hands(const Wish& wish);
  bool more();

  int descriptor_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  std::unique_ptr<SSL, FreeTls> ssl_;
  std::string seen_;
};

}  // namespace baton
