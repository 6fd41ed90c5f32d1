// Purpose: Keys for tests, straight on OpenSSL: what a connector's webhook reader asks of the
// gateway, made of nothing that the gateway has. Also signs, for requests that a test makes.
// Owner: a test. Threads: one.
#pragma once

#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "connectors/sdk/connector.h"
#include "gateway/base/text.h"

namespace baton::testing {

inline std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view message) {
  std::string mac(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &length);
  mac.resize(length);
  return mac;
}
inline std::string hmac_sha256(std::string_view key, std::string_view message) {
  return hmac(EVP_sha256(), key, message);
}

// The key inside "whsec_<base64>".
inline std::string standard_key(std::string_view secret) {
  if (secret.starts_with("whsec_")) secret.remove_prefix(6);
  return from_base64(secret).value_or("");
}

inline std::string from_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return from_base64(text).value_or("");
}

// A key pair of RSA, made for one test.
struct RsaKey {
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  std::unique_ptr<EVP_PKEY, Free> pair;
  std::string pem;  // the private half
};

inline RsaKey make_rsa_key(unsigned bits = 2048) {
  RsaKey key;
  key.pair.reset(EVP_RSA_gen(bits));
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key.pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out, &text);
  key.pem.assign(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return key;
}

inline bool rsa_verifies(const RsaKey& key, std::string_view message, std::string_view signature) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool fits =
      EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key.pair.get()) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  EVP_MD_CTX_free(context);
  return fits;
}

class OpensslKeys final : public sdk::Keys {
 public:
  explicit OpensslKeys(std::map<std::string, std::string, std::less<>> secrets)
      : secrets_(std::move(secrets)) {}

  bool matches(Mac kind, std::string_view field, std::string_view message,
               std::string_view mac) const override {
    const auto found = secrets_.find(field);
    if (found == secrets_.end() || found->second.empty()) return false;
    std::string wanted = found->second;
    if (kind == Mac::hmac_sha256) wanted = hmac(EVP_sha256(), found->second, message);
    if (kind == Mac::hmac_sha1) wanted = hmac(EVP_sha1(), found->second, message);
    return wanted.size() == mac.size() && CRYPTO_memcmp(wanted.data(), mac.data(), mac.size()) == 0;
  }

  Result<std::string> standard_webhook(const RawRequest& request, std::string_view field) const override {
    const auto refused = Failure(FailureKind::rejected, "not signed by the other side");
    const auto found = secrets_.find(field);
    const auto key = found == secrets_.end() ? std::string() : standard_key(found->second);
    const auto id = header(request.headers, "webhook-id"),
               stamp = header(request.headers, "webhook-timestamp");
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
    if (key.empty() || id.empty() || error != std::errc() || end != stamp.data() + stamp.size())
      return refused;
    const auto age = request.received_at - TimePoint(std::chrono::seconds(seconds));
    if (std::chrono::abs(age) > 300s) return refused;
    const auto mac = hmac_sha256(key, std::string(id) + "." + std::string(stamp) + "." + request.body);
    for (const auto entry : split(header(request.headers, "webhook-signature"), ' ')) {
      if (entry == "v1," + to_base64(mac)) return std::string(id);
    }
    return refused;
  }

 private:
  std::map<std::string, std::string, std::less<>> secrets_;
};

}  // namespace baton::testing
