#include "gateway/delivery/credentials.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "secrets/oauth.h"
#include "secrets/webhook_signature.h"

namespace baton::delivery {
namespace {

// An address of its own carries its own authority; the destination's credential is not for it.
bool is_whole_url(std::string_view target) { return target.starts_with("http"); }

// A webhook-id must not contain '.', which would let bytes move between the signed parts
// (fact sheet standard-webhooks, section 3.1).
std::string webhook_id(std::string key) {
  std::ranges::replace(key, '.', '-');
  std::ranges::replace(key, '/', ':');
  return key;
}

std::string_view field_of(const sdk::Auth& auth) {
  if (const auto* bearer = std::get_if<sdk::BearerAuth>(&auth)) return bearer->field;
  if (const auto* basic = std::get_if<sdk::BasicAuth>(&auth)) return basic->field;
  return {};
}

}  // namespace

struct Credentials::Token {
  Token(secrets::Grant grant_in, TimePoint got_at_in) : grant(std::move(grant_in)), got_at(got_at_in) {}
  bool good(TimePoint now) const { return !grant.expires_at || now < *grant.expires_at; }
  secrets::Grant grant;
  TimePoint got_at;
};

Credentials::Credentials(const sdk::Account& account, HttpClient& client, Clock& clock)
    : account_(account), client_(client), clock_(clock) {}

Credentials::~Credentials() = default;

Task<Request> Credentials::authorize(Request request, std::string key, TimePoint deadline) {
  if (is_whole_url(request.target)) co_return request;
  const auto auth = account_.connector->auth(account_.settings);
  if (const auto* scheme = std::get_if<sdk::ClientCredentials>(&auth)) {
    const auto fresh = co_await fresh_token(*scheme, deadline);
    if (!fresh) co_return fresh.error();
    request.headers["authorization"] = "Bearer " + std::string(token_->grant.access_token.reveal());
  } else if (const auto* signature = std::get_if<sdk::StandardSignature>(&auth)) {
    const auto signed_now = sign(request, *signature, key);
    if (!signed_now) co_return signed_now.error();
  } else if (const auto field = field_of(auth); !field.empty()) {
    const auto& secret = account_.secret(field);
    const auto* basic = std::get_if<sdk::BasicAuth>(&auth);
    request.headers["authorization"] =
        basic ? "Basic " + to_base64(basic->user + ":" + std::string(secret.reveal()))
              : "Bearer " + std::string(secret.reveal());
  }
  request.target = account_.base_url + request.target;
  co_return request;
}

bool Credentials::refused(TimePoint authorized_at) {
  // A newer one than the refused one stays: dropping it would make the vendor drop it as well.
  if (token_ && token_->got_at <= authorized_at) token_.reset();
  return std::holds_alternative<sdk::ClientCredentials>(account_.connector->auth(account_.settings));
}

// One asks, the others wait for what it gets: a vendor may drop the earlier of two tokens.
Task<Done> Credentials::fresh_token(const sdk::ClientCredentials& scheme, TimePoint deadline) {
  while (asking_) {
    if (clock_.now() >= deadline) co_return Failure(FailureKind::retryable, "the token did not come in time");
    (void)co_await asked_.wait(asked_.count(), clock_, deadline);
  }
  constexpr auto kRefreshAgain = Duration{30s};
  const auto now = clock_.now();
  const bool good = token_ && token_->good(now);
  if (good && (!token_->grant.refresh_due(now) || now < ask_again_at_)) co_return Done{};
  asking_ = true;
  // The old one is good until it ends: a refresh ahead of time leaves time for the request itself,
  // its failure is not the request's, and it is not tried again with each request.
  const auto result = co_await ask_for_token(scheme, good ? now + (deadline - now) / 2 : deadline);
  asking_ = false;
  asked_.ring();
  ask_again_at_ = clock_.now() + kRefreshAgain;
  if (!result && !(token_ && token_->good(clock_.now()))) co_return result.error();
  co_return Done{};
}

Task<Done> Credentials::ask_for_token(const sdk::ClientCredentials& scheme, TimePoint deadline) {
  secrets::OAuthClient oauth;
  oauth.token_url = account_.base_url + scheme.target;
  oauth.form =
      scheme.body == sdk::ClientCredentials::Body::json ? secrets::TokenForm::json : secrets::TokenForm::form;
  oauth.client_id = scheme.client_id;
  oauth.client_secret = account_.secret(scheme.field).duplicate();
  oauth.scope = scheme.scope;
  auto ask = secrets::client_credentials_request(oauth);

  const auto asked_at = clock_.now();
  Outgoing outgoing(account_.id.text + "/token",
                    Request("POST", ask.url, std::string(ask.body.reveal()), std::move(ask.headers)),
                    deadline);
  const auto reply = co_await client_.exchange(std::move(outgoing));
  // A token that was made and not received harms nobody: asking again is safe.
  if (!reply) {
    const auto& failure = reply.error();
    const auto kind = failure.kind == FailureKind::ambiguous ? FailureKind::retryable : failure.kind;
    co_return Failure(kind, "asking " + oauth.token_url + " for a token: " + failure.detail);
  }
  auto grant = secrets::read_grant(reply->status, reply->body, asked_at, reply->retry_after);
  if (!grant) co_return grant.error();
  token_ = std::make_unique<Token>(std::move(*grant), clock_.now());
  if (account_.learn) {
    account_.learn("access_token", token_->grant.access_token);
    if (token_->grant.refresh_token) account_.learn("refresh_token", *token_->grant.refresh_token);
  }
  co_return Done{};
}

Result<Done> Credentials::sign(Request& request, const sdk::StandardSignature& scheme,
                               const std::string& key) const {
  const auto secrets = account_.secrets.find(scheme.field);
  std::vector<secrets::SigningKey> keys;
  if (secrets != account_.secrets.end()) {
    for (const auto& secret : secrets->second) {
      auto made = secrets::SigningKey::make(secret);
      if (!made) return Failure(FailureKind::misconfigured, made.error().detail);
      keys.push_back(std::move(*made));
    }
  }
  const auto id = webhook_id(key);
  const auto signature = secrets::sign(id, clock_.now(), request.body, keys);
  if (!signature) return Failure(FailureKind::misconfigured, signature.error().detail);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  request.headers["webhook-id"] = id;
  request.headers["webhook-timestamp"] = std::to_string(seconds);
  request.headers["webhook-signature"] = *signature;
  return Done{};
}

}  // namespace baton::delivery
