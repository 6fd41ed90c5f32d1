// Purpose: teams at work on virtual time: who is asked, when the next one is, who may take it, what the
// customer is told of the queue, and that a restart changes none of it.
#include <gmock/gmock.h>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/config/parse.h"
#include "gateway/delivery/order.h"
#include "gateway/handoff/team.h"
#include "gateway/planner/dispatcher.h"
#include "gateway/planner/planner.h"
#include "tests/decisions/rules.h"
#include "tests/delivery/bench.h"
#include "tests/tell/shipped.h"

namespace baton::delivery_testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const DestinationId kCards("slack"), kChatBot("bot");

handoff::Teams teams_of(const std::string& text) {
  auto parsed = config::parse(text, "f.yaml");
  auto teams = handoff::read_teams(parsed.root, handoff::Calendars(), parsed.problems);
  for (const auto& problem : parsed.problems.list()) ADD_FAILURE() << problem.text();
  return teams;
}

const char* const kTwo = R"(
billing: {members: [{id: ana, name: Ana, accounts: {slack: U1}}, {id: ben, name: Ben, accounts: {slack: U2}}]}
)";

// A gateway without its doors: planner, board and dispatcher on a store that outlives them.
class Floor {
 public:
  Floor(MemoryStore& store, const std::string& teams, TimePoint start = kStart,
        const handoff::DecisionRules* decisions = nullptr)
      : teams_(teams_of(teams)), clock(loop_, start), store_(store), journal_(store, clock),
        board(teams_, decisions),
        planner_(journal_, clock, random_, rules_, abilities_, patience, tell_testing::shipped(), {}, &board),
        dispatcher_(journal_, clock, board), scope_(loop_, clock) {
    scope_.spawn(planner_.run(scope_.stop_token()));
    scope_.spawn(dispatcher_.run(scope_.stop_token()));
    run(Duration{10});
  }
  ~Floor() {
    scope_.cancel();
    clock.run(clock.now() + 10s, [this] { return scope_.running() == 0; });
  }

  void request(const std::string& id, const std::string& team, Priority priority = Priority::normal,
               json data = json::object()) {
    Route route;
    route.team = team;
    route.alerts = {kCards};
    route.platform = kChatBot;
    Batch batch;
    Handoff opened(HandoffId("hof_" + id), WorkspaceId("main"), ConversationId("chat", id), priority, route,
                   clock.now());
    opened.cards[kCards] = Receipt("C-" + id, "");  // as if it had been posted at once
    batch.opens.emplace(std::move(opened));
    batch.jobs.emplace_back(JobKey(HandoffId("hof_" + id), planner_lane(), Upkeep::plan), TimePoint::max());
    Event event(EventKey(WorkspaceId("main"), "chat", "e-" + id), "handoff.requested",
                ConversationId("chat", id), priority, std::move(data));
    batch.facts.emplace_back(HandoffId("hof_" + id), "main/chat/e-" + id,
                             Fact(clock.now(), std::move(event)));
    commit(std::move(batch));
    run(200ms);
  }
  void update(const std::string& id, json data) {
    const auto key = "u" + std::to_string(++signals_);
    Event event(EventKey(WorkspaceId("main"), "chat", key), "handoff.updated", ConversationId("chat", id),
                Priority::normal, std::move(data));
    Batch batch;
    batch.facts.emplace_back(HandoffId("hof_" + id), key, Fact(clock.now(), std::move(event)));
    commit(std::move(batch));
    run(200ms);
  }
  void signal(const std::string& id, SignalKind kind, const std::string& who, std::string text = {}) {
    Batch batch;
    add_signal(batch, id, kind, who, std::move(text));
    commit(std::move(batch));
    run(200ms);
  }
  void add_signal(Batch& batch, const std::string& id, SignalKind kind, const std::string& who,
                  std::string text = {}) {
    Signal made(kind, "s" + std::to_string(++signals_), "", who);
    made.from = kCards;
    made.who_name = who;
    made.text = std::move(text);
    batch.facts.emplace_back(HandoffId("hof_" + id), made.id + "@" + to_rfc3339(clock.now()),
                             Fact(clock.now(), std::move(made)));
  }
  void presence(const std::string& member, handoff::Presence presence,
                std::optional<TimePoint> until = std::nullopt) {
    const auto known = store_.documents.find({std::string(handoff::kPresenceKind), member});
    const int version = known == store_.documents.end() ? 0 : known->second.version;
    Batch batch;
    batch.documents.emplace_back(std::string(handoff::kPresenceKind), member,
                                 handoff::to_json({presence, until}, "test", clock.now()), version);
    commit(std::move(batch));
    run(200ms);
  }
  void commit(Batch batch) {
    std::optional<bool> done;
    scope_.spawn(journal_.commit(std::move(batch)),
                 [&](Result<Committed> result) { done = result && result->done(); });
    clock.run(clock.now(), [&] { return done.has_value(); });
    BATON_CHECK(done && *done);
  }
  void run(Duration time) { until(clock.now() + time); }
  void until(TimePoint at) {
    bool over = false;
    scope_.spawn(clock.until(at), [&](Result<Done>) { over = true; });
    clock.run(TimePoint::max(), [&] { return over; });
  }
  void wait(Duration time) { until(clock.now() + time); }

  const Handoff& handoff(const std::string& id) const {
    return *store_.handoffs.at(HandoffId("hof_" + id)).handoff;
  }
  std::string asked(const std::string& id) const {
    const auto& who = handoff(id).asked;
    return who ? who->member : "";
  }
  std::vector<json> subjects(const std::string& id, Operation operation) const {
    std::vector<json> found;
    for (const auto& [position, row] : store_.jobs) {
      if (row.job.key.work == Work(operation) && row.job.key.handoff.text == "hof_" + id)
        found.push_back(row.job.subject);
    }
    return found;
  }
  std::vector<std::string> threads(const std::string& id) const {
    std::vector<std::string> found;
    for (const auto& subject : subjects(id, Operation::reply_in_thread))
      found.push_back((subject.value("to", "").empty() ? "" : "@" + subject.value("to", "") + " ") +
                      subject.value("text", ""));
    return found;
  }
  // What the customer's platform was told, by type of event.
  std::vector<json> emitted(const std::string& id, const std::string& type) const {
    std::vector<json> found;
    for (const auto& subject : subjects(id, Operation::emit)) {
      if (subject.value("type", "") == type) found.push_back(subject.at("data"));
    }
    return found;
  }

 private:
  Loop loop_;
  handoff::Teams teams_;

 public:
  VirtualClock clock;
  handoff::Patience patience;

 private:
  MemoryStore& store_;
  MemoryJournal journal_;

 public:
  Board board;

 private:
  Random random_{7};
  handoff::Rules rules_;
  Abilities abilities_;
  Planner planner_;
  Dispatcher dispatcher_;
  Scope scope_;
  int signals_ = 0;
};

TEST(Dispatcher, asks_one_after_the_other_and_begins_again_when_everyone_has_passed) {
  MemoryStore store;
  Floor floor(store, kTwo);
  floor.request("1", "billing");
  EXPECT_EQ(floor.asked("1"), "ana");
  floor.wait(2min);
  EXPECT_EQ(floor.asked("1"), "ben");
  EXPECT_THAT(floor.handoff("1").passed, ElementsAre("ana"));
  floor.wait(2min);
  EXPECT_EQ(floor.asked("1"), "ana");
  EXPECT_THAT(floor.threads("1"),
              ElementsAre("@U1 Can you take this one? After 2 minutes the next is asked.",
                          "@U2 Can you take this one? After 2 minutes the next is asked.",
                          "@U1 Can you take this one? After 2 minutes the next is asked."));
  floor.signal("1", SignalKind::claimed, "U2");
  EXPECT_EQ(floor.handoff("1").member, "ben") << "who was not asked may take it as well";
  EXPECT_EQ(floor.asked("1"), "");
  EXPECT_EQ(floor.board.waiting(), 0u);
}

TEST(Dispatcher, asks_two_who_are_free_for_two_who_wait_and_nobody_for_more_than_they_can_take) {
  MemoryStore store;
  Floor floor(store, "billing: {members: [ana@x.example, ben@x.example], capacity: 1}");
  for (const auto* id : {"1", "2", "3"}) floor.request(id, "billing");
  EXPECT_EQ(floor.asked("1"), "ana@x.example");
  EXPECT_EQ(floor.asked("2"), "ben@x.example");
  EXPECT_EQ(floor.asked("3"), "");
  floor.signal("1", SignalKind::claimed, "ana@x.example");
  EXPECT_EQ(floor.asked("3"), "") << "she has it now";
  floor.signal("1", SignalKind::solved, "ana@x.example", "Done");
  EXPECT_EQ(floor.asked("3"), "ana@x.example") << "as soon as somebody is free";
}

TEST(Dispatcher, asks_nobody_who_is_away_and_everybody_who_is_back) {
  MemoryStore store;
  Floor floor(store, kTwo);
  floor.presence("ana", handoff::Presence::away);
  floor.presence("ben", handoff::Presence::away, floor.clock.now() + 10min);
  floor.request("1", "billing");
  EXPECT_EQ(floor.asked("1"), "");
  floor.wait(11min);
  EXPECT_EQ(floor.asked("1"), "ben") << "his time away is over";
  floor.request("2", "billing", Priority::normal);
  floor.presence("ana", handoff::Presence::available);
  EXPECT_EQ(floor.asked("2"), "ben") << "she is not there, and he has no limit";
}

TEST(Dispatcher, knows_when_a_shift_begins_on_the_day_the_clocks_change) {
  MemoryStore store;
  const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
  Floor floor(store, R"(
billing:
  members: [{id: ana, accounts: {slack: U1}}]
  hours: {zone: Europe/Berlin, weekdays: {sun: "09:00-17:00"}}
)",
              at("2026-03-29T00:30:00Z"));
  floor.request("1", "billing");
  EXPECT_EQ(floor.asked("1"), "");
  const auto told = floor.emitted("1", "handoff.accepted").at(0);
  EXPECT_THAT(told.at("text"), HasSubstr("People are back"));
  EXPECT_THAT(told.at("text"), HasSubstr("9:00"));
  EXPECT_EQ(told.at("wait"), "unknown");
  floor.until(at("2026-03-29T06:59:59Z"));
  EXPECT_EQ(floor.asked("1"), "");
  floor.until(at("2026-03-29T07:00:01Z"));  // 9:00 on the wall, an hour earlier than the day before
  EXPECT_EQ(floor.asked("1"), "ana");
}

TEST(Dispatcher, says_in_the_thread_that_another_team_is_asked) {
  MemoryStore store;
  Floor floor(store, R"(
billing: {members: [{id: ana, name: Ana, capacity: 1, accounts: {slack: ana}}], overflow: support, overflow_after: 5m}
support: {members: [{id: cleo, name: Cleo}]}
)");
  floor.request("1", "billing");
  floor.signal("1", SignalKind::replied, "ana", "Let me look.");
  floor.request("2", "billing");
  floor.wait(4min);
  EXPECT_EQ(floor.asked("2"), "");
  floor.wait(1min + 1s);
  EXPECT_EQ(floor.asked("2"), "cleo");
  EXPECT_THAT(floor.threads("2"),
              ElementsAre("Nobody of billing can take this one, so support is asked. Cleo, can you take this "
                          "one? After 2 minutes the next is asked."));
}

TEST(Dispatcher, calls_the_seniors_for_what_is_urgent) {
  MemoryStore store;
  Floor floor(store, R"(
billing:
  members:
    - {id: ana, name: Ana, accounts: {slack: U1}}
    - {id: zoe, name: Zoe, accounts: {slack: U9}, senior: true}
)");
  floor.presence("zoe", handoff::Presence::away);
  floor.request("0", "billing");
  floor.request("1", "billing", Priority::urgent);
  EXPECT_EQ(floor.threads("0").size(), 1u);
  EXPECT_THAT(floor.threads("1"),
              ElementsAre("@U1 Can you take this one? After 2 minutes the next is asked.",
                          "@U9 Urgent, and Ana was asked: please see that somebody takes it."));
}

TEST(Dispatcher, tells_every_customer_their_place) {
  MemoryStore store;
  Floor floor(store, "billing: {members: [{id: ana, capacity: 1}]}");
  for (int i = 0; i < 12; ++i) {
    const auto id = std::to_string(i);
    floor.request(id, "billing", i % 4 == 3 ? Priority::high : Priority::normal);
    const auto told = floor.emitted(id, "handoff.accepted").at(0).at("position");
    std::optional<json> shown;
    const auto queue = floor.board.to_json(floor.clock.now(), 100);
    for (const auto& place : queue.at("waiting")) {
      if (place.at("handoff") == "hof_" + id) shown = place.at("position");
    }
    ASSERT_TRUE(shown);
    EXPECT_EQ(told, *shown) << id;
    EXPECT_EQ(told.get<int>(), i % 4 == 3 ? i / 4 + 1 : i + 1);
  }
}

TEST(Dispatcher, goes_on_after_a_restart_as_if_nothing_had_been) {
  MemoryStore store;
  json before;
  TimePoint stopped;
  {
    Floor floor(store, kTwo);
    for (int i = 0; i < 150; ++i) floor.request(std::to_string(i), "billing");
    floor.signal("0", SignalKind::claimed, "U1");
    floor.presence("ben", handoff::Presence::away);
    before = floor.board.to_json(floor.clock.now(), 500);
    stopped = floor.clock.now();
  }
  Floor floor(store, kTwo, stopped);
  EXPECT_EQ(floor.board.to_json(stopped, 500), before);
  EXPECT_EQ(floor.board.desks(stopped).at("ben").presence, handoff::Presence::away);
  EXPECT_EQ(floor.handoff("1").offers, 1) << "nobody is asked twice";
  floor.wait(3min);
  EXPECT_EQ(floor.handoff("1").offers, 2) << "the offer's time is over";
}

TEST(Dispatcher, lets_one_of_two_hundred_take_it_and_only_one_who_may) {
  MemoryStore store;
  std::string members = "billing: {members: [";
  for (int i = 0; i < 100; ++i)
    members += (i == 0 ? "{id: m" : ", {id: m") + std::to_string(i) + ", accounts: {slack: M" +
               std::to_string(i) + "}}";
  Floor floor(store, members + "]}\nsales: {members: [{id: x, accounts: {slack: X}}]}");
  floor.request("1", "billing");
  Batch batch;
  for (int i = 0; i < 100; ++i) {
    floor.add_signal(batch, "1", SignalKind::claimed, "STRANGER" + std::to_string(i));
    floor.add_signal(batch, "1", SignalKind::claimed, "M" + std::to_string(99 - i));
  }
  floor.commit(std::move(batch));
  floor.run(1s);
  const auto& handoff = floor.handoff("1");
  EXPECT_EQ(handoff.owner, "M99");
  EXPECT_EQ(handoff.member, "m99");
  EXPECT_EQ(handoff.refused.size(), 100u);
  EXPECT_EQ(floor.emitted("1", "handoff.claimed").size(), 1u);
}

TEST(Dispatcher, a_refused_claim_changes_nothing_and_says_why) {
  MemoryStore store;
  Floor floor(store, std::string(kTwo) + "sales: {members: [{id: dan, accounts: {slack: U4}}]}");
  floor.request("1", "billing");
  floor.signal("1", SignalKind::claimed, "U4");
  const auto& handoff = floor.handoff("1");
  EXPECT_EQ(handoff.owner, "");
  EXPECT_EQ(floor.asked("1"), "ana");
  ASSERT_EQ(handoff.refused.size(), 1u);
  EXPECT_EQ(handoff.refused[0].why, "It is for billing, and you are not a member there.");
  floor.signal("1", SignalKind::replied, "U4", "I will answer all the same.");
  EXPECT_EQ(floor.handoff("1").owner, "");
  EXPECT_TRUE(floor.emitted("1", "handoff.message").empty());
}

// Twenty waits of about a minute make the next one's estimate; what was learnt outlives a restart.
TEST(Dispatcher, learns_how_long_people_wait_and_tells_it) {
  MemoryStore store;
  TimePoint stopped;
  {
    Floor floor(store, "billing: {members: [{id: ana, accounts: {slack: U1}}]}");
    for (int i = 0; i < 20; ++i) {
      const auto id = std::to_string(i);
      floor.request(id, "billing");
      EXPECT_EQ(floor.emitted(id, "handoff.accepted").at(0).at("wait"), "unknown");
      floor.wait(50s);
      floor.signal(id, SignalKind::replied, "U1", "Hello");
    }
    stopped = floor.clock.now();
  }
  ASSERT_EQ(store.documents.count({"wait_times", "all"}), 1u);
  Floor floor(store, "billing: {members: [{id: ana, accounts: {slack: U1}}]}", stopped);
  floor.request("next", "billing");
  const auto told = floor.emitted("next", "handoff.accepted").at(0);
  EXPECT_GE(told.at("wait").at("low_seconds").get<int>(), 45);
  EXPECT_LE(told.at("wait").at("high_seconds").get<int>(), 60);
  EXPECT_EQ(told.at("position"), 1);
  EXPECT_TRUE(floor.emitted("next", "handoff.message").empty());
  floor.wait(61s);
  const auto later = floor.emitted("next", "handoff.message");
  ASSERT_EQ(later.size(), 1u) << "once, when what was told has passed";
  EXPECT_EQ(later[0].at("step"), "long_wait");
  EXPECT_THAT(later[0].at("text"), HasSubstr("longer than it should"));
  floor.wait(10min);
  EXPECT_EQ(floor.emitted("next", "handoff.message").size(), 1u);
  floor.signal("next", SignalKind::claimed, "U1");
  EXPECT_EQ(floor.board.times().accuracy("billing").told, 1u);
  EXPECT_EQ(floor.board.times().accuracy("billing").later, 1u);
}

// Twenty people have to have waited before a wait is named; one who is given up by whoever claimed is one.
TEST(Board, counts_a_wait_once_however_often_the_conversation_waits_again) {
  const auto teams = teams_of(kTwo);
  Board board(teams);
  board.begin_painting();
  board.end_painting();
  Route route;
  route.team = "billing";
  Handoff one(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "1"), Priority::normal, route,
              kStart);
  one.told = ToldWait{};
  one.told->at = kStart;
  one.told->team = "billing";
  one.told->position = 1;
  one.state = State::waiting;
  const auto kept = [&](State state) {
    one.state = state;
    ++one.version;
    board.keep(one);
  };
  kept(State::waiting);
  one.passages.emplace_back(kStart + 1min, State::claimed, "claimed by Ana");
  kept(State::claimed);
  EXPECT_EQ(board.take_waited().size(), 1u);
  for (int again = 0; again < 30; ++again) kept(State::waiting);  // offers come and go
  EXPECT_TRUE(board.take_waited().empty());
  one.passages.emplace_back(kStart + 1h, State::claimed, "claimed by Ben");
  kept(State::claimed);
  EXPECT_TRUE(board.take_waited().empty());
}

TEST(Board, says_nothing_of_places_when_it_is_full_and_wants_to_be_painted_again_when_half_are_served) {
  const auto teams = teams_of(kTwo);
  Board board(teams);
  const auto waiting = [](std::size_t i, State state) {
    Route route;
    route.team = "billing";
    Handoff one(HandoffId("hof_" + std::to_string(i)), WorkspaceId("main"),
                ConversationId("chat", std::to_string(i)), Priority::normal, route,
                kStart + Duration{static_cast<Duration::rep>(i)});
    one.state = state;
    one.version = state == State::waiting ? 1 : 2;
    return one;
  };
  EXPECT_FALSE(board.outlook(waiting(0, State::waiting), kStart).position) << "not painted yet";
  board.begin_painting();
  board.end_painting();
  for (std::size_t i = 0; i < Board::kMost; ++i) board.keep(waiting(i, State::waiting));
  EXPECT_EQ(board.outlook(waiting(Board::kMost, State::waiting), kStart).position, 10'001);
  board.keep(waiting(Board::kMost, State::waiting));
  EXPECT_FALSE(board.outlook(waiting(3, State::waiting), kStart).position);
  EXPECT_EQ(board.waiting(), Board::kMost);
  EXPECT_FALSE(board.wants_painting());
  for (std::size_t i = Board::kMost - 1; i >= Board::kMost / 2 - 1; --i)
    board.keep(waiting(i, State::resolved));
  EXPECT_TRUE(board.wants_painting());
  EXPECT_EQ(board.waiting(), Board::kMost / 2 - 1);
}

TEST(Dispatcher, who_cancels_while_waiting_hears_that_nobody_is_sought_any_more) {
  MemoryStore store;
  Floor floor(store, kTwo);
  floor.request("1", "billing");
  Batch batch;
  batch.facts.emplace_back(
      HandoffId("hof_1"), "cancel",
      Fact(floor.clock.now(), Event(EventKey(WorkspaceId("main"), "chat", "cancel"), "handoff.cancelled",
                                    ConversationId("chat", "1"), Priority::normal, json::object())));
  floor.commit(std::move(batch));
  floor.run(1s);
  const auto told = floor.emitted("1", "handoff.message");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at("step"), "cancelled");
  EXPECT_EQ(floor.board.waiting(), 0u);
}

TEST(Dispatcher, a_confidential_card_says_that_there_is_one_and_no_more) {
  MemoryStore store;
  Floor floor(store, R"(
billing: {members: [{id: ana, accounts: {slack: U1}, sensitive: [fraud]}, {id: ben, accounts: {slack: U2}}]}
)");
  floor.request("1", "billing", Priority::normal,
                {{"customer", {{"name", "Ada Byron"}}},
                 {"intent", {{"name", "fraud"}, {"summary", "Somebody used her card."}}}});
  EXPECT_EQ(floor.asked("1"), "ana") << "only she may see it";
  const auto& handoff = floor.handoff("1");
  EXPECT_THAT(handoff.veiled, ElementsAre(kCards));
  sdk::Account account;
  json seen;
  account.render = [&](Operation, const json& scope) {
    seen = scope;
    return Result<json>(json::object());
  };
  const Acme connector{};
  account.connector = &connector;
  const Job job(JobKey(handoff.id, kCards, Operation::post_alert), floor.clock.now());
  ASSERT_TRUE(delivery::make_order(handoff, job, account, floor.clock.now()));
  EXPECT_EQ(seen.at("brief").at("headline"), "A confidential conversation for billing");
  EXPECT_EQ(seen.dump().find("Ada"), std::string::npos) << seen.dump();
  EXPECT_EQ(seen.dump().find("card."), std::string::npos);
  EXPECT_EQ(seen.dump().find("fraud"), std::string::npos);
}

TEST(Dispatcher, who_declines_is_followed_by_the_next_at_once_and_not_asked_again) {
  MemoryStore store;
  Floor floor(store, kTwo);
  floor.request("1", "billing");
  ASSERT_EQ(floor.asked("1"), "ana");
  const auto told = floor.subjects("1", Operation::emit).size();
  floor.signal("1", SignalKind::declined, "U1", "I am at lunch");
  EXPECT_EQ(floor.asked("1"), "ben") << "at once, not after two minutes";
  floor.wait(2min);
  EXPECT_EQ(floor.asked("1"), "ben") << "asked again rather than who said no";
  floor.signal("1", SignalKind::declined, "U2");
  EXPECT_EQ(floor.asked("1"), "");
  floor.wait(10min);
  EXPECT_EQ(floor.asked("1"), "");
  EXPECT_EQ(floor.subjects("1", Operation::emit).size(), told) << "the customer never heard who is asked";
  EXPECT_THAT(floor.threads("1"), ::testing::Contains("Ana cannot take this one: I am at lunch"));
  EXPECT_TRUE(floor.handoff("1").refused.empty());
  floor.signal("1", SignalKind::claimed, "U1");
  EXPECT_EQ(floor.handoff("1").member, "ana") << "who thinks better of it may take it";
}

TEST(Dispatcher, who_declines_before_they_are_asked_is_left_out) {
  MemoryStore store;
  Floor floor(store, kTwo);
  floor.request("1", "billing");
  floor.signal("1", SignalKind::declined, "U2");
  EXPECT_EQ(floor.asked("1"), "ana");
  floor.wait(4min);
  EXPECT_EQ(floor.asked("1"), "ana");
  floor.signal("1", SignalKind::declined, "U9");
  ASSERT_EQ(floor.handoff("1").refused.size(), 1u);
  EXPECT_THAT(floor.handoff("1").refused[0].why, HasSubstr("you are none"));
}

TEST(Dispatcher, an_offer_that_crosses_a_no_asks_nobody) {
  MemoryStore store;
  Floor floor(store, kTwo);
  floor.request("1", "billing");
  Batch both;
  floor.add_signal(both, "1", SignalKind::declined, "U1");
  floor.add_signal(both, "1", SignalKind::declined, "U2");
  floor.commit(std::move(both));
  floor.run(1s);
  EXPECT_EQ(floor.asked("1"), "");
}

// The platform calls it a question; what the customer wrote says what it is.
TEST(Dispatcher, what_is_confidential_is_found_in_what_was_said_and_stays_so) {
  MemoryStore store;
  Floor floor(store, R"(
billing: {members: [{id: ana, accounts: {slack: U1}, sensitive: [fraud]}, {id: ben, accounts: {slack: U2}}]}
)",
              kStart, &handoff::shipped_rules());
  floor.request("1", "billing", Priority::normal, handoff::asks("How do I change my address?"));
  EXPECT_THAT(floor.handoff("1").topics, ::testing::IsEmpty());
  floor.request("2", "billing", Priority::normal,
                handoff::asks("Somebody hacked my account and changed my password"));
  const auto& handoff = floor.handoff("2");
  EXPECT_THAT(handoff.topics, ElementsAre("fraud")) << "as the teams call account_security";
  EXPECT_THAT(handoff.veiled, ElementsAre(kCards));
  EXPECT_EQ(floor.asked("2"), "ana");
  const auto message = json{{"role", "customer"}, {"text", "Thanks. How do I change my address?"}};
  floor.update("2", {{"transcript", json::array({message})}});
  EXPECT_THAT(floor.handoff("2").topics, ElementsAre("fraud"));
  floor.signal("2", SignalKind::claimed, "U1");
  floor.signal("2", SignalKind::passed_on, "U1", "He was hacked by his brother");
  for (const auto& text : floor.threads("2"))
    EXPECT_THAT(text, Not(HasSubstr("brother"))) << "ben reads there";
}

TEST(Dispatcher, what_turns_confidential_on_the_way_is_covered) {
  MemoryStore store;
  Floor floor(store, R"(
billing: {members: [{id: ana, accounts: {slack: U1}, sensitive: [legal]}, {id: ben, accounts: {slack: U2}}]}
)",
              kStart, &handoff::shipped_rules());
  floor.request("1", "billing", Priority::normal, handoff::asks("How do I change my address?"));
  EXPECT_THAT(floor.handoff("1").veiled, ::testing::IsEmpty());
  const auto message = json{{"role", "customer"}, {"text", "My lawyer will sue you"}};
  floor.update("1", {{"transcript", json::array({message})}});
  EXPECT_THAT(floor.handoff("1").veiled, ElementsAre(kCards));
  EXPECT_EQ(floor.subjects("1", Operation::update_alert).size(), 1u);
}

}  // namespace
}  // namespace baton::delivery_testing
