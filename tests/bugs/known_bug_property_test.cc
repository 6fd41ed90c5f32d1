// Purpose: random lives of bugs: what must hold whatever happens, in whatever order.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/bugs/bug_tale.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

class Fate {
 public:
  explicit Fate(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }
  std::string name(const char* kind, std::size_t of) { return kind + std::to_string(below(of)); }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

BugHappening something(Fate& chance, const Tale& tale) {
  switch (chance.below(8)) {
    case 0: return ReportFiled{static_cast<int>(chance.below(4)), Receipt(chance.name("ENG-", 5))};
    case 1: return TicketOpened{HandoffId(chance.name("h-e", 60))};
    case 2: return ConversationEnded{HandoffId(chance.name("h-e", 60)), {}};
    case 3: return IssueChanged{static_cast<IssueChanged::To>(chance.below(5))};
    case 4:
      if (!tale.bug.issue) return ReportFiled{tale.bug.generation, Receipt("ENG-1")};
      [[fallthrough]];
    default: {
      auto seen = tale.sighting(chance.name("e", 60), chance.name("customer", 12), double(chance.below(500)));
      seen.awaits_ticket = chance.below(2) == 0;
      seen.priority = static_cast<Priority>(chance.below(4));
      if (chance.below(5) == 0) seen.handoff = HandoffId();
      return seen;
    }
  }
}

void expect_sound(const Tale& tale) {
  std::set<int> generations;
  for (const auto& report : tale.take<FileReport>())
    EXPECT_TRUE(generations.insert(report.generation).second) << "two reports of one generation";
  const auto& bug = tale.bug;
  EXPECT_EQ(bug.generation, std::max<int>(1, static_cast<int>(generations.size())));
  EXPECT_EQ(bug.state == BugState::watching, generations.empty());
  EXPECT_EQ(bug.state == BugState::fixed, bug.fixed_at.has_value());
  EXPECT_GE(bug.occurrences, static_cast<std::int64_t>(bug.events.size()));
  std::set<std::string> customers;
  for (const auto& one : bug.customers) EXPECT_TRUE(customers.insert(one.id).second) << one.id;
  EXPECT_EQ(to_json(*again(bug)), to_json(bug));
}

// A message to a customer is true when it is sent.
void expect_true_words(const std::vector<BugTask>& tasks, const KnownBug& bug) {
  std::set<ConversationId> told;
  for (const auto& task : tasks) {
    const auto* one = std::get_if<TellCustomer>(&task);
    if (!one) continue;
    EXPECT_EQ(bug.state, BugState::fixed);
    EXPECT_TRUE(told.insert(one->conversation).second) << "told twice";
  }
}

TEST(KnownBugLives, whatever_happens_each_generation_is_filed_once_and_every_word_is_true) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Fate chance(seed);
    Tale tale;
    tale.policy.settles = std::chrono::hours(chance.below(3));
    for (int i = 0; i < 60; ++i) {
      const auto done = tale.tasks.size();
      auto urgency = tale.bug.priority;
      tale.does(something(chance, tale));
      tale.now += std::chrono::minutes(chance.below(90));
      expect_true_words({tale.tasks.begin() + static_cast<std::ptrdiff_t>(done), tale.tasks.end()}, tale.bug);
      EXPECT_GE(tale.bug.priority.value_or(Priority::low), urgency.value_or(Priority::low));
    }
    expect_sound(tale);
    if (HasFailure()) return;
  }
}

// --- what a store does with errors as they come

struct Seen {
  std::string event;
  std::string customer;
  json data;
};

std::vector<Seen> errors_of_one_day(Fate& chance) {
  std::vector<Seen> all;
  for (int bug = 0; bug < 6; ++bug) {
    const auto count = 1 + chance.below(8);
    for (std::size_t i = 0; i < count; ++i) {
      json error = {{"code", "HTTP-50" + std::to_string(bug % 2)},
                    {"component", "part" + std::string(1, static_cast<char>('a' + bug / 2 % 2))},
                    {"message", "Order " + std::to_string(chance.below(9999)) + " could not be kept"}};
      const auto line = std::to_string(chance.below(400));
      error["stack"] = "Error: x\n    at keep" + std::string(1, static_cast<char>('a' + bug)) + " (/r" +
                       line + "/src/orders.js:" + line + ":7)";
      all.push_back({"e" + std::to_string(all.size()),
                     chance.name("customer", 9),
                     {{"errors", json::array({std::move(error)})}}});
    }
  }
  return all;
}

struct Outcome {
  std::size_t bugs = 0;
  std::set<std::string> filed;                   // keys
  std::map<std::string, std::size_t> customers;  // by key
  bool operator==(const Outcome&) const = default;
};

Outcome play(const std::vector<Seen>& all) {
  std::map<std::string, Tale> bugs;
  Outcome outcome;
  for (const auto& [event, customer, data] : all) {
    const auto made = fingerprint(data);
    if (!made) continue;
    auto& tale = bugs.try_emplace(made->key).first->second;
    if (tale.bug.occurrences == 0) tale.bug = new_bug(*made);
    tale.seen(event, customer);
    EXPECT_LE(tale.take<FileReport>().size(), 1u);
  }
  outcome.bugs = bugs.size();
  for (const auto& [key, tale] : bugs) {
    if (!tale.take<FileReport>().empty()) outcome.filed.insert(key);
    outcome.customers[key] = tale.bug.customers.size();
  }
  return outcome;
}

TEST(KnownBugLives, the_order_of_events_changes_neither_the_bugs_nor_the_reports) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Fate chance(seed);
    auto all = errors_of_one_day(chance);
    const auto first = play(all);
    EXPECT_EQ(first.bugs, 6u);
    for (int i = 0; i < 4; ++i) {
      std::ranges::shuffle(all, chance.engine());
      EXPECT_TRUE(play(all) == first);
    }
  }
}

TEST(KnownBugLives, every_event_twice_is_every_event_once) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Fate chance(seed);
    auto all = errors_of_one_day(chance);
    const auto once = play(all);
    const auto copy = all;
    all.insert(all.end(), copy.begin(), copy.end());
    std::ranges::shuffle(all, chance.engine());
    EXPECT_TRUE(play(all) == once);
  }
}

// A report without a stack finds its bug, whichever came first.
TEST(KnownBugLives, errors_that_say_less_change_the_number_of_bugs_in_no_order) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Fate chance(seed);
    auto all = errors_of_one_day(chance);
    for (auto& one : all) {
      one.data["errors"][0]["code"] = "SHOP-7";
      one.data["errors"][0]["component"] = "shop";
      if (chance.below(3) == 0) one.data["errors"][0].erase("stack");
    }
    std::set<std::string> tops;
    for (const auto& one : all) tops.insert(fingerprint(one.data)->parts.frame);
    tops.erase("");
    for (int i = 0; i < 4; ++i) {
      std::vector<ErrorParts> known;
      for (const auto& one : all) {
        const auto parts = fingerprint(one.data)->parts;
        const auto found = find_same(parts, known);
        if (found) known[*found] = joined(known[*found], parts);
        else known.push_back(parts);
      }
      EXPECT_EQ(known.size(), std::max<std::size_t>(1, tops.size()));
      std::ranges::shuffle(all, chance.engine());
    }
  }
}

}  // namespace
}  // namespace baton::handoff
