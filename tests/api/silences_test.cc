// Alerts and silences as people see and make them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/handoff/silence.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;

json silence(Bench& bench, const char* alert = "destination/desk/*") {
  return {{"alert", alert}, {"until", to_rfc3339(bench.clock.now() + 2h)}, {"why", "their maintenance"}};
}

TEST(Silences, have_an_author_a_reason_and_an_end) {
  Bench bench;
  const auto made = body_of(bench.post("/v1/silences", silence(bench)));
  EXPECT_EQ(made["by"], "operator");
  const auto& document = bench.store.documents.at({"silence", made["id"].get<std::string>()});
  const auto kept = handoff::silence_from(document);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->covers("destination/desk/availability", bench.clock.now()));
  EXPECT_FALSE(kept->covers("destination/crm/availability", bench.clock.now()));
  EXPECT_FALSE(kept->covers("destination/desk/availability", bench.clock.now() + 2h));
  EXPECT_EQ(bench.store.audit.back().what, "silence.add");
  EXPECT_EQ(body_of(bench.get("/v1/alerts"))["silences"].size(), 1u);
  (void)bench.await(bench.clock.until(bench.clock.now() + 3h));
  EXPECT_EQ(body_of(bench.get("/v1/alerts"))["silences"].size(), 0u);
}

TEST(Silences, can_be_ended_once) {
  Bench bench;
  const auto id = body_of(bench.post("/v1/silences", silence(bench)))["id"].get<std::string>();
  const auto target = "/v1/silences/" + id;
  EXPECT_EQ(bench.call("DELETE", target, bench.operate, "{}").status, 422);
  EXPECT_EQ(bench.call("DELETE", target, bench.operate, R"({"why":"it is over"})").status, 200);
  EXPECT_EQ(bench.call("DELETE", target, bench.operate, R"({"why":"it is over"})").status, 404);
  EXPECT_TRUE(bench.store.documents.empty());
}

TEST(Silences, without_an_end_or_a_name_are_refused) {
  Bench bench;
  for (const auto* wrong :
       {R"({"until":"soon"})", R"({"until":"2020-01-01T00:00:00Z"})", R"({"until":"2199-01-01T00:00:00Z"})",
        R"({"alert":""})", R"({"alert":"a b"})", R"({"alert":"*x"})", R"({"why":" "})", R"({"alert":7})"}) {
    auto body = silence(bench);
    body.update(json::parse(wrong));
    EXPECT_EQ(bench.post("/v1/silences", body).status, 422) << wrong;
  }
  EXPECT_TRUE(bench.store.documents.empty());
}

TEST(Alerts, are_shown_as_the_station_keeps_them) {
  Bench bench;
  const json alert = {{"stage", "firing"},
                      {"kind", "down"},
                      {"severity", "critical"},
                      {"about", "destination/desk"},
                      {"cause", "availability"},
                      {"fault", "vendor"},
                      {"since", "2026-01-01T00:00:00.000Z"},
                      {"told_at", nullptr},
                      {"told", 0},
                      {"evidence", {"5 attempts in a row have failed"}},
                      {"hidden", false}};
  bench.store.documents[{"alert", "destination/desk/availability"}] =
      Document("alert", "destination/desk/availability", alert, 1);
  const auto shown = body_of(bench.get("/v1/alerts"))["alerts"];
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0]["alert"], "destination/desk/availability");
  EXPECT_EQ(shown[0]["evidence"][0], "5 attempts in a row have failed");
}

}  // namespace
}  // namespace baton::api
