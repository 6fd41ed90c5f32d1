// Section 6 of the sheet row by row, and the limits of section 5.
#include "connectors/linear/errors.h"

#include <gtest/gtest.h>

#include "tests/support/direct_session.h"

namespace baton::linear {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr TimePoint kNow{Duration{1'790'000'000'000}};

json shown_error(const char* message, const char* type, const char* code = "", int status = 0,
                 const char* shown = "") {
  json extensions = json::object();
  if (*type) extensions["type"] = type;
  if (*code) extensions["code"] = code;
  if (status) extensions["statusCode"] = status;
  if (*shown) extensions["userPresentableMessage"] = shown;
  return {{"errors", json::array({{{"message", message}, {"extensions", extensions}}})}, {"data", nullptr}};
}

std::optional<Failure> judge(int status, const std::string& body, bool writes, Headers headers = {},
                             std::optional<Duration> retry_after = {}) {
  const Request request("POST", "/graphql", "{}");
  Reply reply(status, body, std::move(headers));
  reply.retry_after = retry_after;
  return classify(sdk::Exchange(request, writes, reply, kNow));
}
std::string kind(int status, const json& body, bool writes = true) {
  const auto failure = judge(status, body.dump(), writes);
  return failure ? std::string(name(failure->kind)) : "done";
}

TEST(LinearErrors, each_row_of_the_table_has_its_class) {
  struct Row {
    json body;
    const char* written;
    const char* read;
  };
  const std::vector<Row> rows = {
      {shown_error("x", "internal error"), "ambiguous", "retryable"},
      {shown_error("x", "", "INTERNAL_SERVER_ERROR"), "ambiguous", "retryable"},
      {shown_error("x", "network error"), "ambiguous", "retryable"},
      {shown_error("x", "lock timeout"), "ambiguous", "retryable"},
      {shown_error("x", "bootstrap error"), "ambiguous", "retryable"},
      {shown_error("x", "ratelimited"), "rate_limited", "rate_limited"},
      {shown_error("x", "", "RATELIMITED", 429), "rate_limited", "rate_limited"},
      {shown_error("Authentication required, not authenticated", "", "AUTHENTICATION_ERROR"), "auth_expired",
       "auth_expired"},
      {shown_error("x", "authentication error"), "auth_expired", "auth_expired"},
      {shown_error("x", "forbidden"), "misconfigured", "misconfigured"},
      {shown_error("x", "invalid input", "INPUT_ERROR"), "rejected", "rejected"},
      {shown_error("x", "user error"), "rejected", "rejected"},
      {shown_error("x", "graphql error"), "rejected", "rejected"},
      {shown_error("x", "feature not accessible"), "rejected", "rejected"},
      {shown_error("x", "usage limit exceeded"), "rejected", "rejected"},
      {shown_error("Entity not found: Issue", "invalid input", "INPUT_ERROR"), "target_gone", "target_gone"},
      {json{{"errors", json::array({7})}}, "rejected", "rejected"},
  };
  for (const auto& row : rows) {
    for (const int status : {200, 400}) {  // which of the two is reported both ways
      EXPECT_EQ(kind(status, row.body, true), row.written) << row.body;
      EXPECT_EQ(kind(status, row.body, false), row.read) << row.body;
    }
  }
}

TEST(LinearErrors, what_a_plan_or_a_scope_lacks_is_left_out_but_a_refused_credential_is_not) {
  EXPECT_TRUE(is_unavailable(*judge(200, shown_error("x", "feature not accessible").dump(), true)));
  EXPECT_TRUE(is_unavailable(*judge(200, shown_error("x", "forbidden", "INPUT_ERROR").dump(), true)));
  EXPECT_TRUE(is_unavailable(*judge(403, shown_error("x", "", "FORBIDDEN").dump(), true)));
  EXPECT_FALSE(is_unavailable(*judge(403, "<html>", true)));
  EXPECT_FALSE(is_unavailable(Failure(FailureKind::misconfigured, "authentication error: Linear: x")));
  EXPECT_FALSE(is_unavailable(*judge(200, shown_error("x", "internal error").dump(), true)));
}

TEST(LinearErrors, a_partial_answer_is_no_success) {
  auto partial = shown_error("x", "internal error");
  partial["data"] = {{"issueCreate", {{"success", true}}}};
  EXPECT_EQ(kind(200, partial), "ambiguous");
}

TEST(LinearErrors, ordinary_http_is_ordinary) {
  EXPECT_EQ(kind(200, {{"data", json::object()}}), "done");
  EXPECT_EQ(kind(200, {{"data", json::object()}, {"errors", json::array()}}), "done");
  for (const int status : {500, 502, 503, 504}) {
    EXPECT_EQ(name(judge(status, "<html>", true)->kind), "ambiguous");
    EXPECT_EQ(name(judge(status, "<html>", false)->kind), "retryable");
  }
  EXPECT_EQ(name(judge(401, "", true)->kind), "auth_expired");
  for (const int status : {301, 403, 404}) EXPECT_EQ(name(judge(status, "", true)->kind), "misconfigured");
  EXPECT_EQ(name(judge(429, "", true)->kind), "rate_limited");
}

TEST(LinearErrors, a_2xx_that_says_nothing_proves_nothing) {
  for (const auto& body : testing::hostile_bodies(R"({"data":{"issueCreate":{"success":true}}})")) {
    EXPECT_EQ(name(judge(200, body, true)->kind), "ambiguous") << body.substr(0, 40);
    EXPECT_EQ(name(judge(200, body, false)->kind), "retryable") << body.substr(0, 40);
  }
}

TEST(LinearErrors, a_taken_id_is_success_of_a_write_however_it_is_said) {
  const auto* taken = "Entity Issue with id 8d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d already exists.";
  const json said[] = {shown_error("conflict on insert of Issue", "", "INPUT_ERROR", 400, taken),
                       shown_error("conflict on insert of Comment", "invalid input", "INPUT_ERROR", 400),
                       shown_error("something", "", "INPUT_ERROR", 400, taken)};
  for (const auto& body : said) {
    EXPECT_EQ(kind(200, body), "done");
    EXPECT_EQ(kind(400, body), "done");
    EXPECT_EQ(kind(400, body, false), "rejected");
  }
  EXPECT_EQ(kind(400, shown_error("conflict on insert of Issue", "internal error")), "ambiguous");
  const Reply reply(400, said[0].dump());
  EXPECT_TRUE(is_conflict_on(reply, "8d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d"));
  EXPECT_FALSE(is_conflict_on(reply, "00000000-4f5e-4a6b-9c7d-0e1f2a3b4c5d"));
  EXPECT_TRUE(is_conflict_on(Reply(400, said[1].dump()), "00000000-4f5e-4a6b-9c7d-0e1f2a3b4c5d"));
  EXPECT_FALSE(is_conflict_on(Reply(200, "{}"), "x"));
}

TEST(LinearErrors, a_limit_is_waited_out_until_what_is_used_up_comes_back) {
  const auto limited = shown_error("Rate limit exceeded", "ratelimited", "RATELIMITED").dump();
  const auto wait = [&](Headers headers, std::optional<Duration> retry_after = {}) {
    const auto failure = judge(400, limited, true, std::move(headers), retry_after);
    return *failure->not_before - kNow;
  };
  const auto in = [](Duration after) { return std::to_string((kNow + after).time_since_epoch().count()); };
  EXPECT_EQ(wait({}), 60s);
  EXPECT_EQ(wait({}, 7s), 7s);
  EXPECT_EQ(wait({{"x-ratelimit-requests-remaining", "0"}, {"x-ratelimit-requests-reset", in(5min)}}), 5min);
  EXPECT_EQ(wait({{"x-ratelimit-requests-remaining", "9"},
                  {"x-ratelimit-requests-reset", in(5min)},
                  {"x-ratelimit-complexity-remaining", "0"},
                  {"x-ratelimit-complexity-reset", in(9min)}}),
            9min);
  EXPECT_EQ(wait({{"x-ratelimit-endpoint-requests-remaining", "0"},
                  {"x-ratelimit-endpoint-requests-reset", in(20s)}}),
            20s);
  for (const auto* nonsense : {"-1", "x", "99999999999999999999", "0", ""})
    EXPECT_EQ(wait({{"x-ratelimit-requests-remaining", "0"}, {"x-ratelimit-requests-reset", nonsense}}), 60s);
  EXPECT_LE(wait({{"x-ratelimit-requests-remaining", "0"}, {"x-ratelimit-requests-reset", in(100h)}}), 61min);
}

TEST(LinearErrors, a_limit_of_the_searches_holds_them_alone) {
  const auto limited = shown_error("Rate limit exceeded", "ratelimited", "RATELIMITED").dump();
  const auto budget = [&](Headers more, bool writes = false) {
    more["x-ratelimit-endpoint-requests-remaining"] = "0";
    return judge(400, limited, writes, std::move(more))->budget;
  };
  EXPECT_EQ(budget({{"x-ratelimit-endpoint-name", "searchIssues"}}), "searches");
  EXPECT_EQ(budget({{"x-ratelimit-endpoint-name", "searchIssues"}, {"x-ratelimit-requests-remaining", "7"}}),
            "searches");
  EXPECT_EQ(budget({{"x-ratelimit-endpoint-name", "searchIssues"}, {"x-ratelimit-requests-remaining", "0"}}),
            "");
  EXPECT_EQ(
      budget({{"x-ratelimit-endpoint-name", "searchIssues"}, {"x-ratelimit-complexity-remaining", "0"}}), "");
  EXPECT_EQ(budget({{"x-ratelimit-endpoint-name", "issueCreate"}}), "");
  EXPECT_EQ(budget({}), "");
  EXPECT_EQ(budget({{"x-ratelimit-endpoint-name", "searchIssues"}}, true), "");
}

TEST(LinearErrors, the_quota_is_read_from_the_headers) {
  const auto seen = quota(Reply(
      200, "",
      Headers{{"x-ratelimit-requests-remaining", "2499"}, {"x-ratelimit-requests-reset", "1790000000000"}}));
  EXPECT_EQ(seen.remaining, 2499);
  EXPECT_EQ(seen.resets_at, kNow);
  EXPECT_FALSE(quota(Reply(200)).remaining);
}

}  // namespace
}  // namespace baton::linear
