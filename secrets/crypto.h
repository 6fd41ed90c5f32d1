// Purpose: the few cryptographic operations that Baton uses, each checked; the only door to OpenSSL
// besides the HTTP adapters. Everything else in secrets/ is built from these.
// Owner: the caller; keys that are used often are prepared once (MacKey, SigningPair).
// Threads: any; prepared keys are immutable. Units: bytes.
// Errors: a Failure (retryable) if OpenSSL itself fails; `rejected` for input that is refused.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"

struct evp_mac_ctx_st;
struct evp_pkey_st;

namespace baton::secrets {

// Cryptographically strong bytes. As a parameter, so that known-answer tests can fix them.
Result<Done> fill_random(std::span<char> bytes);
using RandomBytes = std::function<Result<Done>(std::span<char>)>;

// The time depends on the size of `given` only, which whoever asks knows anyway. Nothing equals an
// empty secret.
bool equal_in_constant_time(std::string_view secret, std::string_view given);

Result<std::string> sha256(std::initializer_list<std::string_view> parts);
// Of a file of any size. `misconfigured` if it cannot be read.
Result<std::string> sha256_of_file(const std::string& path);

// 16 bytes that tell two texts apart, at a tenth of a digest's cost (SipHash). Not a secret's work:
// whoever wants to find two texts with the same one can.
Result<std::string> fingerprint(std::string_view text);

enum class Digest { sha256, sha1 };

// HMAC with its key schedule computed once.
class MacKey {
 public:
  // An empty key is refused: anybody could compute its codes.
  static Result<MacKey> make(Digest digest, std::string_view key);

  // Of the parts one after the other, without separators.
  Result<std::string> mac(std::initializer_list<std::string_view> parts) const;

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  using Context = std::unique_ptr<evp_mac_ctx_st, Free>;

  explicit MacKey(Context keyed) : keyed_(std::move(keyed)) {}

  Context keyed_;
};

inline constexpr std::size_t kEd25519KeyBytes = 32;

// An ed25519 key: a pair, or only the public half.
class SigningPair {
 public:
  static Result<SigningPair> from_seed(std::string_view seed);              // 32 bytes
  static Result<SigningPair> from_public_key(std::string_view public_key);  // 32 bytes

  bool can_sign() const { return has_private_; }
  Result<std::string> public_key() const;
  Result<std::string> sign(std::string_view message) const;  // precondition: can_sign()
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, Free>;

  SigningPair(Key key, bool has_private) : key_(std::move(key)), has_private_(has_private) {}

  Key key_;
  bool has_private_;
};

// RSASSA-PKCS1-v1_5 with SHA-256 ("RS256"). `pem`: an unencrypted private key; `misconfigured` if it is none,
// or shorter than 2,048 bits.
Result<std::string> rsa_sha256_sign(const Secret& pem, std::string_view message);

inline constexpr std::size_t kAesKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// AES-256-GCM. The nonce must never repeat under one key. Returns ciphertext, then tag.
Result<std::string> gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated,
                             std::string_view plaintext);
// `rejected` unless every bit of key, nonce, associated data and `sealed` is what it was.
Result<Secret> gcm_open(std::string_view key, std::string_view nonce, std::string_view associated,
                        std::string_view sealed);

// Standard base64 with padding, without a stray copy of what it decodes.
std::optional<Secret> secret_from_base64(std::string_view text);

}  // namespace baton::secrets
