#include "connectors/sdk/account_keys.h"

#include "secrets/keys.h"
#include "secrets/webhook_signature.h"

namespace baton::sdk {
namespace {

secrets::MacKind kind_of(Keys::Mac kind) {
  switch (kind) {
    case Keys::Mac::hmac_sha256: return secrets::MacKind::hmac_sha256;
    case Keys::Mac::hmac_sha1: return secrets::MacKind::hmac_sha1;
    case Keys::Mac::shared_value: return secrets::MacKind::shared_value;
  }
  return secrets::MacKind::hmac_sha256;
}

}  // namespace

bool AccountKeys::matches(Mac kind, std::string_view field, std::string_view message,
                          std::string_view mac) const {
  const auto found = account_.secrets.find(field);
  if (found == account_.secrets.end()) return false;
  return secrets::mac_matches(kind_of(kind), found->second, message, mac);
}

Result<std::string> AccountKeys::standard_webhook(const RawRequest& request, std::string_view field) const {
  const auto found = account_.secrets.find(field);
  if (found == account_.secrets.end() || found->second.empty()) {
    return Failure(FailureKind::rejected, account_.id.text + " has no secret `" + std::string(field) + "`");
  }
  const auto verified = secrets::verify(request.headers, request.body, std::span<const Secret>(found->second),
                                        request.received_at);
  if (!verified) return verified.error();
  return verified->id;
}

}  // namespace baton::sdk
