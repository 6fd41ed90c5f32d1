// Purpose: OAuth 2 tokens, the pure parts: what to ask, how to read the answer, when to ask again.
// The exchange itself, and that only one asks at a time, is the delivery station's.
// Owner: the caller. Threads: plain values. Units: the wire's expires_in is in seconds.
// Errors: as style section 5; a detail holds the vendor's error code and never what was sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "gateway/model/http.h"

namespace baton::secrets {

enum class TokenForm {
  json,  // Zendesk (fact sheet zendesk, section 2.3)
  form,  // HubSpot and the RFC (fact sheet hubspot, section 2)
};

struct OAuthClient {
  std::string token_url;
  TokenForm form = TokenForm::form;
  std::string client_id;
  Secret client_secret;
  std::string scope;                   // "": not sent
  std::optional<Duration> expires_in;  // asked for; only some vendors listen (Zendesk: 300 s to 48 h)
};

// A POST. Like a Request, but its body is wiped after use.
struct TokenRequest {
  std::string url;
  Headers headers;
  Secret body;
};

TokenRequest client_credentials_request(const OAuthClient& client);
TokenRequest refresh_request(const OAuthClient& client, const Secret& refresh_token);

// JWT bearer (RFC 7523): who asks, for whom, and whom the assertion is for. It is good for `valid`.
struct Assertion {
  std::string issuer;
  std::string subject;
  std::string audience;
  Duration valid{120'000};  // vendors take three minutes at most, and clocks differ
};
// Signs with the RSA key `pem` (RS256); `misconfigured` if it is no such key.
Result<TokenRequest> jwt_bearer_request(std::string token_url, const Assertion& assertion, const Secret& pem,
                                        TimePoint now);

struct Grant {
  Secret access_token;
  std::optional<Secret> refresh_token;  // store it durably before the old one is dropped
  TimePoint asked_at;
  std::optional<TimePoint> expires_at;  // none: no expiry was announced
  std::optional<TimePoint> refresh_token_expires_at;
  std::string scope;
  std::string address;  // where the vendor wants requests from now on, as it says it; mostly it says nothing

  // At 80 % of its life, at the latest 60 s before its end. A life of a minute or less is halved.
  std::optional<TimePoint> refresh_at() const;
  bool refresh_due(TimePoint now) const;
};

// `asked_at` is when the request left: counting from the answer would trust the token too long.
// `address_member`: of the answer, where it names Grant::address.
// `misconfigured`: the client or the refresh token was refused, a person must authorise again.
Result<Grant> read_grant(int status, std::string_view body, TimePoint asked_at,
                         std::optional<Duration> retry_after = std::nullopt,
                         std::string_view address_member = {});

}  // namespace baton::secrets
