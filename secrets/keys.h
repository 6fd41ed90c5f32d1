// Purpose: what a connector needs to check a vendor's webhook: does one of these secrets fit?
// Owner: the caller. Threads: any. Units: raw bytes; the connector decodes hex or base64 before.
// Errors: none; what cannot be checked does not match.
#pragma once

#include <span>
#include <string_view>

#include "gateway/base/secret.h"

namespace baton::secrets {

enum class MacKind {
  hmac_sha256,
  hmac_sha1,
  shared_value,  // the vendor sends the secret itself; `message` counts for nothing
};

// Several secrets: the current and the previous one while they are being exchanged. All are tried,
// whether one fitted or not. An empty secret fits nothing. The key is the secret's bytes as they
// stand, as all vendors but Standard Webhooks want it (their fact sheets, on signatures).
bool mac_matches(MacKind kind, std::span<const Secret> secrets, std::string_view message,
                 std::string_view mac_bytes);

}  // namespace baton::secrets
