// Purpose: how a connector's requests are authorised, as a value. The delivery station holds the
// secrets and applies it to each request as it leaves; a connector only names the fields.
// Owner: the connector. Threads: plain values.
#pragma once

#include <string>
#include <variant>

namespace baton::sdk {

struct NoAuth {};

// Authorization: Bearer <the secret in `field`>.
struct BearerAuth {
  explicit BearerAuth(std::string field_in) : field(std::move(field_in)) {}
  std::string field;
};

// Authorization: Basic base64(user + ":" + <the secret in `field`>).
struct BasicAuth {
  BasicAuth(std::string user_in, std::string field_in)
      : user(std::move(user_in)), field(std::move(field_in)) {}
  std::string user;
  std::string field;
};

// OAuth 2.0 client credentials: Baton asks `target` (below base_url) for access tokens, ahead of
// their expiry, one request at a time.
struct ClientCredentials {
  enum class Body { json, form };
  ClientCredentials(std::string target_in, Body body_in, std::string client_id_in, std::string field_in,
                    std::string scope_in)
      : target(std::move(target_in)), body(body_in), client_id(std::move(client_id_in)),
        field(std::move(field_in)), scope(std::move(scope_in)) {}
  std::string target;
  Body body;
  std::string client_id;
  std::string field;  // the client secret
  std::string scope;
};

// Signed after Standard Webhooks with the secret in `field`: a new timestamp and signature for each
// attempt over the journalled bytes; webhook-id is the step's key.
struct StandardSignature {
  explicit StandardSignature(std::string field_in) : field(std::move(field_in)) {}
  std::string field;
};

using Auth = std::variant<NoAuth, BearerAuth, BasicAuth, ClientCredentials, StandardSignature>;

}  // namespace baton::sdk
