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

// <header>: <prefix><the secret in `field`>, for vendors with a header of their own or no word before the
// key.
struct HeaderAuth {
  HeaderAuth(std::string header_in, std::string field_in, std::string prefix_in = {})
      : header(std::move(header_in)), field(std::move(field_in)), prefix(std::move(prefix_in)) {}
  std::string header;  // in lower case
  std::string field;
  std::string prefix;
};

// Basic with the secret as the user: base64(<the secret in `field`> + ":" + password).
struct BasicKeyAuth {
  BasicKeyAuth(std::string field_in, std::string password_in)
      : field(std::move(field_in)), password(std::move(password_in)) {}
  std::string field;
  std::string password;
};

// The address itself is the secret in `field`: a step's target is added to it as it stands, "" for none.
// base_url is not used.
struct SecretAddress {
  explicit SecretAddress(std::string field_in) : field(std::move(field_in)) {}
  std::string field;
};

// How a token endpoint wants to be asked.
enum class TokenBody { json, form };

// Below base_url, where the vendor takes a token back that is not wanted any more: a form with `token` (RFC
// 7009), under that token. Empty: there is no such address, and a token lives as long as it was made to.
using RevokeTarget = std::string;

// OAuth 2.0 client credentials: Baton asks `target` (below base_url) for access tokens, ahead of
// their expiry, one request at a time.
struct ClientCredentials {
  using Body = TokenBody;
  ClientCredentials(std::string target_in, Body body_in, std::string client_id_in, std::string field_in,
                    std::string scope_in, RevokeTarget revoke_in = {})
      : target(std::move(target_in)), body(body_in), client_id(std::move(client_id_in)),
        field(std::move(field_in)), scope(std::move(scope_in)), revoke(std::move(revoke_in)) {}
  std::string target;
  Body body;
  std::string client_id;
  std::string field;  // the client secret
  std::string scope;
  RevokeTarget revoke;
};

// OAuth 2.0 with a refresh token. Where the vendor gives a new refresh token with each access token, the
// new one is in the sealed store before the old one is dropped.
struct RefreshToken {
  RefreshToken(std::string target_in, TokenBody body_in, std::string client_id_in, std::string field_in,
               std::string refresh_field_in, std::string scope_in = {}, RevokeTarget revoke_in = {})
      : target(std::move(target_in)), body(body_in), client_id(std::move(client_id_in)),
        field(std::move(field_in)), refresh_field(std::move(refresh_field_in)), scope(std::move(scope_in)),
        revoke(std::move(revoke_in)) {}
  std::string target;
  TokenBody body;
  std::string client_id;
  std::string field;          // the client secret; empty: a public client without one
  std::string refresh_field;  // the refresh token
  std::string scope;
  RevokeTarget revoke;
};

// OAuth 2.0 JWT bearer (RFC 7523): Baton signs an assertion with the RSA key in `field` (PEM, RS256) and asks
// `target` for an access token with it. There is no refresh token: each time a new assertion.
struct JwtBearer {
  JwtBearer(std::string target_in, std::string issuer_in, std::string subject_in, std::string audience_in,
            std::string field_in, RevokeTarget revoke_in = {})
      : target(std::move(target_in)), issuer(std::move(issuer_in)), subject(std::move(subject_in)),
        audience(std::move(audience_in)), field(std::move(field_in)), revoke(std::move(revoke_in)) {}
  std::string target;
  std::string issuer;
  std::string subject;
  std::string audience;
  std::string field;
  RevokeTarget revoke;
};

// Signed after Standard Webhooks with the secret in `field`: a new timestamp and signature for each
// attempt over the journalled bytes; webhook-id is the step's key.
struct StandardSignature {
  explicit StandardSignature(std::string field_in) : field(std::move(field_in)) {}
  std::string field;
};

using Auth = std::variant<NoAuth, BearerAuth, BasicAuth, HeaderAuth, BasicKeyAuth, SecretAddress,
                          ClientCredentials, RefreshToken, JwtBearer, StandardSignature>;

}  // namespace baton::sdk
