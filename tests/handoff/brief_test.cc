// Purpose: what people read: brief, merged updates, timeline; and what a person's replay makes of a job.
#include "gateway/handoff/brief.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "gateway/base/random.h"
#include "gateway/base/text.h"
#include "gateway/handoff/replay.h"
#include "gateway/handoff/timeline.h"
#include "gateway/handoff/updates.h"
#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;

handoff::Brief brief_of(json data) {
  auto handoff = new_handoff();
  handoff.data = std::move(data);
  return handoff::brief(handoff, kStart);
}

std::vector<std::string> lines(const handoff::Brief& brief) {
  return {brief.headline, brief.who, brief.wanted, brief.went_wrong, brief.tried, brief.next};
}

void expect_readable(const handoff::Brief& brief) {
  const std::vector<std::size_t> budgets = {80, 240, 560, 400, 400, 600};
  const auto all = lines(brief);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_FALSE(trim(all[i]).empty()) << i;
    EXPECT_LE(all[i].size(), budgets[i]) << all[i];
    EXPECT_EQ(all[i].find_first_of("\r\n\t"), std::string::npos) << all[i];
  }
  EXPECT_GE(brief.completeness, 0);
  EXPECT_LE(brief.completeness, 100);
  for (const auto& gap : brief.missing)
    EXPECT_FALSE(gap.field.empty() || gap.state.empty() || gap.reason.empty()) << gap.field;
}

// S33, S52, S54: who, what they wanted, what went wrong, what was tried.
TEST(Brief, says_who_wanted_what_what_went_wrong_and_what_was_tried) {
  auto data = requested_data();
  data["customer"]["company"] = "Analytical Engines";
  data["customer"]["tier"] = "gold";
  data["reason"]["explanation"] = "The refund needs an approval.";
  data["errors"] = {{{"code", "E1"}, {"message", "old"}}, {{"code", "E42"}, {"message", "card declined"}}};
  data["intent"]["confidence"] = 0.314;
  data["attempts"] = {{{"action", "looked up the charge"}, {"outcome", "found two"}}, {{"action", "refund"}}};
  data["suggested_actions"] = {"approve the refund", {{"action", "call back"}}};
  const auto brief = brief_of(data);
  EXPECT_EQ(brief.headline, "refund");
  EXPECT_EQ(brief.who, "Ada Byron, ada@example.com, Analytical Engines, gold tier");
  EXPECT_EQ(brief.wanted, "Was charged twice.");
  EXPECT_EQ(brief.went_wrong,
            "The refund needs an approval; error E42: card declined (the last of 2); the AI was 31 % sure");
  EXPECT_EQ(brief.tried, "looked up the charge \u2192 found two; refund");
  EXPECT_EQ(brief.next, "The AI suggests: approve the refund; call back");
  expect_readable(brief);
}

TEST(Brief, says_so_when_nothing_is_known) {
  const auto brief = brief_of({{"conversation", {{"id", "c"}}}});
  EXPECT_EQ(brief.headline, "A customer asks for a person");
  EXPECT_EQ(brief.who, "An unknown customer");
  EXPECT_EQ(brief.wanted,
            "Not known: the conversation carries neither an intent nor a message of the customer");
  EXPECT_EQ(brief.went_wrong, "No reason given");
  EXPECT_EQ(brief.tried, "Nothing yet");
  EXPECT_EQ(brief.next, "Ask what it is about: nothing of the conversation came along");
  EXPECT_EQ(brief.completeness, 0);
  EXPECT_EQ(brief.missing.size(), 6u);
}

TEST(Brief, falls_back_to_the_customers_last_words) {
  const auto brief = brief_of({{"transcript",
                                {{{"role", "customer"}, {"text", "first"}},
                                 {{"role", "customer"}, {"text", "Where is\nmy money?"}},
                                 {{"role", "customer"}, {"text", "  "}},
                                 {{"role", "ai"}, {"text", "Sorry."}}}}});
  EXPECT_EQ(brief.wanted, "\"Where is my money?\"");
  EXPECT_EQ(brief.headline, "Where is my money?");
}

TEST(Brief, one_part_alone_reads_well) {
  EXPECT_EQ(brief_of({{"intent", {{"confidence", 0.5}}}}).went_wrong, "the AI was 50 % sure");
  EXPECT_EQ(brief_of({{"errors", {{{"message", "boom"}}}}}).went_wrong, "error boom");
  EXPECT_EQ(brief_of({{"reason", {{"trigger", "low_confidence"}}}}).went_wrong, "low confidence");
  for (const auto odd : {-0.1, 1.1, 1e300, -1e300}) {
    EXPECT_EQ(brief_of({{"intent", {{"confidence", odd}}}}).went_wrong, "No reason given");
  }
}

// S55: too much drowns them.
TEST(Brief, keeps_to_its_budget_and_cuts_between_letters) {
  std::string smile;
  for (int i = 0; i < 2000; ++i) smile += "😀";
  auto data = requested_data();
  for (const auto* pointer : {"/customer/name", "/intent/summary", "/intent/name", "/reason/explanation",
                              "/attempts/0/action", "/suggested_actions/0"}) {
    data[json::json_pointer(pointer)] = pointer + smile;  // the same text twice would be said once
  }
  for (int shift = 0; shift < 4; ++shift) {
    const auto brief = brief_of(data);
    expect_readable(brief);
    for (const auto& line : lines(brief)) {
      EXPECT_TRUE(is_utf8(line));
      EXPECT_TRUE(line.ends_with("\u2026")) << line;
    }
    data["intent"]["name"] = std::string(static_cast<std::size_t>(shift + 1), 'x') + smile;
  }
}

TEST(Brief, blanks_are_nothing) {
  auto data = requested_data();
  for (const auto* pointer : {"/customer/name", "/customer/email", "/intent/summary", "/intent/name",
                              "/reason/explanation", "/reason/trigger"}) {
    data[json::json_pointer(pointer)] = " \n\t ";
  }
  data["attempts"] = {{{"action", " "}}};
  data["suggested_actions"] = {" "};
  expect_readable(brief_of(data));
  EXPECT_EQ(brief_of(data).who, "An unknown customer");
}

TEST(Brief, survives_every_type_in_every_place) {
  const json wrong =
      json::array({nullptr, true, 1, -1.5e300, "", "\xff", json::array(), json::array({1}), json::object()});
  json full = requested_data();
  full["customer"]["company"] = full["customer"]["tier"] = "x";
  full["errors"] = full["attempts"] = full["transcript"] = full["suggested_actions"] =
      json::array({json{{"code", "x"},
                        {"message", "y"},
                        {"action", "z"},
                        {"outcome", "w"},
                        {"role", "customer"},
                        {"text", "t"}}});
  full["intent"]["confidence"] = 0.5;
  const auto flat = full.flatten();
  for (const auto& value : wrong) {
    expect_readable(brief_of(value));
    for (const auto& [key, old] : full.items()) {
      auto data = full;
      data[key] = value;
      expect_readable(brief_of(data));
    }
    for (const auto& [pointer, old] : flat.items()) {
      auto data = full;
      data[json::json_pointer(pointer)] = value;
      expect_readable(brief_of(data));
    }
  }
}

TEST(Brief, context_that_is_late_or_lost_is_named_with_its_reason) {
  Tale tale(new_handoff());
  tale(event("handoff.requested", requested_data()));
  EXPECT_EQ(handoff::brief(tale.handoff, tale.now).missing.back().state, "expected");
  expect_readable(handoff::brief(tale.handoff, tale.now));
  tale(Due{}, 2s);
  EXPECT_EQ(handoff::brief(tale.handoff, tale.now).missing.back().state, "late");
  expect_readable(handoff::brief(tale.handoff, tale.now));
  auto found = job_of(Operation::read_context, JobState::done, kCrm);
  found.found = {{"account", {{"tier", "gold"}}}};
  tale(found, 1s);
  const auto of_crm = [&] {
    const auto brief = handoff::brief(tale.handoff, tale.now);
    expect_readable(brief);
    const auto gap = std::ranges::find(brief.missing, "crm", &handoff::Gap::source);
    return gap == brief.missing.end() ? "" : gap->state;
  };
  EXPECT_EQ(of_crm(), "") << "it is there now";
  EXPECT_EQ(handoff::brief(tale.handoff, tale.now).who, "Ada Byron, ada@example.com, gold tier");
  tale(Due{}, 24h);
  EXPECT_EQ(of_crm(), "stale");
  const auto shown = handoff::to_json(handoff::brief(tale.handoff, tale.now));
  EXPECT_EQ(shown["by_source"][1]["source"], "crm");
  EXPECT_EQ(shown["by_source"][1]["percent"], 50) << "old, but there";
}

// --- late context

Tale cut_with_two_out() {
  auto route = whole_route();
  route.context = {kCrm, DestinationId("billing")};
  Tale tale(new_handoff(route));
  tale(event("handoff.requested", requested_data()));
  tale(Due{}, 2s);
  tale(job_of(Operation::open_ticket, JobState::done), 1s);
  return tale;
}

Job answer_of(const DestinationId& from, JobState state, json found) {
  auto read = job_of(Operation::read_context, state, from);
  read.found = std::move(found);
  return read;
}

const json kTier = {{"account", {{"tier", "gold"}}}}, kPlan = {{"money", {{"plan", "Pro"}}}};
const DestinationId kBilling("billing");

TEST(LateContext, of_several_is_one_note_when_the_last_is_there) {
  auto tale = cut_with_two_out();
  EXPECT_TRUE(tale(answer_of(kBilling, JobState::done, kPlan), 1s).empty());
  const auto notes = tale(answer_of(kCrm, JobState::done, kTier), 1s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].subject["text"],
            "Late context from billing:\nMoney: plan Pro\nLate context from crm:\nAccount: tier gold");
  EXPECT_TRUE(tale(Due{}, 30s).empty()) << "it was said";
}

TEST(LateContext, does_not_wait_for_what_failed_or_comes_too_late) {
  auto failing = cut_with_two_out();
  EXPECT_TRUE(failing(answer_of(kCrm, JobState::done, kTier), 1s).empty());
  const auto notes = failing(answer_of(kBilling, JobState::failed, nullptr), 1s);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].subject["text"], "Late context from crm:\nAccount: tier gold");

  auto waiting = cut_with_two_out();
  waiting(answer_of(kCrm, JobState::done, kTier), 1s);
  EXPECT_EQ(handoff::wake_at(waiting.handoff), kStart + 30s);
  EXPECT_EQ(waiting(Due{}, 26s).size(), 1u);
  EXPECT_TRUE(waiting(answer_of(kBilling, JobState::done, kPlan), 1s).empty()) << "half a minute has passed";
}

// --- updates

json transcript(std::initializer_list<const char*> ids) {
  auto list = json::array();
  for (const std::string id : ids) list.push_back({{"id", id}, {"role", "customer"}, {"text", "text " + id}});
  return list;
}

TEST(Updates, members_replace_and_messages_are_added_once) {
  json data = {{"customer", {{"name", "Ada"}, {"tier", "gold"}}}, {"transcript", transcript({"1", "2"})}};
  EXPECT_EQ(handoff::merge_update(
                data, {{"customer", {{"tier", "silver"}}}, {"transcript", transcript({"2", "3", "4", "3"})}}),
            "customer: text 3\ncustomer: text 4");
  EXPECT_EQ(data["customer"], (json{{"name", "Ada"}, {"tier", "silver"}}));
  EXPECT_EQ(data["transcript"], transcript({"1", "2", "3", "4"}));
  EXPECT_EQ(handoff::merge_update(data, {{"transcript", transcript({"1"})}}), "");
}

TEST(Updates, messages_without_an_id_are_always_new) {
  json data;
  const json update = {{"transcript", {{{"text", "hello"}}}}};
  EXPECT_EQ(handoff::merge_update(data, update), "someone: hello");
  EXPECT_EQ(handoff::merge_update(data, update), "someone: hello");
  EXPECT_EQ(data["transcript"].size(), 2u);
}

TEST(Updates, nothing_replaces_what_the_customer_wrote) {
  for (const json& odd : {json(nullptr), json("none"), json(3), json::object(), json::array()}) {
    json data = {{"transcript", transcript({"1"})}};
    EXPECT_EQ(handoff::merge_update(data, {{"transcript", odd}}), "");
    EXPECT_EQ(data["transcript"], transcript({"1"})) << odd;
    EXPECT_EQ(handoff::merge_update(data, odd), "");
    EXPECT_EQ(data["transcript"], transcript({"1"})) << odd;
    json other = odd;
    EXPECT_EQ(handoff::merge_update(other, {{"transcript", transcript({"1"})}}), "customer: text 1") << odd;
  }
}

// --- replay

StepRecord step(const std::string& name, StepState state) {
  StepRecord record(name, "key", Request("POST", "/" + name, "bytes"));
  record.state = state;
  record.sent_at = kStart;
  return record;
}

Job dead(FailureKind kind, std::vector<StepRecord> steps) {
  auto job = job_of(Operation::open_ticket, JobState::dead);
  job.failure = Failure(kind, "why");
  job.steps = std::move(steps);
  job.attempts = 9;
  job.first_attempt = kStart;
  job.consumed = true;
  return job;
}

TEST(Replay, a_proven_refusal_opens_the_next_generation_and_keeps_what_was_done) {
  const auto job = handoff::replayed(
      dead(FailureKind::rejected, {step("ticket", StepState::done), step("link", StepState::undone)}),
      kStart + 1h);
  EXPECT_EQ(job.generation, 2);
  ASSERT_EQ(job.steps.size(), 1u);
  EXPECT_EQ(job.steps[0].name, "ticket");
  EXPECT_EQ(name(job.state), "pending");
  EXPECT_EQ(job.due, kStart + 1h);
  EXPECT_EQ(job.attempts, 0);
  EXPECT_EQ(job.replays, 1);
  EXPECT_FALSE(job.first_attempt || job.ended_at || job.failure || job.consumed || job.parked);
  EXPECT_EQ(job.key.text(), "hof_1/desk/open_ticket/1") << "the external id never changes";
}

TEST(Replay, what_may_have_happened_keeps_key_and_bytes) {
  for (const auto kind : {FailureKind::retryable, FailureKind::ambiguous, FailureKind::rejected,
                          FailureKind::target_gone, FailureKind::misconfigured}) {
    const auto job = handoff::replayed(dead(kind, {step("ticket", StepState::unknown)}), kStart);
    EXPECT_EQ(job.generation, 1) << name(kind);
    ASSERT_EQ(job.steps.size(), 1u);
    EXPECT_EQ(name(job.steps[0].state), "unknown");
    EXPECT_EQ(job.steps[0].write.body, "bytes");
  }
  for (const auto kind : {FailureKind::retryable, FailureKind::target_gone}) {
    const auto job = handoff::replayed(dead(kind, {step("ticket", StepState::undone)}), kStart);
    EXPECT_EQ(job.generation, 1) << name(kind);
    EXPECT_EQ(job.steps.size(), 1u);
  }
}

TEST(Replay, where_nobody_can_tell_the_persons_word_counts) {
  auto parked =
      dead(FailureKind::ambiguous, {step("ticket", StepState::unknown), step("b", StepState::done)});
  parked.parked = true;
  const auto job = handoff::replayed(parked, kStart);
  EXPECT_EQ(job.generation, 1);
  EXPECT_FALSE(job.parked);
  EXPECT_EQ(name(job.steps[0].state), "undone");
  EXPECT_EQ(name(job.steps[1].state), "done");
  EXPECT_EQ(job.steps[0].key, "key");
}

// --- timeline

TEST(Timeline, tells_everything_in_order_with_the_outside_first) {
  Tale tale(new_handoff());
  std::vector<Fact> facts;
  const auto tell = [&](const Happened& happened, Duration later) {
    tale(happened, later);
    facts.emplace_back(tale.now, happened);
  };
  tell(event("handoff.requested", requested_data()), 0s);
  tale(Due{}, 2s);
  auto opened = tale.of(Operation::open_ticket).at(0);
  tell(signal(SignalKind::claimed, "U1"), 1s);
  tell(signal(SignalKind::claimed, "U2"), 1s);
  auto jobs = tale.all;
  for (auto& job : jobs) {
    if (job.key == opened.key) {
      job.state = JobState::dead;
      job.parked = true;
      job.attempts = 3;
      job.failure = Failure(FailureKind::ambiguous, "nobody knows");
      job.ended_at = kStart + 1h;
    }
  }
  const auto moments = handoff::timeline(tale.handoff, facts, jobs);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    texts.push_back(moments[i].text);
    EXPECT_FALSE(moments[i].text.empty());
    EXPECT_FALSE(moments[i].detail.dump().empty());
    if (i > 0) EXPECT_LE(moments[i - 1].at, moments[i].at);
  }
  EXPECT_EQ(moments[0].kind, "event");
  EXPECT_EQ(texts[0], "handoff.requested from chat");
  EXPECT_EQ(texts[1], "received (handoff.requested)");
  EXPECT_EQ(texts.back(), "desk open_ticket, DEAD LETTER for a person to decide (3 attempts): nobody knows");
  const auto contains = [&](const std::string& text) {
    return std::ranges::find(texts, text) != texts.end();
  };
  EXPECT_TRUE(contains("claimed by Anna through cards"));
  EXPECT_TRUE(contains("claimed by Ben: the handoff is claimed, Anna has it"));
  EXPECT_TRUE(contains("crm read_context, waiting"));
  EXPECT_TRUE(contains("bot emit handoff.claimed, waiting"));
}

}  // namespace
}  // namespace baton::handoff_testing
