// Purpose: how a source that speaks neither Standard Webhooks nor a known platform's words proves who it is.
// Owner: Source. Threads: immutable. Units: seconds on the wire. Errors: `rejected`, with what did not fit;
// the secret is never part of it.
//
//   verify: {hmac: {header: x-signature, secret: {secret: ada}}}                 # of the body, sha256, hex
//   verify: {hmac: {header: x-signature, prefix: "sha256=", encoding: base64, algorithm: sha1,
//                   timestamp_header: x-timestamp, tolerance: 5m, secret: {secret: ada}}}   # of
//                   "timestamp.body"
//   verify: {header: {name: x-api-key, secret: {secret: ada}}}
//   verify: {basic: {user: baton, secret: {secret: ada}}}
//   verify: {standard_webhooks: {secret: {secret: ada}}}       # headers webhook-* or svix-*, secret
//   whsec_...
#pragma once

#include <string>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "gateway/model/http.h"
#include "gateway/model/node.h"
#include "secrets/keys.h"
#include "secrets/references.h"
#include "secrets/webhook_signature.h"

namespace baton::ingress {

struct Verification {
  enum class By { hmac, header, basic, standard_webhooks };
  By by = By::header;
  std::string header;  // in lower case
  std::string prefix;  // before the code, "sha256="
  bool base64 = false;
  secrets::MacKind mac = secrets::MacKind::hmac_sha256;
  std::string timestamp_header;  // empty: the body alone is signed
  Duration tolerance{300'000};
  std::string user;
  std::vector<Secret> keys;                       // the current one first
  std::vector<secrets::SigningKey> signing_keys;  // of standard_webhooks, instead

  // The id that was signed with it, where the scheme has one, else "".
  Result<std::string> verify(const RawRequest& request) const;
  // What the sender proves itself with: secrets, or what is as good as one for a while. Of no use to anybody
  // else, and a mapping copies what it likes.
  Headers without_proof(Headers headers) const;
};

Verification read_verification(const Node& node, const std::string& path, const secrets::Sources* secrets,
                               Problems& problems);

}  // namespace baton::ingress
