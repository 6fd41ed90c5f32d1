// Purpose: random lives of handoffs, with data of any type in them: what must hold after every fact.
#include <set>

#include <gtest/gtest.h>

#include "gateway/base/random.h"
#include "gateway/model/codec.h"
#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_.bits() % n; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + below(values.size()));
  }

  // Any JSON, with the names of the event's fields in it, so that code that reads them meets every type.
  json any(int depth = 3) {
    switch (below(depth > 0 ? 9 : 6)) {
      case 0: return nullptr;
      case 1: return below(2) == 0;
      case 2: return -1.5e300;
      case 3: return 18446744073709551615ULL;
      case 4:
        return one_of({"", " \n", "low", "urgent", "customer", "\xff\xfe", "Grüße 👩‍👩‍👧"});
      case 5: return static_cast<int>(below(100));
      case 6: {
        auto list = json::array();
        for (auto n = below(4); n > 0; --n) list.push_back(any(depth - 1));
        return list;
      }
      default: {
        auto object = json::object();
        for (auto n = below(7); n > 0; --n) {
          object[one_of({"customer", "transcript", "errors", "intent", "reason", "priority", "id", "text",
                         "role", "name", "conversation", "attempts", "confidence"})] = any(depth - 1);
        }
        return object;
      }
    }
  }
  json data() { return below(3) == 0 ? requested_data() : any(); }

  Happened fact(const Tale& tale) {
    switch (below(10)) {
      case 0:
        return event(one_of({"handoff.requested", "handoff.updated", "handoff.updated", "customer.chose"}),
                     data());
      case 1:
        return event(one_of({"handoff.cancelled", "conversation.resolved", "conversation.rated"}), data());
      case 2: return Due{};
      case 3:
      case 4:
      case 5: {
        if (below(4) == 0) return from_a_defect();
        const auto kind = one_of({SignalKind::claimed, SignalKind::claimed, SignalKind::released,
                                  SignalKind::replied, SignalKind::solved, SignalKind::reopened,
                                  SignalKind::offered, SignalKind::passed_on, SignalKind::declined});
        auto made = signal(kind, one_of({"U1", "U2", "U3"}), one_of({"", "Hello"}));
        if (below(3) == 0) made.reply_address.clear();
        return made;
      }
      default: return ended_job(tale);
    }
  }

 private:
  Happened from_a_defect() {
    auto made = signal(SignalKind::defect, "baton");
    made.detail = {{"key", one_of({"k1", "k2", "k3", "k4", "k5", "k6", "k7"})},
                   {"generation", any(1)},
                   {"issue", any(1)},
                   {"known", any(1)},
                   {"attach", any(1)},
                   {"raise", any(1)},
                   {"notes", any(1)},
                   {"fixed", below(2) == 0}};
    if (below(5) == 0) made.detail = any();
    return made;
  }

  // Some job that the handoff made, each as often as a person may replay it.
  Happened ended_job(const Tale& tale) {
    if (tale.all.empty()) return Due{};
    auto job = tale.all[below(tale.all.size())];
    const bool reads = is_read(job.key.work);
    job.state = below(4) != 0 ? JobState::done : reads ? JobState::failed : JobState::dead;
    job.ended_at = tale.now;
    if (job.state != JobState::done && below(2) == 0) job.failure = Failure(FailureKind::rejected, "no\xff");
    if (job.state == JobState::done) {
      if (reads) job.found = any();
      else job.receipt = Receipt("R" + std::to_string(below(1000)), "https://x.example");
    }
    return job;
  }

  Random random_;
};

Route random_route(Chance& chance) {
  auto route = whole_route();
  if (chance.below(4) == 0) route.tickets.reset();
  if (chance.below(4) == 0) route.platform.reset();
  if (chance.below(4) == 0) route.alerts.push_back(DestinationId("phones"));
  if (chance.below(3) == 0) route.context.clear();
  if (chance.below(3) == 0) route.context.push_back(kDesk);
  return route;
}

void expect_legal_passages(const Handoff& handoff) {
  ASSERT_FALSE(handoff.passages.empty());
  EXPECT_EQ(handoff.passages.front().state, State::received);
  for (std::size_t i = 1; i < handoff.passages.size(); ++i) {
    EXPECT_TRUE(may(handoff.passages[i - 1].state, handoff.passages[i].state))
        << name(handoff.passages[i - 1].state) << " to " << name(handoff.passages[i].state);
    EXPECT_LE(handoff.passages[i - 1].at, handoff.passages[i].at);
  }
  EXPECT_EQ(handoff.passages.back().state, handoff.state);
}

void expect_unique_jobs(const Tale& tale) {
  std::set<std::string> keys, cards;
  for (const auto& job : tale.all) {
    EXPECT_TRUE(keys.insert(job.key.text()).second) << job.key.text();
    EXPECT_EQ(job.conversation, tale.handoff.conversation);
    if (job.key.work == Work(Operation::post_alert)) EXPECT_TRUE(cards.insert(job.key.lane.text).second);
  }
  EXPECT_LE(tale.of(Operation::open_ticket).size(), 1u);
  EXPECT_LE(tale.of(Operation::file_bug).size(), 1u);
  EXPECT_LE(tale.of(Operation::write_back).size(), 1u);
}

// Once, and once more each time that the customer asks for a person again.
void expect_one_acceptance_each(const Tale& tale) {
  std::size_t asked = 1;
  for (const auto& passage : tale.handoff.passages) {
    asked += passage.state == State::active && passage.through == "handoff.requested";
  }
  EXPECT_LE(tale.emitted("handoff.accepted").size(), asked);
}

void expect_one_return_each(const Tale& tale) {
  std::size_t resolved = 0;
  for (const auto& passage : tale.handoff.passages) resolved += passage.state == State::resolved;
  EXPECT_EQ(tale.emitted("handoff.returned").size(), tale.handoff.route.platform ? resolved : 0);
}

void expect_owner_only_where_it_belongs(const Handoff& handoff) {
  const bool before = handoff.state < State::claimed;
  EXPECT_TRUE(!before || (handoff.owner.empty() && handoff.owner_name.empty()));
  EXPECT_TRUE(handoff.state != State::claimed || (!handoff.owner.empty() && handoff.claim_due));
  EXPECT_TRUE(handoff.state == State::claimed || !handoff.claim_due);
  EXPECT_LE(handoff.refused.size(), 100u);
}

// Every update becomes one note, before the ticket or after it.
void expect_each_note_once(const Tale& tale, const std::set<std::string>& told) {
  std::multiset<std::string> notes(tale.handoff.blocked_notes.begin(), tale.handoff.blocked_notes.end());
  for (const auto& job : tale.of(Operation::add_note)) notes.insert(job.subject["text"].get<std::string>());
  for (const auto& text : told) EXPECT_EQ(notes.count(text), tale.handoff.route.tickets ? 1u : 0u) << text;
  if (tale.handoff.ticket) EXPECT_TRUE(tale.handoff.blocked_notes.empty());
}

void live(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Chance chance(seed);
  Tale tale(new_handoff(random_route(chance), chance.one_of({Priority::normal, Priority::urgent})));
  std::set<std::string> told;
  tale(event("handoff.requested", chance.data()));
  for (int i = 0; i < 60; ++i) {
    if (is_open(tale.handoff.state) && chance.below(5) == 0) {
      const auto words = "words " + std::to_string(i);
      tale(event(
          "handoff.updated",
          {{"transcript", {{{"id", "m" + std::to_string(i)}, {"role", "customer"}, {"text", words}}}}}));
      told.insert("customer: " + words);
    }
    tale(chance.fact(tale), Duration{static_cast<Duration::rep>(chance.below(20'000))});
    if (handoff::wake_at(tale.handoff) <= tale.now) tale(Due{});
    ASSERT_GT(handoff::wake_at(tale.handoff), tale.now) << "the planner would never sleep again";
    expect_legal_passages(tale.handoff);
    expect_owner_only_where_it_belongs(tale.handoff);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  expect_unique_jobs(tale);
  expect_one_acceptance_each(tale);
  expect_one_return_each(tale);
  expect_each_note_once(tale, told);
  const auto bytes = encode(tale.handoff);
  const auto again = decode_handoff(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(encode(*again), bytes);
}

TEST(AdvanceProperty, every_life_keeps_its_promises) {
  for (std::uint64_t seed = 1; seed <= 200 && !testing::Test::HasFailure(); ++seed) live(seed);
}

TEST(AdvanceProperty, the_same_facts_give_the_same_jobs) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<std::string> told;
    for (int time = 0; time < 2; ++time) {
      Chance chance(seed);
      Tale tale(new_handoff(random_route(chance)));
      tale(event("handoff.requested", chance.data()));
      for (int i = 0; i < 30; ++i) tale(chance.fact(tale), 1s);
      std::string text = encode(tale.handoff);
      for (const auto& job : tale.all) text += job.key.text() + encode(job);
      told.push_back(std::move(text));
    }
    EXPECT_EQ(told[0], told[1]);
  }
}

}  // namespace
}  // namespace baton::handoff_testing
