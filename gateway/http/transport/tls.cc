#include "gateway/http/transport/tls.h"

#include <cerrno>
#include <climits>
#include <cstdint>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include "gateway/http/transport/pem.h"

namespace baton {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

Failure wrong(std::string what) {
  ERR_clear_error();
  return {FailureKind::misconfigured, "TLS identity: " + std::move(what)};
}

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent =
      ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && would_block()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_PRIORITIZE_CHACHA);
  // Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  // An idle session keeps no 34 kB of buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  static constexpr unsigned char kContext[] = "baton";
  SSL_CTX_set_session_id_context(context, kContext, sizeof kContext - 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets: the peer keeps the state
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

std::optional<Failure> use_chain(SSL_CTX* context, std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  if (!leaf) return wrong("no certificate can be read from the chain (PEM, leaf first)");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
    return wrong("the leaf certificate is too weak or broken");
  while (auto* next = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) == 1) continue;
    X509_free(next);
    return wrong("a certificate of the chain is too weak or broken");
  }
  ERR_clear_error();  // the end of the chain is reported as an error
  return std::nullopt;
}

std::optional<Failure> use_key(SSL_CTX* context, std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return wrong("the private key cannot be read (PEM, not encrypted)");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return wrong("the private key does not belong to the certificate");
  }
  return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsIdentity& identity) {
  if (identity.chain_pem.size() > INT_MAX || identity.key_pem.size() > INT_MAX) return wrong("too large");
  auto made = std::make_shared<TlsContext>();
  made->method_.reset(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "baton socket"));
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  BATON_CHECK(made->method_ && made->context_);
  BIO_meth_set_write(made->method_.get(), bio_write);
  BIO_meth_set_read(made->method_.get(), bio_read);
  BIO_meth_set_ctrl(made->method_.get(), bio_control);
  harden(made->context_.get());
  if (auto failure = use_chain(made->context_.get(), identity.chain_pem)) return *failure;
  if (auto failure = use_key(made->context_.get(), identity.key_pem.reveal())) return *failure;
  return std::shared_ptr<const TlsContext>(std::move(made));
}

SslSession TlsContext::open(int socket) const {
  SslSession session(SSL_new(context_.get()));
  auto* bio = BIO_new(method_.get());
  if (!session || !bio) {
    BIO_free(bio);
    return nullptr;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace baton
