// The sheet's tables of errors and limits, row by row. Fact sheet salesforce, sections 5 and 6.
#include "connectors/salesforce/errors.h"

#include "tests/connectors/salesforce/bench.h"

namespace baton::salesforce {
namespace {

using namespace salesforce_testing;
using enum FailureKind;

class SalesforceErrors : public Bench {
 protected:
  const Request upsert{"PATCH", kByKey, "{}"};
  const Request find{"GET", kByKey + "?fields=Id"};
  const Request comment{"POST", kComments, "{}"};
  const Request query{"GET", kQuery + "?q=SELECT"};
  const Request update{"PATCH", kOneCase, "{}"};

  std::string kind(const Request& request, int status, const json& body) {
    const auto failure = classify(request, request.method != "GET", Reply(status, body.dump()));
    return failure ? std::string(name(failure->kind)) : "none";
  }
};

TEST_F(SalesforceErrors, of_sessions) {
  EXPECT_EQ(kind(query, 401, error("INVALID_SESSION_ID", "Session expired or invalid")), "auth_expired");
  EXPECT_EQ(kind(query, 401, error("INVALID_AUTH_HEADER", "x")), "auth_expired");
  EXPECT_EQ(
      kind(query, 401, error("INVALID_SESSION_ID", "This session is not valid for use with the REST API")),
      "misconfigured");
  EXPECT_EQ(kind(query, 401, error("X", "Connected app is not attached to Agent")), "misconfigured");
}

TEST_F(SalesforceErrors, of_limits_say_how_long_to_wait) {
  const auto day = classify(
      query, false, Reply(403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").dump()));
  ASSERT_TRUE(day);
  EXPECT_EQ(day->kind, rate_limited);
  EXPECT_FALSE(day->not_before) << "the lane's wait grows";
  EXPECT_EQ(connector->manifest().limits.first_wait, Duration{15min});
  const auto once = classify(query, false,
                             Reply(403, error("REQUEST_LIMIT_EXCEEDED",
                                              "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
                                            .dump()));
  EXPECT_EQ(once->not_before, session.now + 10s);
}

TEST_F(SalesforceErrors, that_pass) {
  EXPECT_EQ(
      kind(upsert, 400, error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")),
      "retryable");
  EXPECT_EQ(kind(upsert, 400, error("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "flow: UNABLE_TO_LOCK_ROW, x")),
            "retryable");
  EXPECT_EQ(kind(query, 400, error("QUERY_TIMEOUT", "x")), "retryable");
  EXPECT_EQ(kind(query, 400, error("OPERATION_TOO_LARGE", "x")), "retryable");
  EXPECT_EQ(
      kind(upsert, 400,
           error("DUPLICATE_VALUE", "duplicate value found: Baton_Handoff_Id__c duplicates value on record")),
      "ambiguous");
  for (const int status : {500, 502, 503, 504}) {
    EXPECT_EQ(kind(upsert, status, error("SERVER_UNAVAILABLE", "x")), "ambiguous") << status;
    EXPECT_EQ(kind(query, status, "x"), "retryable") << status;
  }
  EXPECT_EQ(kind(upsert, 412, error("PRECONDITION_FAILED", "x")), "ambiguous");
}

TEST_F(SalesforceErrors, that_are_for_good) {
  for (const auto* code :
       {"MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "JSON_PARSER_ERROR", "REQUIRED_FIELD_MISSING",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION", "STRING_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "INVALID_CROSS_REFERENCE_KEY", "DUPLICATES_DETECTED", "DUPLICATE_VALUE"}) {
    EXPECT_EQ(kind(upsert, 400, error(code, "m", {"X__c"})), "rejected") << code;
  }
  EXPECT_EQ(
      kind(comment, 400, error("STRING_TOO_LONG", "Comment Body: data value too large", {"CommentBody"})),
      "rejected");
  EXPECT_EQ(
      kind(upsert, 300,
           json::array({"/services/data/v67.0/sobjects/Case/1", "/services/data/v67.0/sobjects/Case/2"})),
      "rejected");
  for (const auto* code :
       {"INSUFFICIENT_ACCESS_OR_READONLY", "API_DISABLED_FOR_ORG", "FUNCTIONALITY_NOT_ENABLED"}) {
    EXPECT_EQ(kind(upsert, 403, error(code, "m")), "misconfigured") << code;
  }
  EXPECT_EQ(kind(query, 302, "x"), "misconfigured");
}

// One record that Baton may not change parks nothing; that it may make none at all does.
TEST_F(SalesforceErrors, of_access_to_one_record_are_told_from_those_to_all) {
  const auto closed = error("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id");
  const auto unseen = error("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                            "insufficient access rights on cross-reference id");
  for (const int status : {403, 400}) {
    EXPECT_EQ(kind(update, status, closed), "rejected") << status;
    EXPECT_EQ(kind(update, status, unseen), "rejected") << status;
    EXPECT_EQ(kind(comment, status, closed), "rejected") << status;
    EXPECT_EQ(kind(comment, status, error("INSUFFICIENT_ACCESS_OR_READONLY", "x", {"ParentId"})), "rejected")
        << status;
    EXPECT_EQ(kind(upsert, status, unseen), "rejected") << "what it refers to, such as its contact";
  }
  EXPECT_EQ(kind(upsert, 403, closed), "misconfigured") << "Baton may make no cases";
  EXPECT_EQ(kind(query, 403, closed), "misconfigured");
  for (const auto* code : {"API_DISABLED_FOR_ORG", "FUNCTIONALITY_NOT_ENABLED"}) {
    EXPECT_EQ(kind(update, 403, error(code, "m")), "misconfigured") << code;
    EXPECT_EQ(kind(comment, 403, error(code, "m")), "misconfigured") << code;
  }
  const auto failure = classify(update, true, Reply(403, closed.dump()));
  EXPECT_NE(failure->detail.find("Modify All on Case"), std::string::npos) << failure->detail;
  EXPECT_NE(failure->detail.find("insufficient access rights on object id"), std::string::npos);
}

TEST_F(SalesforceErrors, tell_a_case_that_is_not_there_from_a_field_that_is_not) {
  const auto none = error("NOT_FOUND", "The requested resource does not exist");
  const auto no_field = error(
      "NOT_FOUND", "Provided external ID field does not exist or is not accessible: Baton_Handoff_Id__c");
  EXPECT_EQ(kind(find, 404, none), "none");
  EXPECT_EQ(kind(find, 404, no_field), "misconfigured");
  EXPECT_EQ(kind(find, 404, "<html>"), "misconfigured");
  EXPECT_EQ(kind(upsert, 404, no_field), "misconfigured");
  EXPECT_EQ(kind(update, 404, none), "target_gone");
  EXPECT_EQ(kind(update, 404, error("ENTITY_IS_DELETED", "entity is deleted")), "target_gone");
  EXPECT_EQ(kind(update, 404, "<html>"), "misconfigured");
  EXPECT_EQ(kind(query, 404, none), "misconfigured");
}

TEST_F(SalesforceErrors, show_their_words_and_fields) {
  const auto failure = classify(
      upsert, true,
      Reply(400, error("REQUIRED_FIELD_MISSING", "Required fields are missing", {"A__c", "B__c"}).dump()));
  EXPECT_TRUE(
      failure->detail.starts_with("REQUIRED_FIELD_MISSING: Required fields are missing (A__c, B__c); "))
      << failure->detail;
}

TEST_F(SalesforceErrors, and_the_days_requests_are_read_leniently) {
  const auto left = [&](const char* text) {
    Reply reply(200, "");
    reply.headers["sforce-limit-info"] = text;
    return connector->quota(reply, session.now).remaining;
  };
  EXPECT_EQ(left("api-usage=10018/100000"), 89'982);
  EXPECT_EQ(left("api-usage=10018/100000, per-app-api-usage=17/250(appName=x)"), 89'982);
  EXPECT_EQ(left("per-app-api-usage=17/250(appName=x); api-usage=10018/100000"), 89'982);
  EXPECT_EQ(left(" API-Usage=10018/100000 (x)"), 89'982);
  EXPECT_EQ(left("api-bursts=1/750; api-usage=100001/100000"), 0);
  for (const auto* text :
       {"", "api-usage=", "api-usage=5", "api-usage=x/y", "api-usage=1/0", "per-app-api-usage=1/2"}) {
    EXPECT_EQ(left(text), std::nullopt) << text;
  }
  Reply reply(200, "");
  reply.headers["sforce-limit-info"] = "api-usage=10018/100000";
  EXPECT_EQ(connector->quota(reply, session.now).limit, 100'000);
  EXPECT_EQ(connector->quota(reply, session.now).what, "the org's daily API limit");
}

}  // namespace
}  // namespace baton::salesforce
