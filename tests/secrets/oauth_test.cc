#include "secrets/oauth.h"
#include "tests/secrets/moment.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton::secrets {
namespace {

OAuthClient client(TokenForm form) {
  OAuthClient made;
  made.token_url = "https://acme.zendesk.example/oauth/tokens";
  made.form = form;
  made.client_id = "baton";
  made.client_secret = Secret("s\"e&c=r+t \xc3\xa9");
  made.scope = "read write";
  return made;
}

TEST(OAuth, the_json_form_is_what_zendesk_wants) {
  auto asked = client(TokenForm::json);
  asked.expires_in = 24h;
  const auto request = client_credentials_request(asked);
  EXPECT_EQ(request.url, "https://acme.zendesk.example/oauth/tokens");
  EXPECT_EQ(header(request.headers, "content-type"), "application/json");
  EXPECT_EQ(request.body.reveal(),
            "{\"grant_type\":\"client_credentials\",\"client_id\":\"baton\",\"client_secret\":\"s\\\"e&c=r+t "
            "\xc3\xa9\",\"scope\":\"read write\",\"expires_in\":86400}");
}

TEST(OAuth, the_form_is_what_hubspot_wants) {
  const auto request = refresh_request(client(TokenForm::form), Secret("refresh/1"));
  EXPECT_EQ(header(request.headers, "content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body.reveal(),
            "grant_type=refresh_token&refresh_token=refresh%2F1&client_id=baton&client_secret=s%22e%26c%3Dr%"
            "2Bt%20%C3%A9"
            "&scope=read%20write");
}

TEST(OAuth, a_grant_is_read_with_its_ends) {
  const auto grant =
      read_grant(201,
                 R"({"access_token":"at","token_type":"bearer","scope":"read write","expires_in":1800,
                                    "refresh_token":"rt","refresh_token_expires_in":2592000,"new_field":[1]})",
                 kNow);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->access_token.reveal(), "at");
  EXPECT_EQ(grant->refresh_token->reveal(), "rt");
  EXPECT_EQ(grant->expires_at, kNow + 30min);
  EXPECT_EQ(grant->refresh_token_expires_at, kNow + std::chrono::hours(24 * 30));
  EXPECT_EQ(grant->scope, "read write");
}

TEST(OAuth, no_announced_expiry_is_never_due) {
  for (const auto* body :
       {R"({"access_token":"at"})", R"({"access_token":"at","expires_in":null})",
        R"({"access_token":"at","expires_in":0})", R"({"access_token":"at","expires_in":-5})",
        R"({"access_token":"at","expires_in":"soon"})", R"({"access_token":"at","expires_in":{}})"}) {
    const auto grant = read_grant(200, body, kNow);
    ASSERT_TRUE(grant) << body;
    EXPECT_FALSE(grant->expires_at) << body;
    EXPECT_FALSE(grant->refresh_due(kNow + 24h * 365));
    EXPECT_FALSE(grant->refresh_token);
  }
  EXPECT_EQ(read_grant(200, R"({"access_token":"at","expires_in":"1800"})", kNow)->expires_at, kNow + 30min);
  EXPECT_TRUE(read_grant(200, R"({"access_token":"at","expires_in":9223372036854775807})", kNow)->expires_at);
}

TEST(OAuth, a_token_is_refreshed_at_80_percent_and_at_the_latest_a_minute_before_its_end) {
  const auto due_after = [](std::chrono::seconds life) {
    Grant grant;
    grant.asked_at = kNow;
    grant.expires_at = kNow + life;
    EXPECT_FALSE(grant.refresh_due(*grant.refresh_at() - 1ms));
    EXPECT_TRUE(grant.refresh_due(*grant.refresh_at()));
    return *grant.refresh_at() - kNow;
  };
  EXPECT_EQ(due_after(1800s), 1440s);
  EXPECT_EQ(due_after(300s), 240s);  // both rules agree
  EXPECT_EQ(due_after(200s), 140s);  // 60 s before the end
  EXPECT_EQ(due_after(60s), 30s);
}

TEST(OAuth, a_refusal_says_what_the_caller_must_do) {
  const auto kind = [](int status, std::string_view body) {
    return read_grant(status, body, kNow).error().kind;
  };
  EXPECT_EQ(kind(400, R"({"error":"invalid_grant"})"), FailureKind::misconfigured);
  EXPECT_EQ(kind(401, R"({"error":"invalid_client"})"), FailureKind::misconfigured);
  EXPECT_EQ(kind(404, "not json"), FailureKind::misconfigured);
  EXPECT_EQ(kind(500, ""), FailureKind::retryable);
  EXPECT_EQ(kind(503, ""), FailureKind::retryable);
  EXPECT_EQ(kind(302, ""), FailureKind::retryable);
  const auto limited = read_grant(429, "", kNow, Duration(90s));
  EXPECT_EQ(limited.error().kind, FailureKind::rate_limited);
  EXPECT_EQ(limited.error().not_before, kNow + 90s);
  EXPECT_NE(
      read_grant(400, R"({"error":"invalid_grant"})", kNow).error().detail.find("authorise Baton again"),
      std::string::npos);
}

// Fact sheet salesforce, section 2.4; linear, section 2: the code is the same for all of them.
TEST(OAuth, a_refusal_in_words_that_are_known_says_what_they_mean) {
  struct Row {
    const char* words;
    const char* remedy;
  };
  for (const auto& [words, remedy] :
       {Row{"user hasn't approved this consumer", "pre-authorise"}, Row{"audience is invalid", "`audience`"},
        Row{"invalid assertion", "certificate"}, Row{"expired authorization code", "clock"},
        Row{"no client credentials user enabled", "runs as"},
        Row{"External client app is not installed in this org", "install the app"},
        Row{"request not supported on this domain", "own host"},
        Row{"Client does not support the client_credentials grant type", "switch client credentials on"}}) {
    const nlohmann::json body = {{"error", "invalid_grant"},
                                 {"error_description", std::string(words) + " canary-4f9a"}};
    const auto refused = read_grant(400, body.dump(), kNow).error();
    EXPECT_EQ(refused.kind, FailureKind::misconfigured) << words;
    EXPECT_NE(refused.detail.find(remedy), std::string::npos) << refused.detail;
    EXPECT_EQ(refused.detail.find("authorise Baton again"), std::string::npos) << refused.detail;
    EXPECT_EQ(refused.detail.find("canary"), std::string::npos) << "an echo of what was sent";
  }
  const auto ended = read_grant(
      400, R"({"error":"invalid_grant","error_description":"expired access/refresh token"})", kNow);
  EXPECT_EQ(ended.error().kind, FailureKind::misconfigured);
  EXPECT_NE(ended.error().detail.find("consent has ended"), std::string::npos) << ended.error().detail;
}

// Fact sheet salesforce, section 2.4: codes that are no matter of client id and secret.
TEST(OAuth, a_refusal_with_a_code_that_is_known_says_what_to_do) {
  for (const auto& [code, remedy] :
       {std::pair("inactive_user", "activate"), std::pair("inactive_org", "administers"),
        std::pair("app_not_found", "install the app"), std::pair("invalid_client_id", "check client id"),
        std::pair("invalid_client", "check client id"),
        std::pair("invalid_client_credentials", "check client id")}) {
    const nlohmann::json body = {{"error", code}, {"error_description", "x"}};
    const auto refused = read_grant(400, body.dump(), kNow).error();
    EXPECT_EQ(refused.kind, FailureKind::misconfigured) << code;
    EXPECT_NE(refused.detail.find(remedy), std::string::npos) << refused.detail;
  }
}

// Fact sheet salesforce, section 1: the place of requests comes with the token.
TEST(OAuth, an_answer_may_say_where_requests_go) {
  constexpr auto kBody = R"({"access_token":"at","instance_url":"https://acme.example","other":7})";
  EXPECT_EQ(read_grant(200, kBody, kNow, std::nullopt, "instance_url")->address, "https://acme.example");
  EXPECT_EQ(read_grant(200, kBody, kNow, std::nullopt, "other")->address, "");
  EXPECT_EQ(read_grant(200, kBody, kNow)->address, "") << "where nobody asks for it";
}

TEST(OAuth, too_many_sign_ins_are_waited_out_whatever_status_they_have) {
  for (const auto* body : {R"({"error":"rate_limit_exceeded"})",
                           R"({"error":"invalid_grant","error_description":"login rate exceeded"})"}) {
    const auto refused = read_grant(400, body, kNow).error();
    EXPECT_EQ(refused.kind, FailureKind::rate_limited) << body;
    EXPECT_EQ(refused.not_before, kNow + 5min);
  }
}

TEST(OAuth, an_answer_without_a_token_is_a_failure_that_shows_nothing_of_it) {
  for (const auto* body : {"", "[]", "{}", "null", "{\"access_token\":\"\"}", "{\"access_token\":1}",
                           "{\"access_token\":\"canary"}) {
    const auto grant = read_grant(200, body, kNow);
    ASSERT_FALSE(grant) << body;
    // A garbled answer parks nothing: the next one may be right.
    EXPECT_EQ(grant.error().kind, FailureKind::retryable) << body;
    EXPECT_EQ(grant.error().detail.find("canary"), std::string::npos);
  }
  const auto echoed = read_grant(400, R"({"error":"bad canary-4f9a"})", kNow);
  EXPECT_EQ(echoed.error().detail.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace baton::secrets
