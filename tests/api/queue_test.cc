// The routes /v1/queue, /v1/teams and /v1/presence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/handoff/presence.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Reply put(Bench& bench, const std::string& member, const json& body) {
  return bench.call("PUT", "/v1/presence/" + member, bench.agent, body.dump());
}

TEST(Presence, is_kept_with_who_said_it_and_the_last_word_counts) {
  Bench bench;
  const auto until = to_rfc3339(bench.clock.now() + 1h);
  EXPECT_EQ(body_of(put(bench, "ana", {{"presence", "away"}, {"until", until}})),
            json({{"member", "ana"}, {"presence", "away"}, {"until", until}}));
  EXPECT_EQ(put(bench, "ana", {{"presence", "busy"}}).status, 200);
  const auto& kept = bench.store.documents.at({"presence", "ana"});
  EXPECT_EQ(kept.version, 2);
  const auto said = handoff::read_attendance(JsonView(kept.body));
  EXPECT_EQ(name(said.presence), "busy");
  EXPECT_FALSE(said.until);
}

TEST(Presence, of_nobody_or_of_a_kind_that_does_not_exist_is_refused) {
  Bench bench;
  EXPECT_EQ(put(bench, "nobody", {{"presence", "away"}}).status, 404);
  const auto kind = put(bench, "ana", {{"presence", "awya"}});
  EXPECT_EQ(kind.status, 422);
  EXPECT_THAT(body_of(kind)["detail"], HasSubstr("did you mean `away`?"));
  for (const auto* until : {"tomorrow", "2001-01-01T00:00:00Z", ""})
    EXPECT_EQ(put(bench, "ana", {{"presence", "away"}, {"until", until}}).status, 422) << until;
  EXPECT_TRUE(bench.store.documents.empty());
}

TEST(Queue, is_shown_to_whoever_may_read) {
  Bench bench;
  EXPECT_EQ(body_of(bench.call("GET", "/v1/queue", bench.read))["total"], 0);
  EXPECT_EQ(bench.call("GET", "/v1/queue?limit=0", bench.read).status, 422);
  EXPECT_TRUE(body_of(bench.call("GET", "/v1/teams", bench.read))["teams"].empty());
}

}  // namespace
}  // namespace baton::api
