// Purpose: what the API says of bugs that handoffs met.
#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

TEST(Bugs, are_listed_with_customers_value_and_issue_and_shown_with_their_handoffs) {
  Bench bench;
  EXPECT_TRUE(body_of(bench.get("/v1/bugs"))["bugs"].empty());
  bench.met_bug("main.linear.1");
  bench.met_bug("main.linear.2");
  const auto list = body_of(bench.get("/v1/bugs?state=filed"));
  ASSERT_EQ(list["bugs"].size(), 2u);
  const auto& first = list["bugs"][0];
  EXPECT_EQ(first["customers"], 1);
  EXPECT_EQ(first["value"], 1200);
  EXPECT_EQ(first["issue"]["url"], "https://t.example/ENG-12");
  EXPECT_EQ(first["error"]["code"], "psp-502");
  EXPECT_FALSE(list.contains("next"));
  const auto page = body_of(bench.get("/v1/bugs?limit=1"));
  EXPECT_EQ(page["next"], "main.linear.1");
  EXPECT_EQ(body_of(bench.get("/v1/bugs?limit=1&after=main.linear.1"))["bugs"][0]["key"], "main.linear.2");

  const auto one = body_of(bench.get("/v1/bugs/main.linear.2"));
  ASSERT_EQ(one["links"].size(), 1u);
  EXPECT_EQ(one["links"][0]["handoff"], "hof_1");
  EXPECT_EQ(one["links"][0]["on_the_issue"], true);
  EXPECT_TRUE(one["text"].get<std::string>().starts_with("Known bug ENG-12: 1 customer since"));
}

TEST(Bugs, one_that_is_not_there_and_a_question_that_cannot_be_read_are_refused) {
  Bench bench;
  bench.met_bug("main.linear.1");
  EXPECT_EQ(bench.get("/v1/bugs/main.linear").status, 404);
  EXPECT_EQ(bench.get("/v1/bugs/main.linear.11").status, 404);
  const auto asked = bench.get("/v1/bugs?state=file");
  EXPECT_EQ(asked.status, 422);
  EXPECT_NE(body_of(asked)["detail"].get<std::string>().find("did you mean `filed`"), std::string::npos);
  EXPECT_EQ(bench.get("/v1/bugs?limit=0").status, 422);
}

}  // namespace
}  // namespace baton::api
