// The routes /v1/resolutions and /v1/gaps, and the figures that need more than handoffs.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/handoff/satisfaction.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::vector<json> lines_of(const Reply& reply) {
  std::vector<json> lines;
  std::istringstream text(reply.body);
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  return lines;
}

struct Learning : testing::Test {
  HandoffId solved(const std::string& conversation) {
    const auto id = bench.waiting(conversation);
    EXPECT_EQ(bench
                  .post("/v1/handoffs/" + id.text + "/resolve",
                        {{"by", "anna"}, {"text", "Paid back to ada@example.com."}})
                  .status,
              200);
    bench.clock.run(bench.clock.now() + 1min);
    return id;
  }
  Bench bench;
};

TEST_F(Learning, resolutions_come_as_lines_page_by_page_and_name_nobody) {
  for (const auto* conversation : {"c1", "c2", "c3", "c4", "c5"}) solved(conversation);
  bench.waiting("c6");
  std::vector<std::string> seen;
  std::string target = "/v1/resolutions?limit=2";
  int pages = 0;
  for (; !target.empty(); ++pages) {
    const auto reply = bench.get(target);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_THAT(reply.body, Not(HasSubstr("ada@example.com")));
    for (const auto& line : lines_of(reply)) {
      seen.push_back(line["handoff"]);
      EXPECT_EQ(line["answers"], json::array({"Paid back to [address]"}));
      EXPECT_EQ(line["question"], "Wants money back.");
    }
    const auto link = header(reply.headers, "link");
    target = link.empty() ? "" : std::string(link.substr(1, link.find('>') - 1));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"hof_c5", "hof_c4", "hof_c3", "hof_c2", "hof_c1"}));
  EXPECT_EQ(pages, 3);
  EXPECT_TRUE(bench.get("/v1/resolutions?category=billing").body.empty());
  EXPECT_EQ(bench.get("/v1/resolutions?from=yesterday").status, 422);
  EXPECT_EQ(bench.get("/v1/resolutions?limit=0").status, 422);
}

TEST_F(Learning, gaps_are_listed) {
  bench.waiting("c1");
  const auto none = bench.get("/v1/gaps");
  EXPECT_EQ(none.status, 200) << none.body;
  EXPECT_TRUE(body_of(none)["gaps"].empty());
  EXPECT_EQ(bench.get("/v1/gaps?to=2026-13-01").status, 422);
}

// So many conversations that the AI ended without a person on that day.
void add_solved_alone(Batch& batch, TimePoint at, std::uint64_t resolved) {
  handoff::AiAlone alone;
  alone.resolved = resolved;
  batch.documents.emplace_back(std::string(handoff::kAiConversations),
                               handoff::ai_document_key(at, WorkspaceId("main"), "", 3),
                               handoff::to_document(alone));
}

TEST_F(Learning, figures_hold_the_ais_own_conversations_of_the_days_asked_for) {
  bench.waiting("c1");
  Batch batch;
  const auto now = bench.clock.now();
  add_solved_alone(batch, now - std::chrono::days(40), 100);
  add_solved_alone(batch, now, 3);
  add_solved_alone(batch, now + std::chrono::days(3), 1000);
  ASSERT_TRUE(bench.await(bench.memory.commit(std::move(batch)))->done());
  const auto whole = body_of(bench.get("/v1/metrics/handoff"));
  EXPECT_EQ(whole["ai"]["resolved"], 1103);
  const auto some = body_of(bench.get("/v1/metrics/handoff?from=2025-12-31&to=2026-01-02"));
  EXPECT_EQ(some["ai"]["resolved"], 3);
  EXPECT_EQ(some["ai"]["handoff_rate"], 0.25);
}

TEST_F(Learning, figures_of_a_period_stand_beside_those_of_as_long_a_time_before) {
  bench.waiting("c1");
  Batch batch;
  const auto now = bench.clock.now();
  add_solved_alone(batch, now, 4);
  add_solved_alone(batch, now - std::chrono::days(1), 7);
  add_solved_alone(batch, now - std::chrono::days(3), 100);  // before both
  ASSERT_TRUE(bench.await(bench.memory.commit(std::move(batch)))->done());
  const auto day = [](TimePoint at) { return to_rfc3339(at).substr(0, 10); };
  const auto today = day(now), tomorrow = day(now + std::chrono::days(1)),
             yesterday = day(now - std::chrono::days(1));
  const auto body = body_of(bench.get("/v1/metrics/handoff?from=" + today + "&to=" + tomorrow));
  EXPECT_EQ(body["ai"]["handoff_rate"], 0.2);
  EXPECT_EQ(body["earlier"]["from"], yesterday + "T00:00:00.000Z");
  EXPECT_EQ(body["earlier"]["handoffs"], 0);
  EXPECT_EQ(body["earlier"]["ai"]["resolved"], 7);
  EXPECT_EQ(body["earlier"]["ai"]["handoff_rate"], 0.0);
  EXPECT_EQ(body["compared"]["handoff_rate"], 0.2);
  EXPECT_EQ(body["compared"]["reading"], nullptr);
  const auto next_day =
      body_of(bench.get("/v1/metrics/handoff?from=" + tomorrow + "&to=" + day(now + std::chrono::days(2))));
  EXPECT_EQ(next_day["all"]["handoffs"], 0);
  EXPECT_EQ(next_day["earlier"]["handoffs"], 1) << "the day before it is today";
  EXPECT_FALSE(body_of(bench.get("/v1/metrics/handoff")).contains("earlier")) << "without a beginning";
}

TEST_F(Learning, what_the_ai_has_still_to_do_is_told_with_the_resolution) {
  const auto id = bench.waiting("c1");
  const auto answer = bench.post("/v1/handoffs/" + id.text + "/resolve",
                                 {{"by", "anna"}, {"follow_ups", {"Ask again\non Monday", ""}}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(bench.record(id).handoff.follow_ups, std::vector<std::string>{"Ask again on Monday"});
}

TEST_F(Learning, nobody_gives_back_what_somebody_else_has) {
  const auto id = bench.waiting("c1");
  ASSERT_EQ(bench.post("/v1/handoffs/" + id.text + "/claim", {{"by", "anna"}, {"name", "Anna"}}).status, 200);
  const auto ben = bench.post("/v1/handoffs/" + id.text + "/resolve", {{"by", "ben"}});
  EXPECT_EQ(ben.status, 409);
  EXPECT_THAT(ben.body, HasSubstr("Anna has it"));
  EXPECT_EQ(bench.post("/v1/handoffs/" + id.text + "/resolve", {{"by", "anna"}}).status, 200);
}

}  // namespace
}  // namespace baton::api
