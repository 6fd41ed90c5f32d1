// Purpose: routes: which rule decides, why the others did not, and every mistake that can stand in them.
#include "gateway/handoff/route.h"

#include <gtest/gtest.h>

#include "gateway/config/parse.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

struct Read {
  Rules rules;
  std::vector<std::string> problems;
};

const KnownNames kKnown{{"desk", "cards", "crm", "bot", "bugs"}, {"billing", "tier2"}};

Read read(const std::string& yaml) {
  const auto parsed = config::parse(yaml, "baton.yaml");
  EXPECT_TRUE(parsed.problems.empty());
  Problems problems;
  Read read;
  read.rules = read_rules(parsed.root["routes"], kKnown, problems);
  for (const auto& problem : problems.list()) read.problems.push_back(problem.text());
  return read;
}

Rules rules(const std::string& yaml) {
  auto done = read(yaml);
  EXPECT_EQ(done.problems, std::vector<std::string>{});
  return std::move(done.rules);
}

// Whether one condition holds for the data.
bool holds(const std::string& condition, const json& data) {
  const auto read =
      rules("routes:\n  - name: one\n    when:\n      " + condition + "\n    to: {tickets: desk}\n");
  return !route(data, read).rules.empty();
}

TEST(Route, each_operator_holds_as_it_reads) {
  const json data = {
      {"intent", {{"category", "Billing"}, {"confidence", 0.4}, {"summary", "Was CHARGED twice"}}},
      {"customer", {{"tier", ""}, {"attributes", {{"seats", 12}, {"trial", true}, {"plan.x", 1}}}}},
      {"priority", "high"},
      {"attempts", {1, 2, 3}},
      {"errors", json::array()}};
  const std::vector<std::pair<std::string, bool>> cases = {
      {"intent.category: billing", true},
      {"intent.category: refund", false},
      {"intent.category: [refund, BILLING]", true},
      {"intent.category: {is: billing}", true},
      {"intent.category: {is: [a, b]}", false},
      {"intent.summary: {contains: charged}", true},
      {"intent.summary: {contains: [nothing, TWICE]}", true},
      {"intent.summary: {contains: thrice}", false},
      {"intent.confidence: {at_most: 0.4}", true},
      {"intent.confidence: {at_most: 0.39}", false},
      {"intent.confidence: {at_least: 0.4}", true},
      {"intent.confidence: {at_least: 0.2, at_most: 0.5}", true},
      {"intent.confidence: 0.4", true},
      {"priority: high", true},
      {"priority: {at_least: normal}", true},
      {"priority: {at_least: urgent}", false},
      {"priority: {at_most: high}", true},
      {"customer.attributes.seats: 12", true},
      {"customer.attributes.trial: true", true},
      {"customer.attributes.trial: {exists: true}", true},
      {"customer.attributes.none: {exists: false}", true},
      {"customer.attributes.none: {exists: true}", false},
      {"customer.attributes.none: {at_most: 5}", false},
      {"customer.tier: {exists: true}", true},
      {"attempts: {at_least: 3}", true},
      {"attempts: 3", true},
      {"attempts: {at_least: 4}", false},
      {"errors: {exists: true}", false},
      {"errors: {exists: false}", true},
      {"errors: {at_most: 0}", false},
      {"transcript: {exists: false}", true},
      {"customer.name: {contains: a}", false},
  };
  for (const auto& [condition, expected] : cases) EXPECT_EQ(holds(condition, data), expected) << condition;
  for (const json& odd : {json(), json::array({1}), json("text"), json{{"intent", 5}},
                          json{{"intent", {{"category", json::object()}}}}}) {
    EXPECT_FALSE(holds("intent.category: billing", odd)) << odd;
  }
}

const char* const kRoutes = R"(routes:
  - name: bugs
    when: {errors: {exists: true}}
    to: {bugs: bugs, alerts: [cards]}
    continue: true
  - name: money
    when: {intent.category: [billing, refund], priority: {at_least: high}}
    to: {tickets: desk, alerts: [cards, cards], context: [crm], team: billing}
  - name: rest
    to: {tickets: crm, platform: bot, record: crm}
)";

TEST(Route, the_first_match_decides_and_continue_adds) {
  const auto all = rules(kRoutes);
  const auto money =
      route({{"errors", {{{"code", 1}}}}, {"intent", {{"category", "refund"}}}, {"priority", "urgent"}}, all);
  EXPECT_EQ(money.rules, (std::vector<std::string>{"bugs", "money"}));
  EXPECT_EQ(money.route.rule, "bugs+money");
  EXPECT_EQ(money.route.team, "billing");
  EXPECT_EQ(money.route.tickets, DestinationId("desk"));
  EXPECT_EQ(money.route.alerts, std::vector{DestinationId("cards")});
  EXPECT_FALSE(money.route.platform);
  std::vector<std::string> named;
  for (const auto& id : destinations(money.route)) named.push_back(id.text);
  EXPECT_EQ(named, (std::vector<std::string>{"desk", "bugs", "cards", "crm"}));

  const auto rest = route(json::object(), all);
  EXPECT_EQ(rest.route.rule, "rest");
  EXPECT_TRUE(route(json::object(), {all[1]}).route.empty());
  EXPECT_EQ(route(json::object(), {}).route.rule, "");
}

TEST(Route, a_rule_that_continues_alone_is_a_route) {
  const auto only = route({{"errors", {1}}}, {rules(kRoutes)[0]});
  EXPECT_EQ(only.route.rule, "bugs");
  EXPECT_FALSE(only.route.empty());
}

TEST(Route, explain_shows_every_rules_trial) {
  const auto trials = explain({{"intent", {{"category", "bug"}}}, {"attempts", {1, 2}}}, rules(kRoutes));
  ASSERT_EQ(trials.size(), 3u);
  EXPECT_FALSE(trials[0].matched);
  EXPECT_EQ(trials[0].misses.at(0).wanted, "errors is there");
  EXPECT_EQ(trials[0].misses.at(0).found, "nothing");
  ASSERT_EQ(trials[1].misses.size(), 2u);
  EXPECT_EQ(trials[1].misses[0].wanted, "intent.category is billing or refund");
  EXPECT_EQ(trials[1].misses[0].found, "bug");
  EXPECT_EQ(trials[1].misses[1].wanted, "priority is at least high");
  EXPECT_TRUE(trials[2].matched && trials[2].reached);

  const auto decided = explain({{"intent", {{"category", "refund"}}}, {"priority", "high"}}, rules(kRoutes));
  EXPECT_TRUE(decided[1].matched);
  EXPECT_FALSE(decided[2].reached);
  const auto lists =
      explain({{"attempts", {1, 2}}},
              rules("routes: [{name: a, when: {attempts: {at_least: 3}}, to: {tickets: desk}}]"));
  EXPECT_EQ(lists[0].misses.at(0).wanted, "attempts is at least 3");
  EXPECT_EQ(lists[0].misses.at(0).found, "2 items");
}

TEST(Route, explain_and_route_agree) {
  const auto all = rules(kRoutes);
  for (const json& data : {json::object(), json{{"errors", {1}}},
                           json{{"intent", {{"category", "billing"}}}, {"priority", "high"}},
                           json{{"priority", "low"}, {"errors", json::array()}}}) {
    std::vector<std::string> matched;
    for (const auto& trial : explain(data, all)) {
      if (trial.matched && trial.reached) matched.push_back(trial.rule);
    }
    EXPECT_EQ(matched, route(data, all).rules) << data;
  }
}

TEST(Route, a_condition_reads_as_a_person_would_say_it) {
  Condition condition;
  condition.path = "priority";
  condition.at_least = 1;
  condition.at_most = 2;
  EXPECT_EQ(condition.text(), "priority is at least normal and is at most high");
  condition = Condition();
  condition.path = "customer.tier";
  condition.exists = false;
  EXPECT_EQ(condition.text(), "customer.tier is not there");
  condition = Condition();
  condition.path = "intent.confidence";
  condition.at_most = 0.25;
  condition.contains = {"a", "b"};
  EXPECT_EQ(condition.text(), "intent.confidence contains a or b and is at most 0.25");
}

// --- mistakes

std::string rule(const std::string& when, const std::string& to = "{tickets: desk}") {
  return "routes:\n  - name: a\n    when: " + when + "\n    to: " + to + "\n";
}

TEST(Rules, each_mistake_is_told_with_its_place_and_the_nearest_name) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"routes: {a: b}", "baton.yaml:1:9: routes: must be a list of rules, each with name, when and to"},
      {rule("{intent.categroy: x}"),
       "baton.yaml:3:12: routes.a.when.intent.categroy: unknown field, did you mean `intent.category`?"},
      {rule("{customer.attributes.x: 1, metadata.y: 2, wether: 3}"),
       "baton.yaml:3:53: routes.a.when.wether: unknown field"},
      {rule("{priority: hgih}"),
       "baton.yaml:3:12: routes.a.when.priority: `hgih` can never match; allowed: low, "
       "normal, high, urgent, did you mean `high`?"},
      {rule("{reason.trigger: [sentiment, vpi]}"),
       "baton.yaml:3:12: routes.a.when.reason.trigger: `vpi` can never match; allowed: explicit_request, "
       "low_confidence, sentiment, topic, attempts, vip, error, other, did you mean `vip`?"},
      {rule("{intent.category: []}"),
       "baton.yaml:3:12: routes.a.when.intent.category: an empty list can never match"},
      {rule("{intent.confidence: {at_least: 0.9, at_most: 0.1}}"),
       "baton.yaml:3:12: routes.a.when.intent.confidence: can never match: at_least is above at_most"},
      {rule("{intent.name: {exists: false, is: x}}"),
       "baton.yaml:3:12: routes.a.when.intent.name: contradicts itself: what is not there has no value"},
      {rule("{intent.name: {equals: x}}"),
       "baton.yaml:3:26: routes.a.when.intent.name.equals: unknown key; allowed here: is, contains, "
       "at_least, "
       "at_most, exists"},
      {rule("{intent.name: [[x]]}"), "baton.yaml:3:26: routes.a.when.intent.name: must be a list of texts"},
      {rule("{priority: {at_least: 2}}"),
       "baton.yaml:3:33: routes.a.when.priority.at_least: `2` must be one of low, normal, high, urgent"},
      {rule("{intent.confidence: {at_least: much}}"),
       "baton.yaml:3:42: routes.a.when.intent.confidence.at_least: `much` must be a number from "
       "-1000000000000.000000 to 1000000000000.000000"},
      {rule("[x]"), "baton.yaml:3:11: routes[0].when: must be a map of fields"},
      {rule("{}", "{tickets: dsek}"),
       "baton.yaml:4:19: routes.a.to.tickets: unknown destination `dsek`, did you mean "
       "`desk`?; configured: desk, cards, crm, bot, bugs"},
      {rule("{}", "{tickets: desk, alerts: [cards, car]}"),
       "baton.yaml:4:33: routes.a.to.alerts: unknown destination `car`, did you mean `cards`?; configured: "
       "desk, "
       "cards, crm, bot, bugs"},
      {rule("{}", "{tickets: desk, team: biling}"),
       "baton.yaml:4:31: routes.a.to.team: unknown team `biling`, did you "
       "mean `billing`?; configured: billing, tier2"},
      {rule("{}", "{team: billing}"),
       "baton.yaml:4:9: routes.a.to: names no destination: such a rule does nothing"},
      {rule("{}", "{tickets: desk, ticket: desk}"),
       "baton.yaml:4:25: routes.a.to.ticket: unknown key, did you mean `tickets`?; allowed here: context, "
       "tickets, "
       "alerts, bugs, record, platform, team"},
      {"routes:\n  - to: {tickets: desk}\n", "baton.yaml:2:5: routes[0].name: is required"},
      {"routes:\n  - {name: a, when: {priority: low}, to: {tickets: desk}}\n  - {name: a, to: {tickets: "
       "desk}}\n",
       "baton.yaml:3:5: routes.a: the name stands twice, first at baton.yaml:2:5"},
  };
  for (const auto& [yaml, expected] : cases) EXPECT_EQ(read(yaml).problems, std::vector{expected}) << yaml;
}

// At run time a destination that cannot is passed over in silence, and the customer waits for nobody.
TEST(Rules, a_destination_that_cannot_do_what_it_is_named_for_is_told_with_those_that_can) {
  using enum Operation;
  KnownNames known = kKnown;
  known.can = {{DestinationId("desk"), {open_ticket, read_context}},
               {DestinationId("cards"), {post_alert}},
               {DestinationId("crm"), {read_context, write_back}},
               {DestinationId("bot"), {tell_customer}}};
  const auto told = [&](const std::string& to) {
    const auto parsed = config::parse(rule("{}", to), "baton.yaml");
    Problems problems;
    (void)read_rules(parsed.root["routes"], known, problems);
    std::vector<std::string> texts;
    for (const auto& problem : problems.list()) texts.push_back(problem.text());
    return texts;
  };
  const std::vector<std::string> none;
  EXPECT_EQ(told("{context: [crm, desk], tickets: desk, alerts: [cards], record: crm, platform: bot}"), none);
  EXPECT_EQ(told("{context: [crm, cards]}"),
            std::vector<std::string>{
                "baton.yaml:4:19: routes.a.to.context: `cards` cannot read_context; allowed: crm, desk"});
  EXPECT_EQ(told("{tickets: cards}"),
            std::vector<std::string>{
                "baton.yaml:4:19: routes.a.to.tickets: `cards` cannot open_ticket; allowed: desk"});
  EXPECT_EQ(told("{alerts: [cards, desk]}"),
            std::vector<std::string>{
                "baton.yaml:4:18: routes.a.to.alerts: `desk` cannot post_alert; allowed: cards"});
  EXPECT_EQ(told("{record: desk}"),
            std::vector<std::string>{
                "baton.yaml:4:18: routes.a.to.record: `desk` cannot write_back; allowed: crm"});
  EXPECT_EQ(
      told("{bugs: desk}"),
      std::vector<std::string>{
          "baton.yaml:4:16: routes.a.to.bugs: `desk` cannot file_bug; no destination of this configuration "
          "can: add one whose connector has file_bug in `baton connectors list`"});
  EXPECT_EQ(told("{bugs: bugs}"), none) << "of which nothing is known";
}

TEST(Rules, all_mistakes_are_told_at_once) {
  const auto found = read(
      "routes:\n  - {name: a, when: {x: 1, priority: no}, to: {tickets: q, team: w}, go_on: true}\n  - {}\n");
  EXPECT_GE(found.problems.size(), 7u);
  EXPECT_TRUE(read("other: 1").problems.empty());
  EXPECT_TRUE(read("other: 1").rules.empty());
}

bool hidden(const std::string& first, const std::string& second) {
  const auto found = read("routes:\n  - {name: first, " + first +
                          " to: {tickets: desk}}\n  - {name: second, " + second + " to: {tickets: crm}}\n");
  if (found.problems.empty()) return false;
  EXPECT_EQ(found.problems,
            std::vector<std::string>{"baton.yaml:3:5: routes.second: can never match: the rule `first` "
                                     "(baton.yaml:2:5) catches everything that it "
                                     "would; move it up, or give `first` the line `continue: true`"});
  return true;
}

TEST(Rules, a_rule_behind_one_that_catches_all_of_its_events_is_found) {
  EXPECT_TRUE(hidden("", "when: {priority: low},"));
  EXPECT_TRUE(hidden("", ""));
  EXPECT_TRUE(hidden("when: {priority: [low, normal]},", "when: {priority: LOW, intent.category: x},"));
  EXPECT_TRUE(
      hidden("when: {intent.summary: {contains: [a, b]}},", "when: {intent.summary: {contains: A}},"));
  EXPECT_TRUE(
      hidden("when: {intent.confidence: {at_most: 0.5}},", "when: {intent.confidence: {at_most: 0.3}},"));
  EXPECT_TRUE(hidden("when: {errors: {exists: true}},", "when: {errors: {at_least: 2}},"));
  EXPECT_TRUE(hidden("when: {errors: {exists: false}},", "when: {errors: {exists: false}},"));
  EXPECT_FALSE(hidden("continue: true,", ""));
  EXPECT_FALSE(hidden("when: {priority: low},", "when: {priority: [low, high]},"));
  EXPECT_FALSE(hidden("when: {priority: low, intent.category: x},", "when: {priority: low},"));
  EXPECT_FALSE(
      hidden("when: {intent.confidence: {at_most: 0.3}},", "when: {intent.confidence: {at_most: 0.5}},"));
  EXPECT_FALSE(hidden("when: {errors: {exists: true}},", "when: {errors: {exists: false}},"));
  EXPECT_FALSE(hidden("when: {errors: {exists: false}},", "when: {errors: {at_least: 1}},"));
  EXPECT_FALSE(hidden("when: {errors: {}},", "when: {errors: {exists: false}},"));
  EXPECT_FALSE(hidden("when: {intent.name: a},", "when: {intent.category: a},"));
}

// Soundness: if it says "can never match", no event of a large set is decided by the later rule.
TEST(Rules, a_rule_that_is_called_hidden_never_matches) {
  const std::vector<std::string> conditions = {"",
                                               "when: {attempts: {exists: true}},",
                                               "when: {attempts: {exists: false}},",
                                               "when: {attempts: {}},",
                                               "when: {attempts: {at_least: 2}},",
                                               "when: {attempts: {at_most: 2}},",
                                               "when: {attempts: {at_least: 1, at_most: 2}},",
                                               "when: {attempts: 2},",
                                               "when: {priority: [low, high]},",
                                               "when: {priority: low, attempts: {at_least: 1}},",
                                               "when: {priority: {at_least: high}},",
                                               "when: {intent.name: {contains: re}},",
                                               "when: {intent.name: {contains: [re, fu], is: refund}},"};
  std::vector<json> events;
  for (int attempts = -1; attempts < 5; ++attempts) {
    for (const auto* priority : {"low", "high", "urgent"}) {
      for (const auto* intent : {"", "refund", "fu"}) {
        json data = {{"priority", priority}, {"intent", {{"name", intent}}}};
        if (attempts >= 0) data["attempts"] = std::vector<int>(static_cast<std::size_t>(attempts));
        events.push_back(std::move(data));
      }
    }
  }
  int found = 0;
  for (const auto& first : conditions) {
    for (const auto& second : conditions) {
      const auto both =
          read("routes:\n  - {name: first, " + first + " to: {tickets: desk}}\n  - {name: second, " + second +
               " to: {tickets: crm}}\n");
      if (both.problems.empty()) continue;
      ++found;
      for (const auto& data : events)
        EXPECT_NE(route(data, both.rules).route.rule, "second") << first << second << data;
    }
  }
  EXPECT_GT(found, 20);
}

}  // namespace
}  // namespace baton::handoff
