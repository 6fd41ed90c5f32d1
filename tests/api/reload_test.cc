// Reading the configuration again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;

TEST(Reloads, that_go_well_say_so) {
  Bench bench;
  const auto answer = bench.post("/v1/configuration/reload", {{"why", "a new team"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(body_of(answer), json({{"reloaded", true}}));
  EXPECT_EQ(bench.store.audit.back().what, "configuration.reload");
}

TEST(Reloads, of_bad_files_name_every_problem) {
  Bench bench;
  for (const auto* key : {"sauces", "destinations.desk.tokn"}) {
    auto& problem = bench.problems.emplace_back();
    problem.pointer = key;
    problem.code = "configuration";
    problem.detail = std::string("baton.yaml:7:1: ") + key + ": unknown key";
  }
  const auto answer = bench.post("/v1/configuration/reload", {{"why", "a new team"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(code_of(answer), "invalid_configuration");
  const auto errors = body_of(answer)["errors"];
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[1]["detail"], "baton.yaml:7:1: destinations.desk.tokn: unknown key");
}

TEST(Reloads, want_a_reason) {
  Bench bench;
  EXPECT_EQ(code_of(bench.post("/v1/configuration/reload", {{"why", " "}})), "why_is_required");
  EXPECT_TRUE(bench.store.audit.empty());
}

}  // namespace
}  // namespace baton::api
