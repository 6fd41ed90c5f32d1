#include "secrets/keys.h"

#include "secrets/crypto.h"

namespace baton::secrets {
namespace {

bool one_matches(MacKind kind, const Secret& secret, std::string_view message, std::string_view mac_bytes) {
  if (secret.empty()) return false;
  if (kind == MacKind::shared_value) return equal_in_constant_time(secret.reveal(), mac_bytes);
  const auto digest = kind == MacKind::hmac_sha1 ? Digest::sha1 : Digest::sha256;
  const auto key = MacKey::make(digest, secret.reveal());
  if (!key) return false;
  const auto expected = key->mac({message});
  return expected && equal_in_constant_time(*expected, mac_bytes);
}

}  // namespace

bool mac_matches(MacKind kind, std::span<const Secret> secrets, std::string_view message,
                 std::string_view mac_bytes) {
  bool matches = false;
  for (const auto& secret : secrets) matches |= one_matches(kind, secret, message, mac_bytes);
  return matches;
}

}  // namespace baton::secrets
