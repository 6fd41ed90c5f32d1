// Purpose: one certificate set as an OpenSSL context: TLS 1.2 and 1.3 only, no compression, no
// renegotiation, tickets on, http/1.1 by ALPN.
// Owner: the server holds the current one; each session keeps the one it began with alive, so a
// swap disturbs nobody. Threads: made on any; used on the server's loop.
// Errors: `misconfigured`, saying which part of the identity is wrong, never its bytes.
#pragma once

#include <memory>

#include <openssl/ssl.h>

#include "gateway/base/result.h"
#include "gateway/http/transport/options.h"

namespace baton {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslSession = std::unique_ptr<SSL, FreeSsl>;

class TlsContext {
 public:
  // shared: by the server and every session that began with it.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsIdentity& identity);

  // A server-side session over a socket that it does not own. Null when out of memory. This context
  // must outlive it.
  SslSession open(int socket) const;

 private:
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct FreeMethod {
    void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  };

  // OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a peer that left would end the process.
  std::unique_ptr<BIO_METHOD, FreeMethod> method_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

}  // namespace baton
