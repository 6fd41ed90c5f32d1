#include "secrets/oauth.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "gateway/base/text.h"
#include "secrets/crypto.h"
#include "secrets/encodings.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

// A document whose texts are wiped when it is freed: it holds the new tokens.
using WipedJson = nlohmann::basic_json<std::map, std::vector, WipedText>;

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

WipedText print_json(const Pairs& pairs, std::optional<Duration> expires_in) {
  auto text = wiped_text(8192);
  for (const auto& [key, value] : pairs) {
    text.append(text.empty() ? "{\"" : ",\"").append(key).append("\":\"");
    append_json_escaped(text, value);
    text += '"';
  }
  if (expires_in) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*expires_in).count();
    text.append(",\"expires_in\":").append(std::to_string(seconds));
  }
  return text.append("}");
}

WipedText print_form(const Pairs& pairs, std::optional<Duration> expires_in) {
  auto text = wiped_text(8192);
  for (const auto& [key, value] : pairs) {
    if (!text.empty()) text += '&';
    text.append(key).append("=");
    append_percent_encoded(text, value, false);
  }
  if (expires_in) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*expires_in).count();
    text.append("&expires_in=").append(std::to_string(seconds));
  }
  return text;
}

TokenRequest request_of(const OAuthClient& client, Pairs pairs) {
  pairs.emplace_back("client_id", client.client_id);
  if (!client.client_secret.empty()) pairs.emplace_back("client_secret", client.client_secret.reveal());
  if (!client.scope.empty()) pairs.emplace_back("scope", client.scope);
  const bool json = client.form == TokenForm::json;
  const auto body = json ? print_json(pairs, client.expires_in) : print_form(pairs, client.expires_in);
  return {client.token_url,
          {{"accept", "application/json"},
           {"content-type", json ? "application/json" : "application/x-www-form-urlencoded"}},
          secret_from(body)};
}

std::string_view text_at(const WipedJson& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_string()) return {};
  return found->get_ref<const WipedText&>();
}

// Seconds, as a number or, with some vendors, as a text. Nothing useful is "not announced".
std::optional<Duration> seconds_at(const WipedJson& document, const char* key) {
  constexpr std::int64_t kTenYears = std::int64_t{10} * 366 * 86'400;
  const auto found = document.find(key);
  if (found == document.end()) return std::nullopt;
  std::int64_t seconds = 0;
  if (found->is_number_integer()) {
    seconds = found->get<std::int64_t>();
  } else if (const auto text = text_at(document, key); !text.empty()) {
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kTenYears));
}

// A word such as invalid_client; anything else could be an echo of what we sent.
std::string error_code(const WipedJson& document) {
  if (!document.is_object()) return "no error code";
  const auto code = text_at(document, "error");
  const bool plain = !code.empty() && code.size() <= 40 && std::ranges::all_of(code, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  return plain ? std::string(code) : "no error code";
}

// What token endpoints say in words, and what a person does about it. Only these words are repeated.
struct Said {
  std::string_view words;
  std::string_view remedy;
};
constexpr auto kSaid = std::to_array<Said>({
    {"hasn't approved this consumer",
     "let the app act for this user: pre-authorise them in the app's policies, by a profile or a permission "
     "set"},
    {"audience is invalid",
     "`audience` must be the address that the token is asked of, as one text with https://"},
    {"invalid assertion",
     "the certificate that the vendor has does not belong to this private key, or the client id is another "
     "app's"},
    {"expired access/refresh token",
     "the consent has ended: authorise Baton again and store the new refresh token"},
    {"expired authorization code", "set this machine's clock: an assertion is good for three minutes only"},
    {"no client credentials user enabled",
     "name the user that the app runs as, in the settings of its client credentials flow"},
    {"not installed in this org", "install the app in the account that is asked, or check base_url"},
    {"request not supported on this domain",
     "ask the account's own host and not a common one: check base_url and token_url"},
    {"does not support the client_credentials grant",
     "switch client credentials on in the application's settings"},
});

const Said* known_words(const WipedJson& document) {
  if (!document.is_object()) return nullptr;
  const auto text = text_at(document, "error_description");
  const auto* const found = std::ranges::find_if(
      kSaid, [text](const Said& one) { return text.find(one.words) != std::string_view::npos; });
  return found == kSaid.end() ? nullptr : found;
}

// Codes that say more than that the client is wrong.
constexpr auto kCodes = std::to_array<Said>({
    {"inactive_user",
     "the user that Baton acts as is inactive: activate them, or let another one authorise it"},
    {"inactive_org", "the account is locked or has ended: ask whoever administers it"},
    {"app_not_found", "install the app in the account that is asked, or check base_url and token_url"},
    {"invalid_grant",
     "the authorisation was withdrawn: authorise Baton again and store the new refresh token"},
    {"access_denied",
     "the authorisation was withdrawn: authorise Baton again and store the new refresh token"},
});

std::string_view remedy_of(std::string_view code) {
  const auto* const found = std::ranges::find(kCodes, code, &Said::words);
  return found == kCodes.end() ? "check client id, client secret and scope of this destination"
                               : found->remedy;
}

// Too many sign-ins are a refusal of the moment, whatever status it has.
bool is_too_often(int status, std::string_view code, const WipedJson& document) {
  return status == 429 || code == "rate_limit_exceeded" ||
         (document.is_object() &&
          text_at(document, "error_description").find("rate exceeded") != std::string_view::npos);
}

Failure read_refusal(int status, const WipedJson& document, TimePoint asked_at,
                     std::optional<Duration> retry_after) {
  const auto code = error_code(document);
  if (is_too_often(status, code, document)) {
    const Duration wait = status == 429 ? Duration(60s) : Duration(5min);
    return Failure(FailureKind::rate_limited, fmt::format("the token endpoint answered {}", status),
                   asked_at + retry_after.value_or(wait));
  }
  // Asking for a token changes nothing that asking again would double.
  if (status == 408 || status >= 500 || status < 400) {
    return Failure(FailureKind::retryable, fmt::format("the token endpoint answered {}", status));
  }
  if (const auto* said = known_words(document)) {
    return Failure(FailureKind::misconfigured, fmt::format("the token endpoint answered {} ({}, \"{}\"); {}",
                                                           status, code, said->words, said->remedy));
  }
  return Failure(FailureKind::misconfigured,
                 fmt::format("the token endpoint answered {} ({}); {}", status, code, remedy_of(code)));
}

}  // namespace

TokenRequest client_credentials_request(const OAuthClient& client) {
  return request_of(client, {{"grant_type", "client_credentials"}});
}

TokenRequest refresh_request(const OAuthClient& client, const Secret& refresh_token) {
  return request_of(client, {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token.reveal()}});
}

Result<TokenRequest> jwt_bearer_request(std::string token_url, const Assertion& assertion, const Secret& pem,
                                        TimePoint now) {
  const auto expires =
      std::chrono::floor<std::chrono::seconds>(now + assertion.valid).time_since_epoch().count();
  const nlohmann::json claims = {
      {"iss", assertion.issuer}, {"sub", assertion.subject}, {"aud", assertion.audience}, {"exp", expires}};
  auto token = to_base64url(R"({"alg":"RS256"})") + "." +
               to_base64url(claims.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  const auto signature = rsa_sha256_sign(pem, token);
  if (!signature) return signature.error();
  token += "." + to_base64url(*signature);
  const auto body = print_form(
      {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", token}}, std::nullopt);
  return TokenRequest{std::move(token_url),
                      {{"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}},
                      secret_from(body)};
}

std::optional<TimePoint> Grant::refresh_at() const {
  if (!expires_at) return std::nullopt;
  const auto life = *expires_at - asked_at;
  if (life <= 60s) return asked_at + life / 2;
  return std::min(asked_at + life * 4 / 5, *expires_at - 60s);
}

bool Grant::refresh_due(TimePoint now) const {
  const auto at = refresh_at();
  return at && now >= *at;
}

Result<Grant> read_grant(int status, std::string_view body, TimePoint asked_at,
                         std::optional<Duration> retry_after, std::string_view address_member) {
  const auto document = WipedJson::parse(body, nullptr, /*allow_exceptions=*/false);
  if (status < 200 || status > 299) return read_refusal(status, document, asked_at, retry_after);
  // Cut on its way: the next answer may be whole.
  if (document.is_discarded()) {
    return Failure(FailureKind::retryable,
                   fmt::format("the token endpoint answered {} with half a document", status));
  }
  const auto access = document.is_object() ? text_at(document, "access_token") : std::string_view();
  // Garbled, or another service's answer: the next one may be right, and the failure says where to look.
  if (access.empty()) {
    return Failure(
        FailureKind::retryable,
        fmt::format("the token endpoint answered {} without an access_token; check its address", status));
  }
  Grant grant;
  grant.access_token = secret_from(access);
  grant.asked_at = asked_at;
  grant.scope = std::string(text_at(document, "scope"));
  if (!address_member.empty())
    grant.address = std::string(text_at(document, std::string(address_member).c_str()));
  if (const auto life = seconds_at(document, "expires_in")) grant.expires_at = asked_at + *life;
  if (const auto refresh = text_at(document, "refresh_token"); !refresh.empty()) {
    grant.refresh_token = secret_from(refresh);
    const auto life = seconds_at(document, "refresh_token_expires_in");
    if (life) grant.refresh_token_expires_at = asked_at + *life;
  }
  return grant;
}

}  // namespace baton::secrets
