// The routes for the store: what they ask for, what they refuse, and what the audit log keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(StoreRoutes, begin_a_task_and_say_how_it_stands) {
  Bench bench;
  EXPECT_EQ(body_of(bench.get("/v1/store"))["task"], "none");
  const auto answer = bench.post("/v1/store/backup", {{"why", "every night"}, {"to", "/backups"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(body_of(answer)["task"], "backup");
  EXPECT_EQ(bench.store.audit.back().subject, "/backups");
  EXPECT_EQ(body_of(bench.get("/v1/store"))["task"], "backup");
  EXPECT_EQ(body_of(bench.post("/v1/store/check", {{"why", "a look"}}))["task"], "check");
  EXPECT_EQ(body_of(bench.post("/v1/store/check", {{"why", "a look"}, {"repair", true}}))["task"], "repair");
  EXPECT_EQ(bench.store.audit.back().what, "store.repair");
}

TEST(StoreRoutes, an_erasure_leaves_a_receipt_that_names_nobody) {
  Bench bench;
  const auto answer =
      bench.post("/v1/store/erase", {{"why", "asked by mail"}, {"email", "canary@example.com"}});
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(bench.asked_person.email, "canary@example.com");
  const auto& entry = bench.store.audit.back();
  EXPECT_EQ(entry.what, "store.erase");
  EXPECT_THAT(entry.subject, StartsWith("era_"));
  EXPECT_EQ(body_of(answer)["receipt"], entry.subject);
  EXPECT_THAT(entry.subject + entry.why + entry.who, Not(HasSubstr("canary")));
  (void)bench.post("/v1/store/erase", {{"why", "asked"}, {"customer", 4711}});
  EXPECT_EQ(bench.asked_person.customer, "4711");
}

TEST(StoreRoutes, an_erasure_of_nobody_or_of_everybody_is_refused) {
  Bench bench;
  for (const auto& body :
       {json{{"why", "x"}}, json{{"why", "x"}, {"email", ""}}, json{{"why", "x"}, {"email", "@"}},
        json{{"why", "x"}, {"email", "example.com"}}, json{{"why", "x"}, {"email", "a@b.c\""}}}) {
    EXPECT_EQ(code_of(bench.post("/v1/store/erase", body)), "who_is_required") << body;
  }
  EXPECT_EQ(code_of(bench.post("/v1/store/erase", {{"email", "ada@example.com"}})), "why_is_required");
  EXPECT_TRUE(bench.store.audit.empty());
}

}  // namespace
}  // namespace baton::api
