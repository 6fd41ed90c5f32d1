#include "gateway/delivery/credentials.h"

#include <algorithm>

#include "gateway/base/mutant.h"
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

// Those who ask the vendor for an access token first.
bool is_granted(const sdk::Auth& auth) {
  return std::holds_alternative<sdk::ClientCredentials>(auth) ||
         std::holds_alternative<sdk::RefreshToken>(auth) || std::holds_alternative<sdk::JwtBearer>(auth);
}

std::string revoked_at(const sdk::Auth& auth) {
  if (const auto* scheme = std::get_if<sdk::ClientCredentials>(&auth)) return scheme->revoke;
  if (const auto* scheme = std::get_if<sdk::RefreshToken>(&auth)) return scheme->revoke;
  if (const auto* scheme = std::get_if<sdk::JwtBearer>(&auth)) return scheme->revoke;
  return {};
}

std::string under(const std::string& base_url, const std::string& target) {
  return is_whole_url(target) ? target : base_url + target;
}

// An assertion that was long on its way: a new one shows whether it is the clock.
bool may_be_late(const sdk::Auth& auth, const Failure& refusal) {
  return std::holds_alternative<sdk::JwtBearer>(auth) && refusal.detail.find("expired") != std::string::npos;
}

secrets::TokenForm form_of(sdk::TokenBody body) {
  return body == sdk::TokenBody::json ? secrets::TokenForm::json : secrets::TokenForm::form;
}

// The header of a secret that is sent as it is.
class Plain {
 public:
  Plain(const sdk::Account& account, Headers& headers) : account_(account), headers_(headers) {}

  void operator()(const sdk::BearerAuth& auth) { put("authorization", "Bearer " + value(auth.field)); }
  void operator()(const sdk::BasicAuth& auth) {
    put("authorization", "Basic " + to_base64(auth.user + ":" + value(auth.field)));
  }
  void operator()(const sdk::BasicKeyAuth& auth) {
    put("authorization", "Basic " + to_base64(value(auth.field) + ":" + auth.password));
  }
  void operator()(const sdk::HeaderAuth& auth) { put(auth.header, auth.prefix + value(auth.field)); }
  template <class Other>
  void operator()(const Other&) {}  // not by a header of one secret

 private:
  std::string value(const std::string& field) const { return std::string(account_.secret(field).reveal()); }
  void put(const std::string& name, std::string text) { headers_[name] = std::move(text); }

  const sdk::Account& account_;
  Headers& headers_;
};

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

Task<Request> Credentials::authorize(Request request, std::string key, TimePoint deadline, bool probe) {
  if (is_whole_url(request.target)) co_return request;
  const auto auth = account_.connector->auth(account_.settings);
  if (is_granted(auth)) {
    const auto fresh = co_await fresh_token(auth, deadline, probe);
    if (!fresh) co_return fresh.error();
    request.headers["authorization"] = "Bearer " + std::string(token_->grant.access_token.reveal());
  } else if (const auto* signature = std::get_if<sdk::StandardSignature>(&auth)) {
    const auto signed_now = sign(request, *signature, key);
    if (!signed_now) co_return signed_now.error();
  } else if (const auto* address = std::get_if<sdk::SecretAddress>(&auth)) {
    request.target = std::string(account_.secret(address->field).reveal()) + request.target;
    co_return request;
  } else {
    std::visit(Plain(account_, request.headers), auth);
  }
  request.target = address() + request.target;
  co_return request;
}

Credentials::Age Credentials::age() const {
  Age age;
  if (!token_) return age;
  age.since = token_->got_at;
  age.expires_at = token_->grant.expires_at;
  return age;
}

std::string Credentials::scope() const { return token_ ? token_->grant.scope : std::string(); }

bool Credentials::refused(TimePoint authorized_at) {
  // A newer one than the refused one stays: dropping it would make the vendor drop it as well.
  if (token_ && token_->got_at <= authorized_at) token_.reset();
  return is_granted(account_.connector->auth(account_.settings));
}

// Of a refresh token and its access token the first is what others are made of; with it goes the second (RFC
// 7009).
Request Credentials::revocation(const std::string& target) const {
  const auto auth = account_.connector->auth(account_.settings);
  auto token = token_ ? std::string(token_->grant.access_token.reveal()) : std::string();
  Headers headers{{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}};
  if (!token.empty()) headers["authorization"] = "Bearer " + token;
  if (const auto* scheme = std::get_if<sdk::RefreshToken>(&auth))
    token = refresh_token_ ? refresh_token_->reveal() : account_.secret(scheme->refresh_field).reveal();
  return Request("POST", under(account_.base_url, target), "token=" + percent_encode(token),
                 std::move(headers));
}

Task<Withdrawn> Credentials::withdraw(TimePoint deadline) {
  const auto auth = account_.connector->auth(account_.settings);
  const auto target = revoked_at(auth);
  withdrawn_ = true;
  while (asking_) {
    if (clock_.now() >= deadline) co_return Failure(FailureKind::retryable, "a token is being asked for");
    (void)co_await asked_.wait(asked_.count(), clock_, deadline);
  }
  if (target.empty()) co_return Withdrawn::by_hand;
  // A consent lives on in its refresh token, whether or not an access token has been made of it.
  const auto* consent = std::get_if<sdk::RefreshToken>(&auth);
  if (consent) (void)learn_replaced(auth);
  const bool has_consent =
      consent && (refresh_token_ || !account_.secret(consent->refresh_field).reveal().empty());
  const bool has_token = token_ && token_->good(clock_.now());
  if (!has_token && !has_consent) co_return Withdrawn::none_held;
  if (!has_token) token_.reset();
  Outgoing outgoing(account_.id.text + "/revoke", revocation(target), deadline);
  const auto reply = co_await client_.exchange(std::move(outgoing));
  if (!reply) co_return Failure(FailureKind::retryable, "giving the token back: " + reply.error().detail);
  const bool taken = reply->status >= 200 && reply->status < 300;
  // A second time is 400, and 401 says that the token which it bears is none any more.
  if (!taken && reply->status != 400 && reply->status != 401)
    co_return Failure(FailureKind::retryable,
                      "giving the token back was answered " + std::to_string(reply->status));
  token_.reset();
  co_return taken ? Withdrawn::revoked : Withdrawn::ended_before;
}

// One asks, the others wait for what it gets: a vendor may drop the earlier of two tokens.
Task<Done> Credentials::fresh_token(const sdk::Auth& auth, TimePoint deadline, bool probe) {
  while (asking_) {
    if (clock_.now() >= deadline) co_return Failure(FailureKind::retryable, "the token did not come in time");
    (void)co_await asked_.wait(asked_.count(), clock_, deadline);
  }
  if (withdrawn_)
    co_return Failure(FailureKind::misconfigured, "a person has revoked Baton's access: resume " +
                                                      account_.id.text + " to ask for it again");
  if (const auto* scheme = std::get_if<sdk::RefreshToken>(&auth)) keep_refresh_token(*scheme);
  constexpr auto kRefreshAgain = Duration{30s};
  const auto now = clock_.now();
  const bool good = token_ && token_->good(now);
  if (good && (probe || !token_->grant.refresh_due(now) || now < ask_again_at_)) co_return Done{};
  asking_ = true;
  // The old one is good until it ends: a refresh ahead of time leaves time for the request itself,
  // its failure is not the request's, and it is not tried again with each request.
  const auto result = co_await ask_for_token(auth, good ? now + (deadline - now) / 2 : deadline);
  asking_ = false;
  asked_.ring();
  ask_again_at_ = clock_.now() + kRefreshAgain;
  if (!result && !(token_ && token_->good(clock_.now()))) co_return result.error();
  co_return Done{};
}

// A generation that ends, a probe and `destinations test` in a process of its own renew the same secret. Two
// at once could each be given a new refresh token and the store keep the one that the vendor has dropped.
Task<Credentials::Turn> Credentials::my_turn(const sdk::Auth& auth, TimePoint deadline) {
  constexpr auto kLookAgain = Duration{50};
  const auto* scheme = std::get_if<sdk::RefreshToken>(&auth);
  if (!scheme || !account_.turn) co_return Turn();
  for (;;) {
    auto turn = account_.turn(scheme->refresh_field);
    // Where no turn can be kept no new refresh token can be either, and nobody else keeps one.
    if (!turn) co_return Turn();
    if (*turn || BATON_MUTANT(renewed_out_of_turn)) co_return std::move(*turn);
    if (clock_.now() >= deadline)
      co_return Failure(FailureKind::retryable, "somebody else is renewing this credential");
    (void)co_await clock_.until(std::min(deadline, clock_.now() + kLookAgain));
  }
}

// The turn ends when the new refresh token is kept.
Task<Done> Credentials::ask_for_token(const sdk::Auth& auth, TimePoint deadline) {
  const auto turn = co_await my_turn(auth, deadline);
  if (!turn) co_return turn.error();
  if (*turn) (void)learn_replaced(auth);  // whoever had it before us has replaced it
  auto asked = co_await ask_once(auth, deadline);
  const bool refused = !asked && asked.error().kind == FailureKind::misconfigured;
  if (refused && (learn_replaced(auth) || may_be_late(auth, asked.error())))
    asked = co_await ask_once(auth, deadline);
  co_return asked;
}

// A refused refresh token may have been replaced by a person, or by `destinations test` beside us.
bool Credentials::learn_replaced(const sdk::Auth& auth) {
  const auto* scheme = std::get_if<sdk::RefreshToken>(&auth);
  if (!scheme || !account_.latest || unsaved_) return false;
  auto stored = account_.latest(scheme->refresh_field);
  const auto& ours = refresh_token_ ? *refresh_token_ : account_.secret(scheme->refresh_field);
  if (!stored || stored->reveal() == ours.reveal()) return false;
  if (account_.learn) account_.learn("refresh_token", *stored);
  refresh_token_ = std::move(*stored);
  return true;
}

Task<Done> Credentials::ask_once(const sdk::Auth& auth, TimePoint deadline) {
  auto ask = token_request(auth);
  if (!ask) co_return ask.error();
  const auto url = ask->url;
  const auto asked_at = clock_.now();
  Outgoing outgoing(account_.id.text + "/token",
                    Request("POST", ask->url, std::string(ask->body.reveal()), std::move(ask->headers)),
                    deadline);
  const auto reply = co_await client_.exchange(std::move(outgoing));
  // A token that was made and not received harms nobody: asking again is safe. (A refresh token that was
  // replaced by an answer that was lost is another matter: vendors take the old one a while longer.)
  if (!reply) {
    const auto& failure = reply.error();
    const auto kind = failure.kind == FailureKind::ambiguous ? FailureKind::retryable : failure.kind;
    co_return Failure(kind, "asking " + url + " for a token: " + failure.detail);
  }
  auto grant = secrets::read_grant(reply->status, reply->body, asked_at, reply->retry_after,
                                   account_.connector->manifest().address_in_grant);
  if (!grant) co_return grant.error();
  if (const auto heeded = heed_address(*grant, url); !heeded) co_return heeded.error();
  co_return take(std::move(*grant), auth);
}

// The token goes there with each request, so it has to be as safe a place as the one that gave it.
Result<Done> Credentials::heed_address(const secrets::Grant& grant, const std::string& asked_at) {
  constexpr std::string_view kSafe = "https://", kPlain = "http://";
  std::string_view address = grant.address;
  while (address.ends_with('/')) address.remove_suffix(1);
  if (address.empty()) return Done{};
  const auto scheme = address.starts_with(kSafe)                                    ? kSafe
                      : address.starts_with(kPlain) && asked_at.starts_with(kPlain) ? kPlain
                                                                                    : std::string_view();
  const bool usable =
      !scheme.empty() && address.size() > scheme.size() && std::ranges::none_of(address, [](char c) {
        return c <= ' ' || c == '?' || c == '#' || c == '@' || c == '\\' || c == 0x7f;
      });
  if (!usable) {
    return Failure(FailureKind::retryable,
                   "the token endpoint named an address for requests that is none with https://; check "
                   "where tokens are asked for: " +
                       asked_at);
  }
  address_ = address;
  return Done{};
}

Done Credentials::take(secrets::Grant grant, const sdk::Auth& auth) {
  token_ = std::make_unique<Token>(std::move(grant), clock_.now());
  const auto& got = token_->grant;
  if (account_.learn) {
    account_.learn("access_token", got.access_token);
    if (got.refresh_token) account_.learn("refresh_token", *got.refresh_token);
  }
  const auto* scheme = std::get_if<sdk::RefreshToken>(&auth);
  if (scheme && got.refresh_token) {
    const auto& former = refresh_token_ ? *refresh_token_ : account_.secret(scheme->refresh_field);
    unsaved_ = unsaved_ || former.reveal() != got.refresh_token->reveal();
    refresh_token_ = got.refresh_token->duplicate();
    keep_refresh_token(*scheme);
  }
  return Done{};
}

// The store may be unwell for a moment: what is not saved is tried again with the next request, and meanwhile
// this process knows it.
void Credentials::keep_refresh_token(const sdk::RefreshToken& scheme) {
  if (!unsaved_ || !account_.keep) return;
  if (!BATON_MUTANT(new_refresh_token_not_kept))
    unsaved_ = !account_.keep(scheme.refresh_field, *refresh_token_);
}

Result<secrets::TokenRequest> Credentials::token_request(const sdk::Auth& auth) const {
  if (const auto* scheme = std::get_if<sdk::JwtBearer>(&auth)) {
    const secrets::Assertion assertion{scheme->issuer, scheme->subject, scheme->audience};
    return secrets::jwt_bearer_request(under(account_.base_url, scheme->target), assertion,
                                       account_.secret(scheme->field), clock_.now());
  }
  if (const auto* scheme = std::get_if<sdk::RefreshToken>(&auth)) return token_request(*scheme);
  const auto& scheme = std::get<sdk::ClientCredentials>(auth);
  secrets::OAuthClient oauth;
  oauth.token_url = under(account_.base_url, scheme.target);
  oauth.form = form_of(scheme.body);
  oauth.client_id = scheme.client_id;
  oauth.client_secret = account_.secret(scheme.field).duplicate();
  oauth.scope = scheme.scope;
  return secrets::client_credentials_request(oauth);
}

Result<secrets::TokenRequest> Credentials::token_request(const sdk::RefreshToken& scheme) const {
  secrets::OAuthClient oauth;
  oauth.token_url = under(account_.base_url, scheme.target);
  oauth.form = form_of(scheme.body);
  oauth.client_id = scheme.client_id;
  if (!scheme.field.empty()) oauth.client_secret = account_.secret(scheme.field).duplicate();
  oauth.scope = scheme.scope;
  const auto& latest = refresh_token_ ? *refresh_token_ : account_.secret(scheme.refresh_field);
  if (latest.empty()) {
    return Failure(FailureKind::misconfigured,
                   "there is no refresh token: authorise Baton at the vendor and run "
                   "`baton secret set` with the token that it shows");
  }
  return secrets::refresh_request(oauth, latest);
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
