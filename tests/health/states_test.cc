// Whose fault it is, and how a destination is: tables of evidence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/delivery/recent.h"
#include "gateway/health/health.h"

namespace baton::health {
namespace {

using testing::HasSubstr;

constexpr TimePoint kNow{Duration{1'800'000'000'000}};

struct Failed {
  Stage stage;
  FailureKind kind;
  std::uint32_t times;
};

Tally tally(std::uint32_t succeeded, std::initializer_list<Failed> failed) {
  Tally made;
  made.succeeded = succeeded;
  for (const auto& one : failed) made.failed_at(one.stage, one.kind) += one.times;
  for (std::uint32_t i = 0; i < made.attempts(); ++i) made.took.add(120ms);
  return made;
}

Evidence desk(const Tally& lately) {
  Evidence one;
  one.id = DestinationId("desk");
  one.base_url = "https://desk.example/api";
  one.breaker = "closed";
  one.minutes5 = one.hour = lately;
  return one;
}

TEST(Fault, is_read_from_how_far_attempts_came_and_what_ended_them) {
  using enum FailureKind;
  const Around others_fine{2, 0, true}, none_answers{2, 2, true}, alone{0, 0, true}, no_store{2, 0, false};
  const struct {
    const char* what;
    Tally tally;
    Around around;
    Fault fault;
  } table[] = {
      {"no failures", tally(5, {}), others_fine, Fault::nobody},
      {"answers 503", tally(0, {{Stage::answer, retryable, 9}}), others_fine, Fault::vendor},
      {"answers 429", tally(0, {{Stage::answer, rate_limited, 2}}), others_fine, Fault::vendor},
      {"lost replies", tally(3, {{Stage::connection, ambiguous, 4}}), others_fine, Fault::vendor},
      {"no connection, others answer", tally(0, {{Stage::connection, retryable, 5}}), others_fine,
       Fault::vendor},
      {"no connection, nor to others", tally(0, {{Stage::connection, retryable, 5}}), none_answers,
       Fault::network},
      {"no connection, and no others", tally(0, {{Stage::connection, retryable, 5}}), alone, Fault::vendor},
      {"no token endpoint either", tally(0, {{Stage::credential, retryable, 5}}), none_answers,
       Fault::network},
      {"503 while others are unreachable", tally(0, {{Stage::answer, retryable, 5}}), none_answers,
       Fault::vendor},
      {"401 for good", tally(0, {{Stage::answer, misconfigured, 1}}), others_fine, Fault::credential},
      {"token refused", tally(0, {{Stage::credential, misconfigured, 1}}), others_fine, Fault::credential},
      {"address that we may not call", tally(0, {{Stage::connection, misconfigured, 1}}), others_fine,
       Fault::ours},
      {"template fails", tally(0, {{Stage::mapping, rejected, 3}}), others_fine, Fault::mapping},
      {"422", tally(8, {{Stage::answer, rejected, 3}}), others_fine, Fault::mapping},
      {"our budget", tally(8, {{Stage::ours, retryable, 3}}), others_fine, Fault::ours},
      {"our store", tally(0, {{Stage::answer, retryable, 9}}), no_store, Fault::ours},
      {"most of them decide", tally(0, {{Stage::answer, rejected, 2}, {Stage::answer, retryable, 3}}),
       others_fine, Fault::vendor},
  };
  for (const auto& [what, of, around, fault] : table)
    EXPECT_EQ(name(fault_of(of, around)), name(fault)) << what;
}

TEST(Fault, is_the_networks_only_if_no_host_of_several_answers) {
  auto one = desk(tally(0, {{Stage::connection, FailureKind::retryable, 5}}));
  auto same_host = one, other = one, quiet = desk(tally(0, {}));
  other.base_url = "https://crm.example";
  quiet.base_url = "https://bugs.example";
  EXPECT_EQ(around(one, std::vector{one, same_host}, true).hosts_asked, 0);
  const auto all = around(one, std::vector{one, same_host, other, quiet}, true);
  EXPECT_EQ(all.hosts_asked, 1);
  EXPECT_EQ(all.hosts_unreachable, 1);
  other.minutes5.succeeded = 1;
  EXPECT_EQ(around(one, std::vector{one, other}, true).hosts_unreachable, 0);
}

TEST(State, is_judged_by_the_last_five_minutes) {
  using enum FailureKind;
  const struct {
    const char* what;
    Tally lately;
    const char* breaker;
    State state;
  } table[] = {
      {"nothing asked", tally(0, {}), "closed", State::unknown},
      {"all well", tally(4, {}), "closed", State::ok},
      {"a single error of few", tally(2, {{Stage::answer, retryable, 1}}), "closed", State::ok},
      {"one percent of errors", tally(99, {{Stage::answer, retryable, 1}}), "closed", State::ok},
      {"one of twenty", tally(19, {{Stage::answer, retryable, 1}}), "closed", State::degraded},
      {"a quarter of few", tally(3, {{Stage::answer, ambiguous, 1}}), "closed", State::degraded},
      {"nothing but errors", tally(0, {{Stage::answer, retryable, 3}}), "closed", State::down},
      {"put off is no error", tally(0, {{Stage::answer, rate_limited, 9}}), "closed", State::ok},
      {"breaker open", tally(9, {}), "open", State::down},
      {"breaker probing", tally(0, {}), "probing", State::down},
  };
  for (const auto& [what, lately, breaker, state] : table) {
    auto one = desk(lately);
    one.breaker = breaker;
    EXPECT_EQ(name(diagnose(one, Around{2, 0, true}, kNow).state), name(state)) << what;
  }
}

TEST(State, of_a_pause_says_who_asked_for_it) {
  auto one = desk(tally(0, {{Stage::answer, FailureKind::misconfigured, 1}}));
  one.pause = LaneState(one.id, true, "anna", "we move house", kNow);
  auto found = diagnose(one, Around(), kNow);
  EXPECT_EQ(found.state, State::paused);
  EXPECT_EQ(found.fault, Fault::nobody);
  EXPECT_EQ(found.reason, "paused by anna: we move house");
  EXPECT_THAT(found.remedy, HasSubstr("baton destinations resume desk"));
  one.pause->by = "baton";
  found = diagnose(one, Around(), kNow);
  EXPECT_EQ(found.state, State::parked);
  EXPECT_EQ(found.fault, Fault::credential);
  EXPECT_THAT(found.remedy, HasSubstr("baton secret set"));
  one.pause->until = kNow + 1h;
  found = diagnose(one, Around(), kNow);
  EXPECT_EQ(found.state, State::paused);
  EXPECT_EQ(found.fault, Fault::vendor);
}

TEST(State, after_a_restart_does_not_invent_a_cause) {
  auto one = desk(tally(0, {}));
  one.pause = LaneState(one.id, true, "baton", "parked: 401", kNow);
  EXPECT_EQ(diagnose(one, Around(), kNow).fault, Fault::unclear);
}

TEST(State, is_degraded_by_slowness_emptier_answers_and_old_deliveries) {
  auto slow = desk(tally(0, {}));
  slow.minutes5.succeeded = 4;
  for (int i = 0; i < 4; ++i) slow.minutes5.took.add(9s);
  EXPECT_THAT(diagnose(slow, Around(), kNow).reason, HasSubstr("half of the attempts take longer than"));
  auto empty = desk(tally(9, {}));
  empty.hour.parts_known = 1000;
  empty.hour.parts_filled = 900;
  empty.minutes5.parts_known = 100;
  empty.minutes5.parts_filled = 50;
  EXPECT_THAT(diagnose(empty, Around(), kNow).reason,
              HasSubstr("50 % of the known fields, 90 % within the hour"));
  empty.minutes5.parts_filled = 80;
  EXPECT_EQ(diagnose(empty, Around(), kNow).state, State::ok);
  auto late = desk(tally(9, {}));
  late.backlog = Backlog{3, 0, kNow - 14min};
  EXPECT_EQ(diagnose(late, Around(), kNow).reason, "the oldest of 3 deliveries waits for 14 min");
  late.backlog->oldest = kNow - 9min;
  EXPECT_EQ(diagnose(late, Around(), kNow).state, State::ok);
}

TEST(SourceState, tells_silence_from_refusals) {
  SourceEvidence chat;
  chat.name = "chat";
  EXPECT_EQ(diagnose(chat, kNow).state, State::unknown);
  chat.accepted = 3;
  chat.last_event = kNow - 90s;
  EXPECT_EQ(diagnose(chat, kNow).reason, "the latest event came 90 s ago");
  chat.refused = 12;
  EXPECT_EQ(diagnose(chat, kNow).state, State::degraded);
  chat.accepted = 0;
  EXPECT_EQ(diagnose(chat, kNow).state, State::down);
}

TEST(Picture, of_a_store_that_takes_nothing_says_so_first) {
  Picture picture;
  picture.at = kNow;
  picture.store_works = false;
  picture.store_reason = "the disk is full";
  picture.destinations.push_back(desk(tally(0, {{Stage::answer, FailureKind::retryable, 9}})));
  const auto page = to_json(picture);
  EXPECT_EQ(page["state"], "down");
  EXPECT_EQ(page["summary"], "The store does not take anything: the disk is full");
  EXPECT_EQ(page["destinations"][0]["fault"], "ours");
}

TEST(Percentiles, are_right_within_their_class) {
  Histogram took;
  EXPECT_FALSE(took.percentile(0.5));
  for (int i = 0; i < 90; ++i) took.add(40ms);
  for (int i = 0; i < 10; ++i) took.add(3s);
  EXPECT_GE(*took.percentile(0.5), 25ms);
  EXPECT_LE(*took.percentile(0.5), 50ms);
  EXPECT_GE(*took.percentile(0.95), 2500ms);
  EXPECT_LE(*took.percentile(0.99), 5s);
  took.add(1h);
  EXPECT_EQ(*took.percentile(1), 60s);
  took.add(-5s);
  EXPECT_EQ(took.count(), 102u);
}

TEST(Recent, forgets_after_an_hour_and_when_the_clock_is_set_back) {
  delivery::Recent recent;
  ++recent.at(kNow).succeeded;
  ++recent.at(kNow + 4min).succeeded;
  EXPECT_EQ(recent.over(5min, kNow + 4min).succeeded, 2u);
  EXPECT_EQ(recent.over(5min, kNow + 5min).succeeded, 1u);
  EXPECT_EQ(recent.over(60min, kNow + 59min).succeeded, 2u);
  EXPECT_EQ(recent.over(60min, kNow + 60min).succeeded, 1u);
  ++recent.at(kNow - 24h).succeeded;
  EXPECT_EQ(recent.over(60min, kNow + 4min).succeeded, 0u);
}

TEST(Completeness, holds_an_answer_against_all_that_was_ever_told) {
  using nlohmann::json;
  delivery::Completeness completeness;
  const json full = {{"account", {{"name", "Acme"}, {"tier", "gold"}}}, {"people", {{{"name", "Ada"}}}}};
  const json half = {{"account", {{"name", "Acme"}, {"tier", nullptr}}}, {"people", json::array()}};
  Tally tally;
  completeness.count(full, tally);
  EXPECT_EQ(tally.parts_filled, 3u);
  EXPECT_EQ(tally.parts_known, 3u);
  completeness.count(half, tally);
  completeness.count(nullptr, tally);
  EXPECT_EQ(tally.parts_filled, 4u);
  EXPECT_EQ(tally.parts_known, 6u);
  EXPECT_DOUBLE_EQ(*health::completeness(tally), 4.0 / 6);
  for (int i = 0; i < 500; ++i) completeness.count(json{{"field" + std::to_string(i), 1}}, tally);
  Tally last;
  completeness.count(full, last);
  EXPECT_EQ(last.parts_known, 64u);
}

}  // namespace
}  // namespace baton::health
