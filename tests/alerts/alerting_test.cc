// Alerts over time, pure: pending, firing, resolved; once for each change, whatever comes and goes.
#include "gateway/health/alerting.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/random.h"
#include "gateway/health/alerts_expectation.h"
#include "gateway/health/alerts_history.h"
#include "gateway/health/alerts_words.h"

namespace baton::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TimePoint kNow{Duration{1'800'000'000'000}};

Condition wrong(Kind kind, Severity severity = Severity::critical,
                const std::string& about = "destination/desk", Cause cause = Cause::availability) {
  return Condition(kind, cause, severity, about, "seen", Fault::vendor);
}

// Ten seconds at a time, with every alert written down and read again between two looks, as a restart does
// it.
class Watch {
 public:
  std::vector<std::string> look(const std::vector<Condition>& holding) {
    const auto groups = grouped(holding);
    std::set<std::string> keys;
    for (const auto& [key, group] : groups) keys.insert(key);
    for (const auto& [key, alert] : alerts_) keys.insert(key);
    std::vector<std::string> words;
    for (const auto& key : keys) {
      const auto known = alerts_.find(key);
      const auto group = groups.find(key);
      auto next = step(known == alerts_.end() ? nullptr : &known->second,
                       group == groups.end() ? nullptr : &group->second, silences, pace, now);
      if (next.word != Word::nothing) words.push_back(key + " " + std::string(name(next.word)));
      if (!next.alert) {
        alerts_.erase(key);
        continue;
      }
      const auto again = alert_from(to_document(*next.alert, 1));
      EXPECT_TRUE(again && *again == *next.alert) << to_document(*next.alert, 1).body;
      alerts_.insert_or_assign(key, *again);
    }
    now += 10s;
    return words;
  }
  std::vector<std::string> look_for(Duration time, const std::vector<Condition>& holding) {
    std::vector<std::string> words;
    for (const auto end = now + time; now < end;) {
      for (auto& word : look(holding)) words.push_back(std::move(word));
    }
    return words;
  }
  const Alert& alert(const std::string& key) { return alerts_.at(key); }
  bool known(const std::string& key) const { return alerts_.contains(key); }

  TimePoint now = kNow;
  Pace pace;
  std::vector<handoff::Silence> silences;

 private:
  std::map<std::string, Alert> alerts_;
};

const std::string kDown = "destination/desk/availability";

TEST(Alerting, it_is_told_once_repeated_seldom_and_its_end_once) {
  Watch watch;
  EXPECT_THAT(watch.look({wrong(Kind::down)}), IsEmpty());
  EXPECT_THAT(watch.look({wrong(Kind::down)}), ElementsAre(kDown + " raised"));
  EXPECT_THAT(watch.look_for(9h, {wrong(Kind::down)}), ElementsAre(kDown + " repeated", kDown + " repeated"));
  EXPECT_THAT(watch.look_for(1h, {}), ElementsAre(kDown + " resolved"));
  EXPECT_THAT(watch.look_for(25h, {}), IsEmpty());
  EXPECT_FALSE(watch.known(kDown));
}

TEST(Alerting, a_moment_is_no_alert) {
  Watch watch;
  EXPECT_THAT(watch.look({wrong(Kind::down)}), IsEmpty());
  EXPECT_THAT(watch.look_for(1h, {}), IsEmpty());
}

TEST(Alerting, what_has_one_cause_is_one_alert_and_only_worse_is_news) {
  Watch watch;
  EXPECT_THAT(watch.look_for(1min, {wrong(Kind::degraded, Severity::warning)}),
              ElementsAre(kDown + " raised"));
  const std::vector<Condition> all = {wrong(Kind::late, Severity::warning), wrong(Kind::down),
                                      wrong(Kind::breaker_open),
                                      wrong(Kind::dead_letters, Severity::warning)};
  EXPECT_THAT(watch.look_for(1h, all), ElementsAre(kDown + " worse"));
  EXPECT_EQ(watch.alert(kDown).kind, Kind::down);
  EXPECT_EQ(watch.alert(kDown).evidence.size(), 4u);
  EXPECT_THAT(watch.look_for(1h, {wrong(Kind::late, Severity::warning)}), IsEmpty())
      << "better is no news yet";
  EXPECT_THAT(watch.look_for(1h, {}), ElementsAre(kDown + " resolved"));
}

TEST(Alerting, what_comes_and_goes_is_believed_ever_later) {
  Watch watch;
  int words = 0;
  for (int i = 0; i < 60; ++i) {  // three hours of two minutes down, one up
    words += static_cast<int>(watch.look_for(2min, {wrong(Kind::down)}).size());
    words += static_cast<int>(watch.look_for(70s, {}).size());
  }
  EXPECT_LE(words, 10) << "60 outages";
}

TEST(Alerting, what_is_down_hides_what_follows_from_it) {
  Watch watch;
  auto stuck = wrong(Kind::stuck, Severity::critical, "handoffs/resolved", Cause::handoffs);
  stuck.waits_for = DestinationId("desk");
  const auto context = wrong(Kind::incomplete, Severity::warning, "destination/desk", Cause::completeness);
  const auto disk = wrong(Kind::disk_full, Severity::critical, "gateway", Cause::disk);
  EXPECT_THAT(watch.look_for(1h, {wrong(Kind::down), stuck, context, disk}),
              ElementsAre(kDown + " raised", "gateway/disk raised"));
  // What still holds when the reason is gone is told then; what is gone with it never was news.
  EXPECT_THAT(watch.look_for(1h, {stuck}),
              ElementsAre(kDown + " resolved", "gateway/disk resolved", "handoffs/resolved/handoffs raised"));
}

TEST(Alerting, a_silence_has_an_end) {
  Watch watch;
  handoff::Silence silence;
  silence.id = "sil_1";
  silence.alert = "destination/*";
  silence.from = kNow;
  silence.until = kNow + 30min;
  watch.silences.push_back(silence);
  EXPECT_THAT(watch.look_for(30min, {wrong(Kind::down)}), IsEmpty());
  EXPECT_EQ(watch.alert(kDown).silenced_by, "sil_1");
  EXPECT_THAT(watch.look({wrong(Kind::down)}), ElementsAre(kDown + " raised"));
}

TEST(Alerting, its_words_say_what_happens_what_was_tried_and_what_to_do) {
  Watch watch;
  (void)watch.look_for(1min, {wrong(Kind::down)});
  auto alert = watch.alert(kDown);
  alert.told_in = HandoffId("hof_9");
  Links links;
  links.console = "https://admin.example";
  links.runbooks = "https://wiki.example/";
  const auto data = message(alert, Word::raised, links, Pace(), kNow);
  EXPECT_EQ(data["title"], "desk is down");
  EXPECT_THAT(data["now"].get<std::string>(), HasSubstr("none is lost"));
  EXPECT_THAT(data["to_do"].get<std::string>(), HasSubstr("baton destinations test desk"));
  EXPECT_EQ(data["timeline"], "https://admin.example/v1/handoffs/hof_9/timeline");
  EXPECT_EQ(data["runbook"], "https://wiki.example/down");
  for (int kind = 0; kind <= static_cast<int>(Kind::reload_failed); ++kind) {
    alert.kind = static_cast<Kind>(kind);
    const auto said = message(alert, Word::raised, links, Pace(), kNow);
    for (const auto* part : {"title", "now", "to_do"})
      EXPECT_GT(said[part].get<std::string>().size(), 10u) << kind;
  }
}

// --- conditions

DestinationSeen desk() {
  DestinationSeen seen;
  seen.id = DestinationId("desk");
  return seen;
}

std::vector<std::string> kinds(const DestinationSeen& one, TimePoint now = kNow) {
  Seen seen;
  seen.destinations.push_back(one);
  std::vector<std::string> found;
  for (const auto& condition : conditions(seen, Limits(), now)) found.emplace_back(name(condition.kind));
  return found;
}

TEST(Conditions, nothing_known_is_nothing_wrong) {
  EXPECT_THAT(kinds(desk()), IsEmpty());
  Seen seen;
  seen.sources.emplace_back();
  EXPECT_THAT(conditions(seen, Limits(), kNow), IsEmpty());
}

TEST(Conditions, down_takes_several_failures_and_a_while) {
  auto one = desk();
  one.failing_since = kNow - 25s;
  one.last_failure_at = kNow;
  one.failures_in_row = 4;
  EXPECT_THAT(kinds(one), IsEmpty());
  one.failures_in_row = 5;
  EXPECT_THAT(kinds(one), ElementsAre("down"));
  one.failing_since = kNow - 5s;
  EXPECT_THAT(kinds(one), IsEmpty());
}

TEST(Conditions, a_budget_burns_in_both_windows_or_not_at_all) {
  auto one = desk();
  one.failing[0] = {.of = 40, .bad = 8};
  one.failing[3] = {.of = 400, .bad = 60};
  EXPECT_THAT(kinds(one), ElementsAre("degraded"));
  one.failing[0] = {.of = 40, .bad = 0};
  EXPECT_THAT(kinds(one), IsEmpty()) << "it is over";
  one.failing[0] = {.of = 40, .bad = 8};
  one.failing[3] = {.of = 4000, .bad = 60};
  EXPECT_THAT(kinds(one), IsEmpty()) << "it does not matter yet";
}

TEST(Conditions, whose_fault_it_was_is_read_from_the_evidence) {
  EXPECT_EQ(fault_of("POST /tickets answered 503: busy"), Fault::vendor);
  EXPECT_EQ(fault_of("POST /tickets answered 403"), Fault::credential);
  EXPECT_EQ(fault_of("POST /tickets answered 422: subject"), Fault::mapping);
  EXPECT_EQ(fault_of("connect to desk: the request was not sent"), Fault::network);
  EXPECT_EQ(fault_of("POST /tickets answered "), Fault::unknown);
  EXPECT_EQ(fault_of(""), Fault::unknown);
}

TEST(Conditions, a_credential_that_ends_within_a_week_is_told) {
  DestinationSeen one;
  one.id = DestinationId("desk");
  one.credential_ends = kNow + std::chrono::days(8);
  EXPECT_THAT(kinds(one), IsEmpty());
  one.credential_ends = kNow + std::chrono::days(6);
  EXPECT_THAT(kinds(one), ElementsAre("credential_ends"));
}

TEST(Conditions, the_host_is_watched_too) {
  Seen seen;
  seen.host.disk_free = 0.04;
  seen.host.certificate_ends = kNow + std::chrono::days(10);
  seen.host.clock_error = 5s;
  seen.host.reload_failed = "baton.yaml:3: no";
  std::vector<std::string> found;
  for (const auto& one : conditions(seen, Limits(), kNow))
    found.push_back(std::string(name(one.kind)) + " " + std::string(name(one.severity)));
  EXPECT_THAT(found, ElementsAre("disk_full critical", "certificate_ends warning", "clock_off warning",
                                 "reload_failed warning"));
}

// --- what is learnt

TEST(Expectation, a_quiet_tuesday_is_noticed_and_a_quiet_sunday_is_not) {
  Expectation source;
  auto now = kNow;
  const auto is_workday = [](TimePoint at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    return std::chrono::weekday(day).iso_encoding() <= 5;
  };
  for (const auto end = now + std::chrono::days(21); now < end; now += 10min) {
    source.pass(now);
    if (is_workday(now)) source.add(now);  // six an hour
  }
  const auto kept = source.to_json();
  auto again = Expectation::from_json(JsonView(kept));
  double tuesday = 0, sunday = 0;
  for (const auto end = now + std::chrono::days(7); now < end; now += 10min) {
    again.pass(now);
    const auto weekday = std::chrono::weekday(std::chrono::floor<std::chrono::days>(now)).iso_encoding();
    const auto expected = again.between(now - 3h, now);
    if (weekday == 2) tuesday = std::max(tuesday, expected);
    if (weekday == 7) sunday = std::max(sunday, expected);
  }
  EXPECT_NEAR(tuesday, 18, 1);
  EXPECT_LT(sunday, 1);
  EXPECT_GT(again.since_last(now), 100) << "a whole week without one";
}

TEST(History, a_quiet_day_with_one_error_in_a_hundred_raises_nothing_at_any_traffic) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Random chance(seed);
    const auto most = static_cast<std::uint64_t>(1) << (2 * seed - 1);  // attempts in ten seconds: 1 to 127
    Watch watch;
    History history;
    LaneReading reading;
    reading.id = DestinationId("desk");
    int attempts = 0;
    for (const auto end = watch.now + 24h; watch.now < end;) {
      for (auto n = chance.bits() % most; n > 0; --n, ++attempts)
        ++(chance.bits() % 100 == 0 ? reading.unserved : reading.served);
      history.add(reading, watch.now);
      Seen seen;
      seen.destinations.push_back(history.seen(watch.now));
      ASSERT_THAT(watch.look(conditions(seen, Limits(), watch.now)), IsEmpty())
          << "seed " << seed << " after " << attempts << " attempts";
    }
    EXPECT_GT(attempts, 4000);
  }
}

TEST(History, survives_being_written_down) {
  History history;
  LaneReading reading;
  reading.id = DestinationId("desk");
  auto now = kNow;
  for (int i = 0; i < 600; ++i, now += 30s) {
    reading.served += 3;
    if (i % 10 == 0) ++reading.unserved;
    history.add(reading, now);
  }
  const auto text = history.to_json().dump();
  EXPECT_LT(text.size(), 10'000u);
  const auto json = nlohmann::json::parse(text);
  const auto again = History::from_json(JsonView(json));
  for (std::size_t i = 0; i < kWindows.size(); ++i) {
    EXPECT_EQ(again.seen(now).failing[i].of, history.seen(now).failing[i].of);
    EXPECT_EQ(again.seen(now).failing[i].bad, history.seen(now).failing[i].bad);
  }
  EXPECT_NEAR(history.seen(now).failing[3].value(), 0.032, 0.01);
  for (const auto* hostile : {"null", "[]", R"({"minutes":[[1e300],["x"],[]]})", R"({"minutes":{"a":1}})"}) {
    const auto parsed = nlohmann::json::parse(hostile);
    EXPECT_EQ(History::from_json(JsonView(parsed)).seen(now).failing[4].of, 0);
  }
}

}  // namespace
}  // namespace baton::alerts
