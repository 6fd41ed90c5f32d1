// Every sentence of journal.h, on every adapter.
#include <algorithm>

#include "tests/journal/bench.h"
#include "tests/support/random_handoffs.h"

namespace baton::journal_testing {
namespace {

template <class A>
class Conformance : public testing::Test {
 protected:
  void SetUp() override { journal_ = adapter_.open(stage_); }

  Committed commit(Batch batch) {
    auto committed = stage_.call(journal_->commit(std::move(batch)));
    EXPECT_TRUE(committed) << (committed ? "" : committed.error().detail);
    return committed ? *committed : Committed(Verdict::stale);
  }
  Verdict verdict(Batch batch) { return commit(std::move(batch)).verdict; }
  Claim claim(const std::string& lane, int limit = 100, Duration lease = 30s, Take only = Take::all) {
    auto claimed = stage_.call(journal_->claim(Lane(lane), limit, lease, only));
    EXPECT_TRUE(claimed);
    return std::move(*claimed);
  }
  Claim claim_plans() { return claim("planner"); }
  Record load(const HandoffId& id) {
    auto record = stage_.call(journal_->load(id));
    EXPECT_TRUE(record) << (record ? "" : record.error().detail);
    return std::move(*record);
  }
  void reopen() {
    journal_.reset();
    journal_ = adapter_.open(stage_);
  }

  // A handoff with a plan job and no facts.
  HandoffId opened(const std::string& id, const std::string& conversation = "", TimePoint at = kStart) {
    Batch batch;
    batch.opens = a_handoff(id, conversation, at);
    const auto handoff = batch.opens->id;
    batch.jobs.push_back(a_plan(handoff));
    EXPECT_EQ(verdict(std::move(batch)), Verdict::done);
    return handoff;
  }
  Verdict add_fact(const HandoffId& handoff, const std::string& key) {
    Batch batch;
    batch.facts.push_back(a_fact(handoff, key));
    return verdict(std::move(batch));
  }
  Verdict add_job(Job job) {
    Batch batch;
    batch.jobs.push_back(std::move(job));
    return verdict(std::move(batch));
  }
  Verdict update(Job job, std::uint64_t token, bool release = true) {
    Batch batch;
    batch.updates.emplace_back(std::move(job), token, release);
    return verdict(std::move(batch));
  }
  Verdict end(const Claimed& claimed, JobState state = JobState::done) {
    auto job = claimed.job;
    job.state = state;
    job.ended_at = stage_.clock.now();
    return update(std::move(job), claimed.lease.token);
  }
  Verdict release(const Claimed& claimed, TimePoint due) {
    auto job = claimed.job;
    job.due = due;
    return update(std::move(job), claimed.lease.token);
  }
  Verdict close(const HandoffId& id, State state = State::returned) {
    Batch batch;
    batch.moves = load(id).handoff;
    batch.moves->state = state;
    return verdict(std::move(batch));
  }
  Verdict replay(Job job) {
    Batch batch;
    job.state = JobState::pending;
    ++job.replays;
    batch.replays.push_back(std::move(job));
    return verdict(std::move(batch));
  }
  // Plans what is there: consumes it and releases.
  void plan_all(TimePoint due = TimePoint::max()) {
    for (const auto& claimed : claim_plans().jobs) {
      Batch batch;
      for (const auto& fact : claimed.unconsumed) batch.consumes.push_back(fact.order);
      auto job = claimed.job;
      job.due = due;
      batch.updates.emplace_back(std::move(job), claimed.lease.token, true);
      EXPECT_EQ(verdict(std::move(batch)), Verdict::done);
    }
  }
  static std::vector<std::string> keys(const Claim& claim) {
    std::vector<std::string> keys;
    for (const auto& claimed : claim.jobs) keys.push_back(claimed.job.key.text());
    return keys;
  }
  static std::vector<std::string> ids(const Result<std::vector<Handoff>>& handoffs) {
    std::vector<std::string> ids;
    for (const auto& handoff : *handoffs) ids.push_back(handoff.id.text);
    return ids;
  }
  using Texts = std::vector<std::string>;

  Stage stage_;
  A adapter_;
  std::unique_ptr<Journal> journal_;
};

using Adapters = testing::Types<MemoryAdapter, SqliteAdapter, CrowdedSqliteAdapter>;

struct Names {
  template <class A>
  static std::string GetName(int) {
    if (std::is_same_v<A, MemoryAdapter>) return "memory";
    return std::is_same_v<A, SqliteAdapter> ? "sqlite" : "crowded_sqlite";
  }
};
TYPED_TEST_SUITE(Conformance, Adapters, Names);

// --- opening and moving

TYPED_TEST(Conformance, a_conversation_counts_its_handoffs) {
  const auto first = this->opened("1", "chat 9");
  EXPECT_EQ(this->load(first).handoff.sequence, 1);
  EXPECT_TRUE(this->load(first).handoff.previous.empty());
  ASSERT_EQ(this->close(first), Verdict::done);
  const auto second = this->opened("2", "chat 9");
  const auto record = this->load(second);
  EXPECT_EQ(record.handoff.sequence, 2);
  EXPECT_EQ(record.handoff.previous, first);
  ASSERT_EQ(this->close(second), Verdict::done);
  this->reopen();
  const auto third = this->load(this->opened("3", "chat 9")).handoff;
  EXPECT_EQ(third.sequence, 3);
  EXPECT_EQ(third.previous, second);
}

TYPED_TEST(Conformance, a_second_open_handoff_names_the_first) {
  const auto first = this->opened("1", "chat 9");
  Batch batch;
  batch.opens = a_handoff("2", "chat 9");
  batch.facts.push_back(a_fact(batch.opens->id, "e2"));
  const auto committed = this->commit(batch);
  EXPECT_EQ(committed.verdict, Verdict::conversation_open);
  EXPECT_EQ(committed.handoff, first);
  EXPECT_FALSE(this->stage_.call(this->journal_->load(HandoffId("hof_2"))));
  // The refused batch left its fact's key free.
  EXPECT_EQ(this->add_fact(first, "e2"), Verdict::done);
}

TYPED_TEST(Conformance, the_same_conversation_elsewhere_is_another_one) {
  (void)this->opened("1", "chat 9");
  Batch other_workspace, other_platform;
  other_workspace.opens = a_handoff("2", "chat 9");
  other_workspace.opens->workspace = WorkspaceId("other");
  other_platform.opens = a_handoff("3", "chat 9");
  other_platform.opens->conversation.source = "mail";
  EXPECT_EQ(this->verdict(other_workspace), Verdict::done);
  EXPECT_EQ(this->verdict(other_platform), Verdict::done);
}

TYPED_TEST(Conformance, an_id_opens_once) {
  ASSERT_EQ(this->close(this->opened("1")), Verdict::done);
  Batch batch;
  batch.opens = a_handoff("1");
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
}

TYPED_TEST(Conformance, a_move_replaces_only_the_version_that_it_bears) {
  const auto id = this->opened("1");
  auto seen = this->load(id).handoff;
  EXPECT_EQ(seen.version, 0);
  Batch batch;
  batch.moves = seen;
  batch.moves->owner = "ann";
  batch.moves->state = State::claimed;
  EXPECT_EQ(this->verdict(batch), Verdict::done);
  batch.moves->owner = "bob";
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
  const auto now = this->load(id).handoff;
  EXPECT_EQ(now.version, 1);
  EXPECT_EQ(now.owner, "ann");
  EXPECT_EQ(now.state, State::claimed);
  batch.moves = a_handoff("unknown");
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
}

TYPED_TEST(Conformance, a_handoff_is_reopened_only_while_its_conversation_has_no_other) {
  const auto first = this->opened("1", "chat 9");
  ASSERT_EQ(this->close(first, State::failed), Verdict::done);
  ASSERT_EQ(this->close(first, State::planned), Verdict::done);
  ASSERT_EQ(this->close(first, State::failed), Verdict::done);
  (void)this->opened("2", "chat 9");
  EXPECT_EQ(this->close(first, State::planned), Verdict::stale);
}

TYPED_TEST(Conformance, what_was_claimed_does_not_change_when_the_handoff_moves) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  const auto claim = this->claim_plans();
  ASSERT_EQ(claim.jobs.size(), 1u);
  ASSERT_EQ(this->close(id), Verdict::done);
  EXPECT_EQ(claim.jobs[0].handoff->state, State::received);
  EXPECT_EQ(claim.jobs[0].handoff->version, 0);
}

// --- facts

TYPED_TEST(Conformance, a_fact_received_twice_is_known_with_its_handoff_and_digest) {
  const auto first = this->opened("1");
  const auto second = this->opened("2");
  ASSERT_EQ(this->add_fact(first, "e1"), Verdict::done);
  Batch batch;
  batch.facts.push_back(a_fact(second, "e1"));
  batch.facts[0].digest = "another body";
  batch.audit.emplace_back(kStart, "x", "x", "x", "x");
  const auto committed = this->commit(batch);
  EXPECT_EQ(committed.verdict, Verdict::fact_known);
  EXPECT_EQ(committed.handoff, first);
  EXPECT_EQ(committed.digest, "digest of e1");
  EXPECT_TRUE(this->stage_.call(this->journal_->audit(10))->empty());
}

TYPED_TEST(Conformance, a_known_fact_tells_more_than_an_open_conversation_or_a_stale_write) {
  const auto first = this->opened("1", "chat 9");
  ASSERT_EQ(this->add_fact(first, "e1"), Verdict::done);
  Batch batch;
  batch.opens = a_handoff("2", "chat 9");
  batch.facts.push_back(a_fact(batch.opens->id, "e1"));
  batch.consumes.push_back(424242);
  const auto committed = this->commit(batch);
  EXPECT_EQ(committed.verdict, Verdict::fact_known);
  EXPECT_EQ(committed.handoff, first);
}

TYPED_TEST(Conformance, a_key_twice_in_one_batch_is_known) {
  const auto id = this->opened("1");
  Batch batch;
  batch.facts.push_back(a_fact(id, "e1"));
  batch.facts.push_back(a_fact(id, "e1"));
  const auto committed = this->commit(batch);
  EXPECT_EQ(committed.verdict, Verdict::fact_known);
  EXPECT_EQ(committed.handoff, id);
  EXPECT_TRUE(this->load(id).facts.empty());
}

TYPED_TEST(Conformance, what_belongs_to_no_handoff_is_stale) {
  EXPECT_EQ(this->add_fact(HandoffId("hof_none"), "e1"), Verdict::stale);
  EXPECT_EQ(this->add_job(a_plan(HandoffId("hof_none"))), Verdict::stale);
}

TYPED_TEST(Conformance, facts_are_consumed_once_and_in_order) {
  const auto id = this->opened("1");
  for (const auto* key : {"e1", "e2", "e3"}) ASSERT_EQ(this->add_fact(id, key), Verdict::done);
  const auto claim = this->claim_plans();
  ASSERT_EQ(claim.jobs.size(), 1u);
  const auto& facts = claim.jobs[0].unconsumed;
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_LT(facts[0].order, facts[1].order);
  EXPECT_LT(facts[1].order, facts[2].order);
  EXPECT_EQ(std::get<Event>(facts[2].happened).key.id, "e3");
  Batch batch;
  batch.consumes = {facts[0].order, facts[1].order};
  EXPECT_EQ(this->verdict(batch), Verdict::done);
  batch.consumes = {facts[2].order, facts[1].order};
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
  batch.consumes = {facts[2].order, facts[2].order};
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
  batch.consumes = {9'999'999};
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
  batch.consumes = {facts[2].order};
  EXPECT_EQ(this->verdict(batch), Verdict::done);
  EXPECT_EQ(this->load(id).facts.size(), 3u);
}

TYPED_TEST(Conformance, events_and_signals_come_back_as_they_were) {
  const auto id = this->opened("1");
  Batch batch;
  batch.facts.push_back(a_fact(id, "e1"));
  Signal signal(SignalKind::replied, "s1", "T-7", "agent 5");
  signal.from = DestinationId("desk");
  signal.text = "Hello \xe2\x82\xac";
  batch.facts.emplace_back(id, "desk/s1", Fact(kStart + 1s, signal));
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  this->reopen();
  const auto facts = this->load(id).facts;
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(std::get<Event>(facts[0].happened).data["text"], "e1");
  EXPECT_EQ(std::get<Signal>(facts[1].happened).text, "Hello \xe2\x82\xac");
  EXPECT_EQ(facts[1].at, kStart + 1s);
}

// --- plan jobs: no wake-up can be lost

TYPED_TEST(Conformance, a_plan_job_is_due_at_once_while_facts_are_unconsumed) {
  const auto id = this->opened("1");
  EXPECT_TRUE(this->claim_plans().jobs.empty());
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  auto claim = this->claim_plans();
  ASSERT_EQ(claim.jobs.size(), 1u);
  // Released without consuming: due again.
  ASSERT_EQ(this->release(claim.jobs[0], TimePoint::max()), Verdict::done);
  claim = this->claim_plans();
  ASSERT_EQ(claim.jobs.size(), 1u);
  ASSERT_EQ(this->release(claim.jobs[0], TimePoint::max()), Verdict::done);
  this->plan_all();
  EXPECT_TRUE(this->claim_plans().jobs.empty());
}

TYPED_TEST(Conformance, a_fact_committed_while_the_plan_is_leased_wakes_it_after_release) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  const auto claim = this->claim_plans();
  ASSERT_EQ(this->add_fact(id, "e2"), Verdict::done);
  EXPECT_TRUE(this->claim_plans().jobs.empty()) << "it is leased";
  Batch batch;
  batch.consumes = {claim.jobs[0].unconsumed[0].order};
  batch.updates.emplace_back(claim.jobs[0].job, claim.jobs[0].lease.token, true);
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  const auto again = this->claim_plans();
  ASSERT_EQ(again.jobs.size(), 1u);
  ASSERT_EQ(again.jobs[0].unconsumed.size(), 1u);
  EXPECT_EQ(std::get<Event>(again.jobs[0].unconsumed[0].happened).key.id, "e2");
}

TYPED_TEST(Conformance, a_job_that_ended_is_a_fact_whenever_it_ends) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(id, "crm", Operation::read_context)), Verdict::done);
  const auto ticket = this->claim("desk"), read = this->claim("crm");
  ASSERT_EQ(this->end(ticket.jobs[0], JobState::dead), Verdict::done);
  const auto plan = this->claim_plans();
  ASSERT_EQ(plan.jobs.size(), 1u);
  ASSERT_EQ(plan.jobs[0].unconsumed.size(), 1u);
  const auto& fact = plan.jobs[0].unconsumed[0];
  EXPECT_EQ(std::get<Job>(fact.happened).key, ticket.jobs[0].job.key);
  EXPECT_EQ(std::get<Job>(fact.happened).state, JobState::dead);
  EXPECT_GT(fact.order, 0u);
  ASSERT_EQ(this->end(read.jobs[0], JobState::failed), Verdict::done) << "while the plan is leased";
  Batch batch;
  batch.consumes = {fact.order};
  batch.updates.emplace_back(plan.jobs[0].job, plan.jobs[0].lease.token, true);
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  EXPECT_TRUE(this->load(id).jobs[1].consumed);
  const auto again = this->claim_plans();
  ASSERT_EQ(again.jobs.size(), 1u);
  ASSERT_EQ(again.jobs[0].unconsumed.size(), 1u);
  EXPECT_EQ(std::get<Job>(again.jobs[0].unconsumed[0].happened).state, JobState::failed);
  batch.updates.clear();
  EXPECT_EQ(this->verdict(batch), Verdict::stale) << "twice";
}

TYPED_TEST(Conformance, outside_facts_and_ended_jobs_come_in_one_order) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  ASSERT_EQ(this->end(this->claim("desk").jobs[0]), Verdict::done);
  ASSERT_EQ(this->add_fact(id, "e2"), Verdict::done);
  this->reopen();
  const auto facts = this->claim_plans().jobs.at(0).unconsumed;
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<Event>(facts[0].happened));
  EXPECT_TRUE(std::holds_alternative<Job>(facts[1].happened));
  EXPECT_TRUE(std::holds_alternative<Event>(facts[2].happened));
}

TYPED_TEST(Conformance, a_plan_job_is_its_handoffs_timer) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  this->plan_all(kStart + 5min);
  auto claim = this->claim_plans();
  EXPECT_TRUE(claim.jobs.empty());
  EXPECT_EQ(claim.next, kStart + 5min);
  this->stage_.advance(5min);
  claim = this->claim_plans();
  ASSERT_EQ(claim.jobs.size(), 1u);
  EXPECT_TRUE(claim.jobs[0].unconsumed.empty());
  EXPECT_EQ(claim.jobs[0].job.due, kStart + 5min);
}

TYPED_TEST(Conformance, facts_of_a_closed_handoff_are_planned_even_after_its_plan_ended) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  const auto claim = this->claim_plans();
  Batch batch;
  batch.consumes = {claim.jobs[0].unconsumed[0].order};
  auto plan = claim.jobs[0].job;
  plan.state = JobState::done;
  batch.updates.emplace_back(plan, claim.jobs[0].lease.token, true);
  batch.moves = *claim.jobs[0].handoff;
  batch.moves->state = State::returned;
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  EXPECT_TRUE(this->claim_plans().jobs.empty()) << "its own end is no fact";
  ASSERT_EQ(this->add_fact(id, "e2"), Verdict::done);
  this->reopen();
  const auto late = this->claim_plans();
  ASSERT_EQ(late.jobs.size(), 1u);
  EXPECT_EQ(late.jobs[0].unconsumed.size(), 1u);
  EXPECT_EQ(late.jobs[0].handoff->state, State::returned);
}

TYPED_TEST(Conformance, a_plan_job_made_after_its_facts_is_due_at_once) {
  Batch batch;
  batch.opens = a_handoff("1");
  const auto id = batch.opens->id;
  batch.facts.push_back(a_fact(id, "e1"));
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  ASSERT_EQ(this->add_job(a_plan(id)), Verdict::done);
  EXPECT_EQ(this->claim_plans().jobs.size(), 1u);
}

TYPED_TEST(Conformance, plans_with_news_come_in_the_order_of_the_news) {
  const auto a = this->opened("a"), b = this->opened("b"), c = this->opened("c");
  ASSERT_EQ(this->add_fact(b, "e1"), Verdict::done);
  ASSERT_EQ(this->add_fact(c, "e2"), Verdict::done);
  ASSERT_EQ(this->add_fact(a, "e3"), Verdict::done);
  ASSERT_EQ(this->add_fact(b, "e4"), Verdict::done);
  EXPECT_EQ(
      this->keys(this->claim_plans()),
      (typename TestFixture::Texts{"hof_b/planner/plan/1", "hof_c/planner/plan/1", "hof_a/planner/plan/1"}));
}

TYPED_TEST(Conformance, sources_take_turns_at_being_planned) {
  using Texts = typename TestFixture::Texts;
  const auto ask = [&](const std::string& id, const std::string& source) {
    Batch batch;
    batch.opens = a_handoff(id);
    batch.opens->conversation.source = source;
    const auto handoff = batch.opens->id;
    batch.facts.push_back(a_fact(handoff, "asked " + id));
    batch.jobs.push_back(a_plan(handoff));
    ASSERT_EQ(this->verdict(std::move(batch)), Verdict::done);
  };
  const auto plans = [](std::initializer_list<const char*> ids) {
    Texts texts;
    for (const auto* id : ids) texts.push_back("hof_" + std::string(id) + "/planner/plan/1");
    return texts;
  };
  for (const auto* id : {"l1", "l2", "l3", "l4", "l5", "l6"}) ask(id, "loud");
  ask("q1", "quiet");
  EXPECT_EQ(this->keys(this->claim("planner", 2)), plans({"l1", "q1"}));
  EXPECT_EQ(this->keys(this->claim("planner", 1)), plans({"l2"}));
  ask("q2", "quiet");
  ask("q3", "quiet");
  EXPECT_EQ(this->keys(this->claim("planner", 3)), plans({"l3", "q2", "l4"}));
  // Who was planned in vain, while more came in, is behind the others of its
  // source.
  this->reopen();
  ask("n1", "new");
  ASSERT_EQ(this->add_fact(HandoffId("hof_q1"), "more"), Verdict::done);
  const auto first = this->claim("planner", 1);
  EXPECT_EQ(this->keys(first), plans({"l1"}));
  ASSERT_EQ(this->release(first.jobs[0], TimePoint::max()), Verdict::done);
  EXPECT_EQ(this->keys(this->claim("planner", 100)),
            plans({"q1", "l2", "l3", "q2", "l4", "q3", "l5", "l6", "l1", "n1"}));
}

// --- lanes, order, due times

TYPED_TEST(Conformance, reads_come_first_and_then_what_was_due_first) {
  const auto a = this->opened("a"), b = this->opened("b"), c = this->opened("c");
  const auto late = kStart - 1s, early = kStart - 9s;
  ASSERT_EQ(this->add_job(a_job(a, "desk", Operation::open_ticket, 1, late)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(b, "desk", Operation::open_ticket, 1, early)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(c, "desk", Operation::read_context, 1, late)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(a, "desk", Operation::read_context, 1, early)), Verdict::done);
  using Texts = typename TestFixture::Texts;
  EXPECT_EQ(this->keys(this->claim("desk", 3)),
            (Texts{"hof_a/desk/read_context/1", "hof_c/desk/read_context/1", "hof_b/desk/open_ticket/1"}));
  EXPECT_EQ(this->keys(this->claim("desk", 3)), (Texts{"hof_a/desk/open_ticket/1"}));
}

TYPED_TEST(Conformance, only_reads_can_be_claimed_alone) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::read_context)), Verdict::done);
  const auto reads = this->claim("desk", 9, 30s, Take::reads);
  ASSERT_EQ(reads.jobs.size(), 1u);
  EXPECT_TRUE(is_read(reads.jobs[0].job.key.work));
  EXPECT_EQ(this->claim("desk").jobs.size(), 1u);
}

TYPED_TEST(Conformance, a_delivery_can_be_claimed_ahead_of_its_time) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket, 1, kStart + 2h)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::add_note, 1, kStart + 1h)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::read_context)), Verdict::done);
  const auto other = this->opened("2", "chat 2");
  ASSERT_EQ(this->add_job(a_job(other, "desk", Operation::open_ticket, 1, kStart + 3h)), Verdict::done);
  this->reopen();
  using Texts = typename TestFixture::Texts;
  const auto next = this->claim("desk", 1, 30s, Take::ahead);
  EXPECT_EQ(this->keys(next), (Texts{"hof_1/desk/open_ticket/1"})) << "the order of a conversation stands";
  EXPECT_EQ(this->keys(this->claim("desk", 9, 30s, Take::ahead)), (Texts{"hof_2/desk/open_ticket/1"}));
  EXPECT_TRUE(this->claim("desk", 9, 30s, Take::ahead).jobs.empty()) << "leased ones are somebody's";
  ASSERT_EQ(this->end(next.jobs[0]), Verdict::done);
  EXPECT_EQ(this->keys(this->claim("desk", 1, 30s, Take::ahead)), (Texts{"hof_1/desk/add_note/1"}));
}

TYPED_TEST(Conformance, a_delivery_whose_time_came_from_a_clock_that_was_set_back_is_due_now) {
  const auto id = this->opened("1");
  const auto other = this->opened("2", "chat 2");
  const auto far = kStart + std::chrono::years(10);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket, 1, far)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(other, "desk", Operation::open_ticket, 1, kStart + 26h)), Verdict::done);
  this->reopen();
  using Texts = typename TestFixture::Texts;
  const auto claim = this->claim("desk");
  EXPECT_EQ(this->keys(claim), (Texts{"hof_1/desk/open_ticket/1"}));
  EXPECT_LE(claim.next, kStart + 26h);
}

TYPED_TEST(Conformance, a_delivery_waits_for_the_earlier_one_of_its_conversation_and_lane) {
  const auto first = this->opened("1", "chat 9");
  ASSERT_EQ(this->add_job(a_job(first, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(first, "desk", Operation::add_note, 1, kStart - 1h)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(first, "slack", Operation::post_alert)), Verdict::done);
  ASSERT_EQ(this->close(first), Verdict::done);
  const auto second = this->opened("2", "chat 9");
  ASSERT_EQ(this->add_job(a_job(second, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(second, "desk", Operation::read_context)), Verdict::done);
  const auto other = this->opened("3", "chat 10");
  ASSERT_EQ(this->add_job(a_job(other, "desk", Operation::open_ticket)), Verdict::done);
  this->reopen();
  using Texts = typename TestFixture::Texts;
  const auto claim = this->claim("desk", 9, 24h);
  EXPECT_EQ(this->keys(claim),
            (Texts{"hof_2/desk/read_context/1", "hof_1/desk/open_ticket/1", "hof_3/desk/open_ticket/1"}));
  EXPECT_EQ(this->claim("slack").jobs.size(), 1u) << "another lane";
  // In a retry it still goes before the later ones.
  ASSERT_EQ(this->release(claim.jobs[1], kStart + 1h), Verdict::done);
  EXPECT_TRUE(this->claim("desk").jobs.empty());
  this->stage_.advance(1h);
  auto next = this->claim("desk", 1);
  EXPECT_EQ(this->keys(next), Texts{"hof_1/desk/open_ticket/1"});
  ASSERT_EQ(this->end(next.jobs[0], JobState::dead), Verdict::done);
  next = this->claim("desk");
  EXPECT_EQ(this->keys(next).at(0), "hof_1/desk/add_note/1");
  ASSERT_EQ(this->end(next.jobs[0]), Verdict::done);
  next = this->claim("desk");
  EXPECT_EQ(this->keys(next), Texts{"hof_2/desk/open_ticket/1"}) << "across handoffs";
}

TYPED_TEST(Conformance, next_is_when_the_lane_will_have_something) {
  const auto a = this->opened("a"), b = this->opened("b"), c = this->opened("c");
  EXPECT_EQ(this->claim("desk").next, TimePoint::max());
  ASSERT_EQ(this->add_job(a_job(a, "desk", Operation::open_ticket, 1, kStart + 50s)), Verdict::done);
  EXPECT_EQ(this->claim("desk").next, kStart + 50s);
  ASSERT_EQ(this->add_job(a_job(b, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(c, "desk", Operation::open_ticket)), Verdict::done);
  EXPECT_EQ(this->claim("desk", 1).next, kStart) << "another one is due";
  EXPECT_EQ(this->claim("desk").next, kStart + 30s) << "the leases end";
  ASSERT_EQ(this->add_job(a_job(a, "desk", Operation::read_context, 1, kStart + 5s)), Verdict::done);
  EXPECT_EQ(this->claim("desk").next, kStart + 5s);
}

// --- leases

TYPED_TEST(Conformance, two_claims_never_give_the_same_job) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(this->add_job(a_job(this->opened(std::to_string(i)), "desk", Operation::open_ticket)),
              Verdict::done);
  }
  std::set<std::string> seen;
  std::set<std::uint64_t> tokens;
  for (int i = 0; i < 5; ++i) {
    const auto claim = this->claim("desk", 4);
    EXPECT_EQ(claim.jobs.size(), 4u);
    for (const auto& claimed : claim.jobs) {
      EXPECT_TRUE(seen.insert(claimed.job.key.text()).second);
      EXPECT_TRUE(tokens.insert(claimed.lease.token).second);
      EXPECT_EQ(claimed.lease.until, kStart + 30s);
    }
  }
  EXPECT_TRUE(this->claim("desk", 4).jobs.empty());
}

TYPED_TEST(Conformance, a_later_claim_makes_the_earlier_token_stale) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  const auto first = this->claim("desk");
  this->stage_.advance(29s);
  EXPECT_TRUE(this->claim("desk").jobs.empty());
  this->stage_.advance(1s);
  const auto second = this->claim("desk");
  ASSERT_EQ(second.jobs.size(), 1u);
  EXPECT_EQ(this->end(first.jobs[0]), Verdict::stale);
  Batch batch;  // nothing of a refused batch is written
  batch.audit.emplace_back(kStart, "x", "x", "x", "x");
  batch.facts.push_back(a_fact(id, "e1"));
  batch.updates.emplace_back(first.jobs[0].job, first.jobs[0].lease.token, true);
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
  EXPECT_TRUE(this->load(id).facts.empty());
  EXPECT_EQ(this->load(id).jobs[1].state, JobState::pending);
  EXPECT_EQ(this->end(second.jobs[0]), Verdict::done);
  EXPECT_EQ(this->load(id).jobs[1].state, JobState::done);
}

TYPED_TEST(Conformance, an_expired_lease_is_good_until_somebody_else_claims) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  const auto claim = this->claim("desk");
  this->stage_.advance(1h);
  EXPECT_EQ(this->end(claim.jobs[0]), Verdict::done);
}

TYPED_TEST(Conformance, a_token_is_good_until_it_is_given_back) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  const auto claim = this->claim("desk");
  auto job = claim.jobs[0].job;
  const auto token = claim.jobs[0].lease.token;
  job.steps.emplace_back("ticket", "key 1", baton::Request("POST", "/tickets", "{}"));
  EXPECT_EQ(this->update(job, token, false), Verdict::done) << "an intent";
  EXPECT_TRUE(this->claim("desk").jobs.empty());
  job.steps[0].state = StepState::unknown;
  EXPECT_EQ(this->update(job, token, false), Verdict::done);
  EXPECT_EQ(this->update(job, token, true), Verdict::done);
  EXPECT_EQ(this->update(job, token, true), Verdict::stale);
  EXPECT_EQ(this->update(job, 0, true), Verdict::stale);
  const auto again = this->claim("desk");
  ASSERT_EQ(again.jobs.size(), 1u);
  EXPECT_EQ(again.jobs[0].job.steps.at(0).state, StepState::unknown);
  EXPECT_EQ(again.jobs[0].job.steps.at(0).write.body, "{}");
}

TYPED_TEST(Conformance, an_end_gives_the_lease_back) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  const auto claim = this->claim("desk");
  auto job = claim.jobs[0].job;
  job.state = JobState::done;
  EXPECT_EQ(this->update(job, claim.jobs[0].lease.token, false), Verdict::done);
  EXPECT_EQ(this->update(job, claim.jobs[0].lease.token, false), Verdict::stale);
}

TYPED_TEST(Conformance, a_refused_batch_gives_no_lease_back) {
  const auto a = this->opened("a"), b = this->opened("b");
  ASSERT_EQ(this->add_job(a_job(a, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(b, "desk", Operation::open_ticket)), Verdict::done);
  const auto claim = this->claim("desk");
  Batch batch;
  batch.updates.emplace_back(claim.jobs[0].job, claim.jobs[0].lease.token, true);
  batch.updates.emplace_back(claim.jobs[1].job, claim.jobs[0].lease.token, true);
  EXPECT_EQ(this->verdict(batch), Verdict::stale);
  EXPECT_TRUE(this->claim("desk").jobs.empty()) << "both are still leased";
  EXPECT_EQ(this->end(claim.jobs[0]), Verdict::done);
}

TYPED_TEST(Conformance, a_token_is_good_for_its_own_job_only) {
  const auto a = this->opened("a"), b = this->opened("b");
  ASSERT_EQ(this->add_job(a_job(a, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(b, "desk", Operation::open_ticket)), Verdict::done);
  const auto claim = this->claim("desk");
  EXPECT_EQ(this->update(claim.jobs[0].job, claim.jobs[1].lease.token), Verdict::stale);
}

TYPED_TEST(Conformance, a_restart_frees_every_job_and_repeats_no_token) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  const auto before = this->claim("desk");
  this->reopen();
  const auto after = this->claim("desk");
  ASSERT_EQ(after.jobs.size(), 1u);
  EXPECT_GT(after.jobs[0].lease.token, before.jobs[0].lease.token);
  EXPECT_EQ(this->end(before.jobs[0]), Verdict::stale);
  EXPECT_EQ(this->end(after.jobs[0]), Verdict::done);
}

// --- jobs

TYPED_TEST(Conformance, a_job_key_exists_once) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::add_note)), Verdict::done);
  EXPECT_EQ(this->add_job(a_job(id, "desk", Operation::add_note)), Verdict::stale);
  EXPECT_EQ(this->add_job(a_job(id, "desk", Operation::add_note, 2)), Verdict::done);
  Batch twice;
  twice.jobs.push_back(a_job(id, "desk", Operation::add_note, 3));
  twice.jobs.push_back(a_job(id, "desk", Operation::add_note, 3));
  EXPECT_EQ(this->verdict(twice), Verdict::stale);
  EXPECT_EQ(this->load(id).jobs.size(), 3u);
}

TYPED_TEST(Conformance, only_dead_letters_and_failed_reads_are_replayed) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::read_context)), Verdict::done);
  EXPECT_EQ(this->replay(a_job(id, "desk", Operation::open_ticket)), Verdict::stale) << "pending";
  EXPECT_EQ(this->replay(a_job(id, "desk", Operation::add_note)), Verdict::stale) << "no such job";
  auto claim = this->claim("desk");
  ASSERT_EQ(this->end(claim.jobs[0], JobState::failed), Verdict::done);
  ASSERT_EQ(this->end(claim.jobs[1], JobState::dead), Verdict::done);
  EXPECT_EQ(this->replay(claim.jobs[0].job), Verdict::done);
  EXPECT_EQ(this->replay(claim.jobs[1].job), Verdict::done);
  EXPECT_EQ(this->replay(claim.jobs[1].job), Verdict::stale) << "twice";
  EXPECT_TRUE(this->claim_plans().jobs.empty()) << "they have not ended";
  claim = this->claim("desk");
  ASSERT_EQ(claim.jobs.size(), 2u);
  EXPECT_EQ(claim.jobs[1].job.replays, 1);
  ASSERT_EQ(this->end(claim.jobs[1]), Verdict::done);
  EXPECT_EQ(this->replay(claim.jobs[1].job), Verdict::stale) << "done";
  EXPECT_EQ(this->claim_plans().jobs.at(0).unconsumed.size(), 1u);
}

TYPED_TEST(Conformance, a_replayed_delivery_takes_its_old_place_in_line) {
  const auto id = this->opened("1");
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::add_note)), Verdict::done);
  const auto ticket = this->claim("desk");
  ASSERT_EQ(this->end(ticket.jobs[0], JobState::dead), Verdict::done);
  ASSERT_EQ(this->replay(ticket.jobs[0].job), Verdict::done);
  using Texts = typename TestFixture::Texts;
  EXPECT_EQ(this->keys(this->claim("desk")), Texts{"hof_1/desk/open_ticket/1"});
}

TYPED_TEST(Conformance, a_job_comes_back_as_it_was) {
  const auto id = this->opened("1");
  auto job = a_job(id, "desk", Operation::add_note, 7);
  job.subject = {{"text", "caf\xc3\xa9"}};
  job.deadline = kStart + 3s;
  job.failure.emplace(FailureKind::rate_limited, "slow down", kStart + 9s);
  ASSERT_EQ(this->add_job(job), Verdict::done);
  this->reopen();
  const auto seen = this->load(id).jobs.at(1);
  EXPECT_EQ(seen.key, job.key);
  EXPECT_EQ(seen.subject, job.subject);
  EXPECT_EQ(seen.deadline, job.deadline);
  EXPECT_EQ(seen.failure->not_before, kStart + 9s);
  EXPECT_EQ(this->claim("desk").jobs.at(0).job.subject, job.subject);
}

// --- questions

TYPED_TEST(Conformance, handoffs_are_found_by_each_part_newest_first) {
  const auto one = this->opened("1", "chat 1", kStart), two = this->opened("2", "chat 2", kStart + 1min);
  ASSERT_EQ(this->close(one), Verdict::done);
  const auto three = this->opened("3", "chat 1", kStart + 2min);
  Batch batch;
  batch.opens = a_handoff("4", "chat 1", kStart + 3min);
  batch.opens->workspace = WorkspaceId("other");
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  using Texts = typename TestFixture::Texts;
  const auto ask = [&](HandoffQuery query) {
    return this->ids(this->stage_.call(this->journal_->query(query)));
  };
  HandoffQuery all;
  EXPECT_EQ(ask(all), (Texts{"hof_4", "hof_3", "hof_2", "hof_1"}));
  all.limit = 2;
  EXPECT_EQ(ask(all), (Texts{"hof_4", "hof_3"}));
  all.before = three;
  EXPECT_EQ(ask(all), (Texts{"hof_2", "hof_1"}));
  HandoffQuery by;
  by.workspace = WorkspaceId("main");
  by.conversation = ConversationId("chat", "chat 1");
  EXPECT_EQ(ask(by), (Texts{"hof_3", "hof_1"}));
  by.open_only = true;
  EXPECT_EQ(ask(by), (Texts{"hof_3"}));
  HandoffQuery state;
  state.state = State::returned;
  EXPECT_EQ(ask(state), (Texts{"hof_1"}));
  HandoffQuery range;
  range.from = kStart + 1min;
  range.to = kStart + 3min;
  EXPECT_EQ(ask(range), (Texts{"hof_3", "hof_2"}));
}

// What figures are made of, whatever the handoff and however its event was written.
TYPED_TEST(Conformance, outlines_are_those_of_the_handoffs_in_pages_newest_first) {
  RandomHandoffs random(7);
  std::vector<HandoffId> opened;
  for (int i = 0; i < 60; ++i) {
    Batch batch;
    auto& handoff = batch.opens.emplace(random.handoff("hof_" + std::to_string(i)));
    if (i % 2 == 0) handoff.data_text = random.oddly_written(handoff.data);
    opened.push_back(handoff.id);
    ASSERT_EQ(this->verdict(std::move(batch)), Verdict::done);
  }
  std::vector<Outline> wanted;
  for (const auto& id : opened) wanted.insert(wanted.begin(), Outline(this->load(id).handoff));
  for (const int limit : {1, 7, 20, 60, 500}) {
    OutlineQuery query;
    query.limit = limit;
    std::vector<Outline> found;
    do {
      const auto page = *this->stage_.call(this->journal_->query(query));
      EXPECT_LE(std::ssize(page.outlines), limit);
      EXPECT_FALSE(page.outlines.empty());
      found.insert(found.end(), page.outlines.begin(), page.outlines.end());
      query.before = page.next;
    } while (query.before != 0 && found.size() < 1000);
    EXPECT_TRUE(found == wanted) << limit;
  }
}

TYPED_TEST(Conformance, of_questions_alone_there_are_as_many_as_of_handoffs_in_the_same_order) {
  for (int i = 0; i < 5; ++i) {
    Batch batch;
    batch.opens = a_handoff("q" + std::to_string(i), "", kStart + i * 1min);
    batch.opens->owner = "U" + std::to_string(i);
    batch.opens->topics = {"fraud"};
    batch.opens->data = {{"intent", {{"name", "refund"}}},
                         {"customer", {{"name", "Ada"}}},
                         {"attempts", {{{"action", "asked"}}}},
                         {"transcript", {{{"role", "customer"}, {"text", "Where is it?"}}}}};
    ASSERT_EQ(this->verdict(std::move(batch)), Verdict::done);
  }
  HandoffQuery query;
  query.limit = 4;
  const auto whole = *this->stage_.call(this->journal_->query(query));
  query.question_only = true;
  const auto small = *this->stage_.call(this->journal_->query(query));
  ASSERT_EQ(small.size(), 4u);
  for (std::size_t i = 0; i < small.size(); ++i) {
    EXPECT_EQ(small[i].id, whole[i].id);
    EXPECT_EQ(small[i].owner, whole[i].owner);
    EXPECT_EQ(small[i].topics, whole[i].topics);
    EXPECT_EQ(small[i].requested_at, whole[i].requested_at);
    EXPECT_EQ(small[i].data, whole[i].data) << "without a summary all of it is the question";
  }
}

TYPED_TEST(Conformance, outlines_are_of_the_time_asked_for_and_of_no_case_of_our_own) {
  for (int i = 0; i < 4; ++i) this->opened(std::to_string(i), "", kStart + i * 1min);
  Batch batch;
  batch.opens = a_handoff("own", "", kStart + 1min);
  batch.opens->conversation.source = "baton:alerts";
  ASSERT_EQ(this->verdict(std::move(batch)), Verdict::done);
  OutlineQuery query;
  const auto times = [&] {
    std::vector<Duration> found;
    const auto page = *this->stage_.call(this->journal_->query(query));
    EXPECT_EQ(page.next, 0u);
    for (const auto& outline : page.outlines) found.push_back(outline.requested_at - kStart);
    return found;
  };
  EXPECT_EQ(times(), (std::vector<Duration>{3min, 2min, 1min, 0min}));
  query.from = kStart + 1min;
  query.to = kStart + 3min;
  EXPECT_EQ(times(), (std::vector<Duration>{2min, 1min}));
}

TYPED_TEST(Conformance, handoffs_are_found_by_the_object_of_a_receipt_there) {
  for (const auto* id : {"1", "2"}) {
    const auto handoff = this->opened(id);
    ASSERT_EQ(this->add_job(a_job(handoff, "desk", Operation::open_ticket)), Verdict::done);
    auto claim = this->claim("desk");
    claim.jobs[0].job.receipt = Receipt(std::string("T-") + id);
    ASSERT_EQ(this->end(claim.jobs[0]), Verdict::done);
  }
  const auto ask = [&](const std::string& lane, const std::string& object) {
    HandoffQuery query;
    query.object.emplace(DestinationId(lane), object);
    return this->ids(this->stage_.call(this->journal_->query(query)));
  };
  using Texts = typename TestFixture::Texts;
  EXPECT_EQ(ask("desk", "T-2"), Texts{"hof_2"});
  EXPECT_EQ(ask("crm", "T-2"), Texts{});
  EXPECT_EQ(ask("desk", "T-3"), Texts{});
}

TYPED_TEST(Conformance, jobs_are_found_by_each_part_in_pages) {
  const auto a = this->opened("a"), b = this->opened("b");
  for (int i = 1; i <= 5; ++i) {
    auto job = a_job(a, "desk", Operation::add_note, i, kStart + i * 1s);
    if (i > 3) job.failure.emplace(FailureKind::rejected, "no");
    ASSERT_EQ(this->add_job(job), Verdict::done);
  }
  ASSERT_EQ(this->add_job(a_job(b, "crm", Operation::read_context)), Verdict::done);
  ASSERT_EQ(this->end(this->claim("crm").jobs[0], JobState::failed), Verdict::done);
  const auto ask = [&](const JobQuery& query) { return *this->stage_.call(this->journal_->query(query)); };
  const auto count = [&](const JobQuery& query) { return *this->stage_.call(this->journal_->count(query)); };
  JobQuery notes;
  EXPECT_TRUE(notes.empty());
  notes.operation = Operation::add_note;
  notes.limit = 2;
  EXPECT_EQ(count(notes), 5u);
  std::vector<int> sequences;
  int pages = 0;
  for (;; ++pages) {
    const auto page = ask(notes);
    for (const auto& job : page.jobs) sequences.push_back(job.key.sequence);
    if (page.next == 0) break;
    notes.after = page.next;
  }
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(sequences, (std::vector<int>{1, 2, 3, 4, 5}));
  JobQuery by;
  by.state = JobState::failed;
  EXPECT_EQ(ask(by).jobs.at(0).key.lane, Lane("crm"));
  EXPECT_EQ(count(by), 1u);
  by = {};
  by.lane = Lane("desk");
  by.state = JobState::pending;
  EXPECT_EQ(count(by), 5u);
  by = {};
  by.failure = FailureKind::rejected;
  EXPECT_EQ(count(by), 2u);
  by.from = kStart + 5s;
  EXPECT_EQ(count(by), 1u);
  by = {};
  by.to = kStart + 2s;
  by.operation = Operation::add_note;
  EXPECT_EQ(count(by), 1u);
  by = {};
  by.handoff = b;
  EXPECT_EQ(count(by), 2u);
}

TYPED_TEST(Conformance, an_unknown_handoff_is_rejected) {
  const auto record = this->stage_.call(this->journal_->load(HandoffId("hof_none")));
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, FailureKind::rejected);
}

TYPED_TEST(Conformance, lane_states_are_replaced_and_audit_is_appended) {
  Batch batch;
  batch.lanes.emplace_back(Lane("desk"), true, "ann", "too many", kStart);
  batch.lanes.emplace_back(Lane("crm"), true, "baton", "quota", kStart);
  batch.lanes[1].until = kStart + 1h;
  batch.audit.emplace_back(kStart, "ann", "lanes.pause", "desk", "too many");
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  batch = {};
  batch.lanes.emplace_back(Lane("desk"), false, "bob", "fine again", kStart + 1h);
  batch.audit.emplace_back(kStart + 1h, "bob", "lanes.resume", "desk", "fine again");
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  this->reopen();
  const auto lanes = *this->stage_.call(this->journal_->lanes());
  ASSERT_EQ(lanes.size(), 2u);
  EXPECT_EQ(lanes[0].until, kStart + 1h);
  EXPECT_EQ(lanes[1].by, "bob");
  EXPECT_FALSE(lanes[1].paused);
  const auto audit = *this->stage_.call(this->journal_->audit(10));
  ASSERT_EQ(audit.size(), 2u);
  EXPECT_EQ(audit[0].what, "lanes.resume");
  EXPECT_EQ(this->stage_.call(this->journal_->audit(1))->size(), 1u);
}

// --- documents

TYPED_TEST(Conformance, a_document_is_replaced_only_by_who_knows_the_version_that_stands) {
  const auto put = [&](const std::string& text, int version) {
    Batch batch;
    batch.documents.emplace_back("presence", "ben", nlohmann::json(text), version);
    return this->verdict(std::move(batch));
  };
  EXPECT_EQ(put("too soon", 1), Verdict::stale);
  EXPECT_EQ(put("available", 0), Verdict::done);
  EXPECT_EQ(put("somebody else was first", 0), Verdict::stale);
  EXPECT_EQ(put("busy", 1), Verdict::done);
  this->reopen();
  const auto found = *this->stage_.call(this->journal_->query(DocumentQuery("presence")));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].key, "ben");
  EXPECT_EQ(found[0].body, "busy");
  EXPECT_EQ(found[0].version, 2);
}

TYPED_TEST(Conformance, a_stale_document_takes_the_whole_batch_with_it) {
  const auto handoff = this->opened("hof_1");
  Batch batch;
  batch.documents.emplace_back("defect", "d1", nlohmann::json(1), 3);
  batch.facts.push_back(a_fact(handoff, "news"));
  EXPECT_EQ(this->verdict(std::move(batch)), Verdict::stale);
  EXPECT_TRUE(this->load(handoff).facts.empty());
}

TYPED_TEST(Conformance, documents_are_found_by_kind_and_by_the_beginning_of_their_key_page_by_page) {
  Batch batch;
  for (const auto* key : {"a/2", "a/1", "b/1", "a/3"})
    batch.documents.emplace_back("shelf", key, nlohmann::json(key));
  batch.documents.emplace_back("other", "a/9", nlohmann::json(9));
  ASSERT_EQ(this->verdict(std::move(batch)), Verdict::done);
  const auto keys = [&](DocumentQuery query) {
    std::string all;
    const auto found = *this->stage_.call(this->journal_->query(std::move(query)));
    for (const auto& one : found) all += one.key + " ";
    return all;
  };
  EXPECT_EQ(keys(DocumentQuery("shelf")), "a/1 a/2 a/3 b/1 ");
  EXPECT_EQ(keys(DocumentQuery("shelf", "a/")), "a/1 a/2 a/3 ");
  EXPECT_EQ(keys(DocumentQuery("shelf", "a/", "a/1", 1)), "a/2 ");
  EXPECT_EQ(keys(DocumentQuery("shelf", "b/1")), "b/1 ");
  EXPECT_EQ(keys(DocumentQuery("nothing")), "");
}

TYPED_TEST(Conformance, a_removed_document_is_gone_and_may_be_written_anew) {
  const auto write = [&](nlohmann::json body, int version) {
    Batch batch;
    batch.documents.emplace_back("alert", "slack", std::move(body), version);
    return this->verdict(std::move(batch));
  };
  ASSERT_EQ(write("open", 0), Verdict::done);
  EXPECT_EQ(write({}, 7), Verdict::stale);
  EXPECT_EQ(write({}, 1), Verdict::done);
  EXPECT_TRUE(this->stage_.call(this->journal_->query(DocumentQuery("alert")))->empty());
  EXPECT_EQ(write("open again", 0), Verdict::done);
}

TYPED_TEST(Conformance, cases_of_our_own_are_not_among_the_handoffs_unless_asked_for) {
  this->opened("hof_1");
  Batch batch;
  batch.opens = a_handoff("hof_2");
  batch.opens->conversation = ConversationId("baton:alerts", "slack");
  ASSERT_EQ(this->verdict(std::move(batch)), Verdict::done);
  HandoffQuery query;
  EXPECT_EQ(this->stage_.call(this->journal_->query(query))->size(), 1u);
  query.own = true;
  EXPECT_EQ(this->stage_.call(this->journal_->query(query))->size(), 2u);
  query.own = false;
  query.conversation = ConversationId("baton:alerts", "slack");
  EXPECT_EQ(this->stage_.call(this->journal_->query(query))->size(), 1u);
}

// --- bells

TYPED_TEST(Conformance, bells_ring_for_the_lanes_concerned_and_no_others) {
  const std::vector<std::string> lanes = {"planner", "desk", "crm", "lanes"};
  std::vector<std::uint64_t> before;
  const auto rung = [&] {
    this->stage_.settle();
    std::string names;
    std::vector<std::uint64_t> now;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      now.push_back(this->journal_->changed(Lane(lanes[i])).count());
      if (!before.empty() && now[i] != before[i]) names += lanes[i] + " ";
    }
    before = now;
    return names;
  };
  rung();
  const auto id = this->opened("1");
  EXPECT_EQ(rung(), "planner ");
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::done);
  EXPECT_EQ(rung(), "planner ");
  ASSERT_EQ(this->add_fact(id, "e1"), Verdict::fact_known);
  EXPECT_EQ(rung(), "") << "refused";
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  EXPECT_EQ(rung(), "desk ");
  const auto claim = this->claim("desk");
  EXPECT_EQ(rung(), "");
  ASSERT_EQ(this->update(claim.jobs[0].job, claim.jobs[0].lease.token, false), Verdict::done);
  EXPECT_EQ(rung(), "") << "an intent";
  ASSERT_EQ(this->end(claim.jobs[0], JobState::dead), Verdict::done);
  EXPECT_EQ(rung(), "planner desk ");
  ASSERT_EQ(this->replay(claim.jobs[0].job), Verdict::done);
  EXPECT_EQ(rung(), "desk ");
  ASSERT_EQ(this->release(this->claim("desk").jobs[0], kStart + 1h), Verdict::done);
  EXPECT_EQ(rung(), "desk ");
  ASSERT_EQ(this->close(id), Verdict::done);
  EXPECT_EQ(rung(), "");
  Batch batch;
  batch.lanes.emplace_back(Lane("crm"), true, "ann", "", kStart);
  ASSERT_EQ(this->verdict(batch), Verdict::done);
  EXPECT_EQ(rung(), "lanes ");
}

TYPED_TEST(Conformance, a_station_that_waits_for_the_bell_sees_the_new_job) {
  const auto id = this->opened("1");
  auto waits = [&]() -> Task<Done> {
    auto& bell = this->journal_->changed(Lane("desk"));
    for (;;) {
      const auto seen = bell.count();
      const auto claim = co_await this->journal_->claim(Lane("desk"), 1, 30s, Take::all);
      if (!claim) co_return claim.error();
      if (!claim->jobs.empty()) co_return Done{};
      (void)co_await bell.wait(seen, this->stage_.clock, kStart + 24h);
    }
  };
  Scope scope(this->stage_.loop, this->stage_.clock);
  bool found = false;
  scope.spawn(waits(), [&](Result<Done> done) { found = done.has_value(); });
  this->stage_.settle();
  EXPECT_FALSE(found);
  ASSERT_EQ(this->add_job(a_job(id, "desk", Operation::open_ticket)), Verdict::done);
  this->stage_.settle();
  EXPECT_TRUE(found);
  EXPECT_EQ(this->stage_.clock.now(), kStart) << "no time has passed";
}

}  // namespace
}  // namespace baton::journal_testing
