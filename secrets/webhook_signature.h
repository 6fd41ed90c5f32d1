// Purpose: Standard Webhooks 1.0.0, both directions: who sent this request, and how we sign ours
// (fact sheet standard-webhooks, sections 2, 3.1, 3.3). Svix sends the same under other header names.
// Owner: whoever holds the keys; a SigningKey is made once from its Secret and used for every
// request. Threads: any; keys are immutable. Units: timestamps are whole seconds on the wire.
// Errors: `rejected` with a sentence for the operator's log; the sender learns only that it is 401.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "gateway/model/http.h"
#include "secrets/crypto.h"

namespace baton::secrets {

inline constexpr std::chrono::seconds kTimestampTolerance{300};
inline constexpr std::size_t kMaxWebhookIdBytes = 256;
// More would let one request buy many ed25519 checks.
inline constexpr std::size_t kMaxSignatures = 16;

// A key that is decoded and scheduled once.
class SigningKey {
 public:
  // `whsec_...` or the bare base64: HMAC, "v1". `whsk_...` (seed, or seed and public key): ed25519,
  // "v1a". `whpk_...`: ed25519, can only verify. The message of a failure never shows the secret.
  static Result<SigningKey> make(const Secret& secret);

  std::string_view version() const { return mac_ ? "v1" : "v1a"; }
  bool can_sign() const { return mac_ || pair_->can_sign(); }
  Result<std::string> sign(std::string_view signed_content) const;  // raw bytes
  // `encoded` as they stand in the header, after the comma. A big body is hashed once for all.
  bool matches_any(std::string_view signed_content, std::span<const std::string_view> encoded) const;

 private:
  SigningKey() = default;

  std::optional<MacKey> mac_;  // exactly one of the two
  std::optional<SigningPair> pair_;
};

struct VerifiedId {
  std::string id;       // the key under which the request is deduplicated
  TimePoint timestamp;  // of this attempt
};

// One matching signature of one key is enough. The body is the raw one, before any parsing; an
// empty one is legal. Headers of both families in one request are refused: which id was signed
// would be anybody's choice.
Result<VerifiedId> verify(const Headers& headers, std::string_view raw_body, std::span<const SigningKey> keys,
                          TimePoint now);
// The same with keys made on the spot; a secret that is no key fails the whole.
Result<VerifiedId> verify(const Headers& headers, std::string_view raw_body, std::span<const Secret> secrets,
                          TimePoint now);

// The value of `webhook-signature`: one entry per key, so that old and new secret both fit while
// they are being exchanged. `id` must be without '.', keys not empty.
Result<std::string> sign(std::string_view id, TimePoint timestamp, std::string_view body,
                         std::span<const SigningKey> keys);

// A fresh `whsec_...` of 32 random bytes.
Result<Secret> make_webhook_secret(const RandomBytes& random = fill_random);

}  // namespace baton::secrets
