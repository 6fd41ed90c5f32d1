// Purpose: authorities and server certificates made at run time, so that no key lies in the tree and
// none expires. Owner: a test. Threads: any.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

namespace baton {

struct Identity {
  std::shared_ptr<EVP_PKEY> key;      // shared by OpenSSL's own reference count
  std::shared_ptr<X509> certificate;  // likewise
};

Identity make_authority(const std::string& name);
// `alt_names` as OpenSSL writes them: "DNS:api.example,IP:127.0.0.1". Without an issuer, self-signed.
Identity make_server(const std::string& alt_names, const Identity* issuer, long days_from_now = 1);

// A server's side with that identity; at most `max_version` (0: any).
std::unique_ptr<boost::asio::ssl::context> tls_server(const Identity& identity, int max_version = 0);

// Writes the certificate to a file of its own and returns the path.
std::string to_file(const Identity& identity, const std::string& name);

}  // namespace baton
