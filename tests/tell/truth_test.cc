// Purpose: no message says what is not so. Every combination of facts, at every step, in every language that
// ships, and each sentence held against the facts.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "gateway/base/text.h"
#include "tests/tell/shipped.h"

namespace baton::tell_testing {
namespace {

using namespace handoff;
using namespace handoff::tell;

constexpr TimePoint kNow{Duration{1'800'000'000'000}};  // Friday, 15 January 2027, 8:00 UTC

// Ten facts that may or may not be so; further ones by chance.
constexpr unsigned kBits = 10;

Facts facts(unsigned bits, std::mt19937& chance, const char* language) {
  const auto so = [&](unsigned bit) { return ((bits >> bit) & 1) != 0; };
  const auto maybe = [&] { return (chance() & 1) != 0; };
  Facts made;
  made.now = kNow;
  made.language = language;
  made.zone = maybe() ? "Europe/Berlin" : "";
  made.mood = static_cast<Mood>(chance() % kMoodNames.size());
  if (so(0)) made.ticket = "T4711";
  if (so(1)) made.claimed = true;
  if (so(2)) made.person = "Zdenka";
  if (so(3)) made.open = false;
  else if (maybe()) made.open = true;
  if (so(4)) made.wait = Range{4min, 9min};
  if (so(5)) made.position = 77;
  if (so(6)) made.back_at = kNow + 71h;
  if (so(7))
    made.offers = {ChoiceKind::wait, ChoiceKind::callback, ChoiceKind::email, ChoiceKind::priority_ticket};
  if (so(8)) made.helpdesk_down = true;
  if (so(9)) made.solved = true;
  if (maybe()) made.team = "zebras";
  made.messages = maybe();
  made.tried = maybe();
  made.asked = maybe();
  if (maybe()) made.details = {"order_id", "quux"};
  if (maybe()) made.resolution = "Xylophone sent.";
  if (maybe()) made.follow_ups = {"return the vuvuzela"};
  if (maybe()) made.quote = "The kaleidoscope arrived in pieces";
  if (maybe()) made.intent = "refund";
  if (maybe()) made.waited = 25min;
  if (maybe()) made.bug_fixed = true;
  if (maybe()) {
    made.choice = Choice();
    made.choice->kind = static_cast<ChoiceKind>(chance() % kChoiceNames.size());
    if (maybe()) made.choice->number = "+49 30 1234";
    if (maybe()) made.choice->email = "ada@example.com";
    if (maybe()) made.choice->at = kNow + 26h;
  }
  return made;
}

bool contains(const std::string& text, std::string_view part) {
  return to_lower(text).find(part) != std::string::npos;
}

bool contains_any(const std::string& text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](auto part) { return contains(text, part); });
}

// What each word may stand on, whatever the language.
void expect_true(const Message& made, const Facts& facts) {
  const auto& text = made.text;
  if (contains(text, "ticket")) EXPECT_FALSE(facts.ticket.empty()) << text;
  if (contains(text, "t4711")) EXPECT_FALSE(facts.ticket.empty()) << text;
  const bool had = facts.claimed || facts.solved || made.step == Step::returned;
  if (contains(text, "zdenka")) EXPECT_TRUE(had && !facts.person.empty()) << text;
  if (made.step == Step::claimed) EXPECT_TRUE(facts.claimed && !facts.solved) << text;
  const bool queued = facts.open != false && !facts.claimed && !facts.solved;
  if (contains_any(text, {" 9 min"})) EXPECT_TRUE(facts.wait && queued) << text;
  if (contains(text, "25 min")) EXPECT_TRUE(facts.waited && queued) << text;
  if (contains(text, "77")) EXPECT_TRUE(facts.position && queued) << text;
  if (contains(text, "zebras")) EXPECT_TRUE(facts.open != false && !facts.team.empty()) << text;
  // 71 hours from now it is 7:00 UTC, 8:00 in Berlin.
  if (contains_any(text, {"8:00", "7:00"})) EXPECT_TRUE(facts.open == false && facts.back_at) << text;
  if (contains(text, "xylophone")) EXPECT_TRUE(facts.solved && !facts.resolution.empty()) << text;
  if (contains(text, "vuvuzela")) EXPECT_FALSE(facts.follow_ups.empty()) << text;
  if (contains(text, "kaleidoscope")) EXPECT_NE(name(facts.mood), "frustrated") << text;
  if (contains(text, "+49 30 1234")) EXPECT_TRUE(facts.choice) << text;
  for (const auto kind : made.offers) {
    EXPECT_NE(std::ranges::find(facts.offers, kind), facts.offers.end());
    EXPECT_TRUE(!facts.claimed && !facts.solved) << text;
    if (kind == ChoiceKind::priority_ticket) EXPECT_FALSE(facts.ticket.empty()) << text;
    if (kind == ChoiceKind::wait) EXPECT_TRUE(facts.open != false) << text;
  }
  EXPECT_EQ(text.find_first_of("{}[]\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("  "), std::string::npos) << text;
  EXPECT_TRUE(is_utf8(text)) << text;
  EXPECT_LE(text.size(), 2000u) << text;
}

// What has to be said because it is so.
void expect_told(const Message& made, const Facts& facts) {
  const auto& text = made.text;
  if (made.step == Step::ticket_opened) EXPECT_TRUE(contains(text, "t4711")) << text;
  if (made.step == Step::claimed && !facts.person.empty()) EXPECT_TRUE(contains(text, "zdenka")) << text;
  const bool waits =
      made.step == Step::ticket_opened || made.step == Step::waiting || made.step == Step::long_wait;
  if (waits && facts.wait) EXPECT_TRUE(contains(text, "9 min")) << text;
  if (made.step == Step::off_hours && facts.back_at)
    EXPECT_TRUE(contains_any(text, {"8:00", "7:00"})) << text;
  if (made.step == Step::returned && facts.solved && !facts.resolution.empty())
    EXPECT_TRUE(contains(text, "xylophone")) << text;
}

class Truth : public testing::TestWithParam<const char*> {};

TEST_P(Truth, no_combination_of_facts_makes_a_message_that_is_not_so) {
  constexpr unsigned kSeed = 20'261'121;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 chance(kSeed);
  int said = 0;
  for (unsigned bits = 0; bits < (1u << kBits); ++bits) {
    const auto so = facts(bits, chance, GetParam());
    for (std::size_t step = 0; step < kStepNames.size(); ++step) {
      const auto made = message(static_cast<Step>(step), so, shipped());
      if (!made) continue;
      ++said;
      SCOPED_TRACE(std::string(kStepNames[step]) + " became " + std::string(name(made.step)) + ", facts " +
                   std::to_string(bits));
      EXPECT_EQ(made.language, GetParam());
      expect_true(made, so);
      expect_told(made, so);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(said, 5'000);
}

INSTANTIATE_TEST_SUITE_P(EveryLanguage, Truth, testing::ValuesIn(kLanguages),
                         [](const auto& language) { return std::string(language.param); });

// --- one by one, so that the table above cannot hide what it never met

Facts known_facts() {
  Facts made;
  made.now = kNow;
  made.ticket = "77";
  made.team = "billing";
  made.asked = true;
  return made;
}

std::string step_told(Step step, const Facts& facts) { return std::string(name(*true_step(step, facts))); }

TEST(TrueStep, a_step_that_is_not_so_becomes_the_one_that_is) {
  auto facts = known_facts();
  EXPECT_EQ(step_told(Step::claimed, facts), "waiting") << "nobody has it";
  EXPECT_EQ(step_told(Step::off_hours, facts), "waiting") << "nobody said that it is closed";
  facts.open = false;
  for (const auto step : {Step::accepted, Step::ticket_opened, Step::waiting, Step::long_wait})
    EXPECT_EQ(step_told(step, facts), "off_hours");
  EXPECT_EQ(step_told(Step::expired, facts), "expired") << "that is to be said at any hour";
  facts.open = true;
  EXPECT_EQ(step_told(Step::helpdesk_down, facts), "ticket_opened") << "there is a ticket";
  facts.ticket.clear();
  EXPECT_EQ(step_told(Step::ticket_opened, facts), "accepted");
  EXPECT_EQ(step_told(Step::helpdesk_down, facts), "accepted") << "it is only late";
  facts.helpdesk_down = true;
  EXPECT_EQ(step_told(Step::ticket_opened, facts), "helpdesk_down");
  facts.claimed = true;
  for (const auto step : {Step::accepted, Step::waiting, Step::off_hours, Step::helpdesk_down, Step::expired})
    EXPECT_EQ(step_told(step, facts), "claimed") << "somebody has it, whatever else";
}

TEST(TrueStep, where_nothing_is_so_nothing_is_said) {
  auto facts = known_facts();
  EXPECT_FALSE(message(Step::bug_fixed, facts, shipped()));
  EXPECT_FALSE(message(Step::chose_callback, facts, shipped())) << "nobody chose anything";
  facts.choice = Choice();
  facts.choice->kind = ChoiceKind::callback;
  EXPECT_FALSE(message(Step::chose_callback, facts, shipped())) << "without a number";
  facts.choice->number = "+49 30 1234";
  EXPECT_TRUE(message(Step::chose_callback, facts, shipped()));
  EXPECT_FALSE(message(Step::chose_email, facts, shipped())) << "another choice";
  facts.claimed = true;
  EXPECT_FALSE(message(Step::chose_callback, facts, shipped())) << "it comes too late";
  facts.solved = true;
  EXPECT_FALSE(message(Step::claimed, facts, shipped()));
  EXPECT_FALSE(message(Step::waiting, facts, shipped()));
  EXPECT_FALSE(message(Step::waiting, known_facts(), Messages())) << "there are no texts";
}

}  // namespace
}  // namespace baton::tell_testing
