// Outages as people live through them: how soon the first word comes, how often, through which channel, and
// that a restart neither forgets nor repeats.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/alerts/bench.h"

namespace baton::alerts_testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kEvery = Duration{30s};

// Traffic for so long: a delivery every half minute.
void live(Bench& bench, Duration time, const std::string& lane = "zendesk", Duration every = kEvery) {
  for (Duration passed{0}; passed < time; passed += every) {
    bench.give(lane);
    bench.run(every);
  }
}

TEST(Outage, a_total_outage_is_told_once_within_two_minutes_and_so_is_its_end) {
  MemoryStore store;
  Bench bench(store);
  live(bench, 10min);
  ASSERT_THAT(bench.said(), IsEmpty()) << bench.why();
  bench.broken.emplace("zendesk", Answer(503));
  const auto began = bench.clock.now();
  live(bench, 1h);
  ASSERT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk is down"));
  EXPECT_LE(bench.told()[0].at - began, 2min);
  bench.broken.clear();
  const auto back = bench.clock.now();
  live(bench, 1h);
  ASSERT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk is down",
                                        "pager alert.resolved: Over: zendesk is down"));
  EXPECT_LE(bench.told()[1].at - back, 4min);
}

TEST(Outage, one_single_delivery_is_enough_to_notice_it) {
  MemoryStore store;
  Bench bench(store);
  bench.run(1min);
  bench.broken.emplace("zendesk",
                       Answer(Failure(FailureKind::retryable, "connect: the request was not sent")));
  bench.give();
  const auto began = bench.clock.now();
  bench.run(10min);
  ASSERT_EQ(bench.told().size(), 1u);
  EXPECT_LE(bench.told()[0].at - began, 2min);
}

TEST(Outage, a_channel_that_does_not_take_it_within_a_minute_is_followed_by_the_next) {
  MemoryStore store;
  Bench bench(store);
  live(bench, 5min);
  bench.broken.emplace("zendesk", Answer(503));
  bench.broken.emplace("pager", Answer(Failure(FailureKind::retryable, "connect: the request was not sent")));
  const auto began = bench.clock.now();
  live(bench, 10min);
  // The pager's own outage is told where the pager is not needed.
  EXPECT_THAT(bench.said(),
              UnorderedElementsAre("mail alert.raised: zendesk is down", "mail alert.raised: pager is down"));
  for (const auto& one : bench.told()) EXPECT_LE(one.at - began, 3min) << one.title;
}

TEST(Outage, an_alert_about_a_channel_begins_at_another_vendor) {
  MemoryStore store;
  Bench bench(store);
  bench.broken.emplace("pager", Answer(503));
  bench.run(1min);
  const auto began = bench.clock.now();
  live(bench, 5min, "pager");
  ASSERT_THAT(bench.said(), ElementsAre("mail alert.raised: pager is down"));
  EXPECT_LE(bench.told()[0].at - began, 2min) << "nobody waited for the pager first";
}

TEST(Outage, a_slow_burn_is_told_within_the_hour) {
  for (const std::uint64_t seed : {1, 2}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    MemoryStore store;
    Bench bench(store);
    Random chance(seed);
    live(bench, 1h, "zendesk", 10s);
    bench.chance = [&](const Sent&) { return chance.bits() % 100 < 10; };
    const auto began = bench.clock.now();
    live(bench, 1h, "zendesk", 10s);
    ASSERT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk fails too often"));
    EXPECT_LE(bench.told()[0].at - began, 1h);
  }
}

TEST(Outage, quiet_hours_with_one_error_in_a_hundred_raise_nothing) {
  MemoryStore store;
  Bench bench(store);
  Random chance(11);
  bench.chance = [&](const Sent&) { return chance.bits() % 100 == 0; };
  live(bench, 4h, "zendesk", 40s);
  EXPECT_THAT(bench.said(), IsEmpty());
}

TEST(Outage, a_restart_neither_forgets_nor_repeats) {
  MemoryStore store;
  TimePoint now = kStart;
  for (int life = 0; life < 5; ++life) {
    Bench bench(store, now);
    bench.broken.emplace("zendesk", Answer(503));
    live(bench, 3min);
    ASSERT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk is down")) << "life " << life;
    now = bench.clock.now() + 20s;
    store.end_leases();
  }
  store.end_leases();
  Bench bench(store, now);
  live(bench, 10min);
  EXPECT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk is down",
                                        "pager alert.resolved: Over: zendesk is down"));
}

TEST(Outage, when_nothing_can_be_reached_it_is_the_network_and_not_three_vendors) {
  MemoryStore store;
  Bench bench(store);
  const Failure lost(FailureKind::retryable, "connect: the request was not sent");
  bench.broken.emplace("zendesk", Answer(lost));
  bench.broken.emplace("hubspot", Answer(lost));
  for (int i = 0; i < 20; ++i) {
    bench.give("zendesk");
    bench.give("hubspot");
    bench.run(30s);
  }
  EXPECT_THAT(bench.said(), ElementsAre("pager alert.raised: Baton reaches none of its destinations"));
  bench.broken.clear();
  bench.run(2h);
  EXPECT_THAT(bench.said(),
              ElementsAre("pager alert.raised: Baton reaches none of its destinations",
                          "pager alert.resolved: Over: Baton reaches none of its destinations"));
}

TEST(Outage, a_silence_holds_it_back_and_what_still_holds_at_its_end_is_told_then) {
  MemoryStore store;
  Bench bench(store);
  handoff::Silence silence;
  silence.id = "sil_1";
  silence.alert = "destination/zendesk/*";
  silence.from = bench.clock.now();
  silence.until = bench.clock.now() + 1h;
  Batch batch;
  batch.documents.push_back(handoff::to_document(silence));
  bench.commit(std::move(batch));
  bench.broken.emplace("zendesk", Answer(503));
  live(bench, 59min);
  EXPECT_THAT(bench.said(), IsEmpty());
  EXPECT_THAT(store.documents.at({"alert", "destination/zendesk/availability"}).body.dump(),
              HasSubstr("sil_1"));
  live(bench, 5min);
  EXPECT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk is down"));
}

TEST(Outage, a_credential_that_ends_is_told_a_week_ahead_and_the_new_one_ends_it) {
  MemoryStore store;
  Bench bench(store);
  bench.zendesk_credential_ends = kStart + std::chrono::days(7) + 1h;
  live(bench, 30min);
  EXPECT_THAT(bench.said(), IsEmpty());
  live(bench, 1h);
  ASSERT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk has a credential that ends soon"));
  bench.zendesk_credential_ends = kStart + std::chrono::days(90);
  live(bench, 30min);
  EXPECT_THAT(bench.said().back(), HasSubstr("alert.resolved"));
}

TEST(Outage, a_parked_destination_is_a_matter_of_its_credential) {
  MemoryStore store;
  Bench bench(store);
  bench.broken.emplace("zendesk", Answer(403, "no such scope"));
  live(bench, 10min);
  ASSERT_THAT(bench.said(), ElementsAre("pager alert.raised: zendesk refuses its credential"));
  bench.run(5h);
  EXPECT_THAT(bench.said().back(), HasSubstr("alert.repeated: Still: zendesk refuses its credential"));
  EXPECT_EQ(bench.said().size(), 2u) << "once in four hours";
}

}  // namespace
}  // namespace baton::alerts_testing
