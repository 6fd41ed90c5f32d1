// What many people read: nothing of a customer's address or of what they typed in secret comes there, by
// whatever operation, with the mapping that ships.
#include <gtest/gtest.h>

#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using nlohmann::json;

json secretive() {
  auto data = Bench::sample_data();
  data["customer"] = {
      {"id", "zoe@secret.example"}, {"name", "zoe@secret.example"}, {"email", "zoe@secret.example"}};
  data["intent"]["summary"] = "zoe@secret.example cannot pay";
  data["transcript"].push_back({{"id", "m98"},
                                {"role", "customer"},
                                {"author", "zoe@secret.example"},
                                {"text", "my password is hunter2"}});
  data["transcript"].push_back(
      {{"id", "m99"}, {"role", "customer"}, {"text", "write to zoe@secret.example please"}});
  return data;
}

// The fact sheet linear, section 8.
TEST(Tracker, gets_no_address_of_a_customer_and_no_password_by_any_operation) {
  const auto place = place_of("linear");
  if (!place) GTEST_SKIP() << "no Linear in this registry";
  for (const auto operation :
       {Operation::open_ticket, Operation::file_bug, Operation::link_bug, Operation::add_note}) {
    SCOPED_TRACE(name(operation));
    auto known = *place;
    known.customer = json::object();
    Bench bench(known, secretive());
    std::vector<std::string> bodies;
    bench.order(operation);
    bench.client.meddle([&](int, const Request& request) -> std::optional<Result<Reply>> {
      bodies.push_back(request.body);
      return std::nullopt;
    });
    bench.run();
    ASSERT_EQ(name(bench.job(operation).state), "done");
    ASSERT_FALSE(bodies.empty());
    const auto held = bench.vendor.vendor().ledger().dump();
    bodies.push_back(held);
    for (const auto& body : bodies) {
      EXPECT_EQ(body.find("zoe@"), std::string::npos) << body;
      EXPECT_EQ(body.find("hunter2"), std::string::npos) << body;
    }
  }
}

// A ticket is read by those who answer the customer, and has both.
TEST(Tracker, alone_gets_none) {
  const auto place = place_of("zendesk");
  if (!place) GTEST_SKIP() << "no Zendesk in this registry";
  Bench bench(*place, secretive());
  bench.order(Operation::open_ticket);
  std::string all;
  bench.client.meddle([&](int, const Request& request) -> std::optional<Result<Reply>> {
    all += request.body;
    return std::nullopt;
  });
  bench.run();
  EXPECT_NE(all.find("zoe@secret.example"), std::string::npos);
}

// The fact sheet linear, section 3.3: thirty searches a minute, and everything else has another limit.
TEST(Searches, that_linear_limits_wait_and_nothing_else_does) {
  const auto place = place_of("linear");
  if (!place) GTEST_SKIP() << "no Linear in this registry";
  for (const bool whole : {false, true}) {
    SCOPED_TRACE(whole);
    Bench bench(*place);
    bench.order(Operation::read_context);
    int refused = 0;
    bench.client.meddle([&](int, const Request& request) -> std::optional<Result<Reply>> {
      if (request.body.find("BatonSearchIssues") == std::string::npos || refused++ > 0) return std::nullopt;
      const json body = {
          {"errors", json::array({{{"message", "Rate limit exceeded"},
                                   {"extensions", {{"code", "RATELIMITED"}, {"type", "ratelimited"}}}}})},
          {"data", nullptr}};
      Headers headers = {{"content-type", "application/json"},
                         {"x-ratelimit-endpoint-name", "searchIssues"},
                         {"x-ratelimit-endpoint-requests-remaining", "0"}};
      if (whole) headers["x-ratelimit-requests-remaining"] = "0";
      return Result<Reply>(Reply(400, body.dump(), headers));
    });
    bench.run(5s);
    ASSERT_GE(refused, 1);
    EXPECT_EQ(bench.lane() && bench.lane()->paused, whole);
  }
}

// The fact sheet microsoft-teams, section 4: "retry at most once after 60 s", where somebody chose so.
TEST(Unknown, outcomes_of_teams_wait_for_a_person_or_come_once_more) {
  const auto place = place_of("teams");
  if (!place) GTEST_SKIP() << "no Teams in this registry";
  for (const bool repeats : {false, true}) {
    SCOPED_TRACE(repeats);
    auto chosen = *place;
    if (repeats) chosen.settings["unknown"] = "repeat_once";
    Bench bench(chosen);
    bench.order(Operation::post_alert);
    std::vector<TimePoint> sent;
    bench.client.meddle(
        [&](int, const Request&) -> std::optional<Result<Reply>> {
          sent.push_back(bench.clock.now());
          return std::nullopt;
        },
        [&](int n, Result<Reply>& reply) {
          if (n == 0) reply = Result<Reply>(Failure(FailureKind::ambiguous, "the reply was lost"));
        });
    bench.run();
    const auto job = bench.job(Operation::post_alert);
    EXPECT_EQ(sent.size(), repeats ? 2u : 1u);
    EXPECT_EQ(bench.effects(Operation::post_alert), repeats ? 2 : 1);
    EXPECT_EQ(job.parked, !repeats);
    EXPECT_EQ(name(job.state) == "done", repeats);
    if (sent.size() == 2) EXPECT_GE(sent[1] - sent[0], 60s);
  }
}

}  // namespace
}  // namespace baton::contract
