#include "gateway/app/claims.h"

#include "gateway/base/text.h"

namespace baton::app {

Claims read_claims(const Node& section, const std::string& public_url, const secrets::Sources* secrets,
                   Problems& problems) {
  Claims claims;
  if (section.missing()) return claims;
  Fields in(section, "claims", problems);
  const auto& key = in.node("key");
  claims.valid = in.duration("valid", claims.valid);
  claims.identity_header = to_lower(in.text("identity_header"));
  in.done();
  if (public_url.empty()) {
    problems.add(
        section.at(), "claims",
        "needs `public_url` at the top level: claim links lead there, such as https://baton.example.com");
  }
  if (key.missing()) {
    problems.add(section.at(), "claims.key",
                 "is missing: {secret: claim_key}; make one with `baton secret set claim_key`");
    return claims;
  }
  if (!secrets) {
    (void)secrets::read_reference(key, "claims.key", problems);
    return claims;
  }
  const auto value = secrets::resolve(key, *secrets);
  if (!value) {
    problems.add(key.at(), "claims.key", value.error().detail);
    return claims;
  }
  auto links = secrets::ClaimLinks::make(*value);
  if (links) claims.links = std::move(*links);
  else problems.add(key.at(), "claims.key", links.error().detail);
  claims.page = public_url + (public_url.ends_with('/') ? "" : "/") + "claim/";
  return claims;
}

void bind_claims(const Claims& claims, sdk::Account& account) {
  if (!claims.links) return;
  account.claim_url = [&claims](const HandoffId& handoff, TimePoint requested_at) -> std::string {
    const auto token = claims.links->token(handoff, requested_at + claims.valid);
    return token ? claims.page + *token : "";
  };
}

}  // namespace baton::app
