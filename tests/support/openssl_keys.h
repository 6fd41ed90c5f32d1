// Purpose: Keys for tests, straight on OpenSSL: what a connector's webhook reader asks of the
// gateway, made of nothing that the gateway has. Also signs, for requests that a test makes.
// Owner: a test. Threads: one.
#pragma once

#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

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
