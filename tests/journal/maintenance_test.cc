// What is old goes, what is needed stays, and a person can be forgotten: on every adapter.
#include <fstream>

#include "gateway/base/text.h"
#include "gateway/journal/retention.h"
#include "tests/journal/bench.h"

namespace baton::journal_testing {
namespace {

constexpr auto kDay = Duration{std::chrono::days(1)};
constexpr auto kCanary = "canary.person@example.com";

template <class A>
class Housekeeping : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    journal_.reset();
    journal_ = adapter_.open(stage_);
    maintenance_ = dynamic_cast<Maintenance*>(journal_.get());
    ASSERT_TRUE(maintenance_);
  }

  Verdict commit(Batch batch) {
    const auto committed = stage_.call(journal_->commit(std::move(batch)));
    EXPECT_TRUE(committed) << (committed ? "" : committed.error().detail);
    return committed ? committed->verdict : Verdict::stale;
  }
  std::optional<Record> find(const HandoffId& id) {
    auto record = stage_.call(journal_->load(id));
    return record ? std::optional(std::move(*record)) : std::nullopt;
  }

  // A handoff with an event, its plan and a ticket that was opened; planned and over, unless kept open.
  HandoffId lived(const std::string& id, const std::string& conversation = "", State state = State::returned,
                  JobState ticket = JobState::done, const std::string& email = "ada@example.com") {
    Batch batch;
    batch.opens = a_handoff(id, conversation, stage_.clock.now());
    const auto handoff = batch.opens->id;
    batch.opens->data["customer"] = {{"email", email}, {"id", "cus_" + id}};
    auto fact = a_fact(handoff, "e" + id, stage_.clock.now());
    std::get<Event>(fact.fact.happened).data["customer"]["email"] = email;
    batch.facts.push_back(std::move(fact));
    batch.jobs.push_back(a_plan(handoff));
    batch.jobs.push_back(a_job(handoff, "desk", Operation::open_ticket, 1, stage_.clock.now()));
    EXPECT_EQ(commit(std::move(batch)), Verdict::done);
    if (ticket != JobState::pending) work_desk(handoff, ticket, email);
    plan(handoff, state);
    return handoff;
  }
  void work_desk(const HandoffId& handoff, JobState ends, const std::string& email) {
    Batch batch;
    const auto claim = stage_.call(journal_->claim(Lane("desk"), 100, 30s));
    for (const auto& claimed : claim->jobs) {
      auto job = claimed.job;
      if (job.key.handoff == handoff) {
        job.state = ends;
        job.ended_at = stage_.clock.now();
        job.subject = {{"to", email}};
        job.receipt = Receipt("T-" + handoff.text);
        StepRecord step("ticket", "key",
                        Request("POST", "/tickets?for=" + percent_encode(email), "{\"" + email + "\"}"));
        step.state = StepState::done;
        job.steps.push_back(std::move(step));
        if (ends == JobState::dead) job.failure = Failure(FailureKind::rejected, "no such person " + email);
      }
      batch.updates.emplace_back(std::move(job), claimed.lease.token, true);
    }
    EXPECT_EQ(commit(std::move(batch)), Verdict::done);
  }
  void plan(const HandoffId& handoff, State state) {
    const auto claim = stage_.call(journal_->claim(planner_lane(), 100, 30s));
    for (const auto& claimed : claim->jobs) {
      Batch batch;
      for (const auto& fact : claimed.unconsumed) batch.consumes.push_back(fact.order);
      auto job = claimed.job;
      job.due = TimePoint::max();
      batch.updates.emplace_back(std::move(job), claimed.lease.token, true);
      if (claimed.job.key.handoff == handoff) {
        batch.moves = *claimed.handoff;
        batch.moves->state = state;
        batch.moves->passages.emplace_back(stage_.clock.now(), state, "");
      }
      EXPECT_EQ(commit(std::move(batch)), Verdict::done);
    }
  }
  Swept walk(RetentionPolicy policy = {}) {
    Retention retention(*maintenance_, stage_.clock, policy);
    auto swept = stage_.call(retention.walk({}));
    EXPECT_TRUE(swept) << (swept ? "" : swept.error().detail);
    return swept ? *swept : Swept();
  }

  Stage stage_;
  A adapter_;
  std::unique_ptr<Journal> journal_;
  Maintenance* maintenance_ = nullptr;
};

using KeepingAdapters = testing::Types<MemoryAdapter, SqliteAdapter>;
struct AdapterNames {
  template <class A>
  static std::string GetName(int) {
    return std::is_same_v<A, MemoryAdapter> ? "memory" : "sqlite";
  }
};
TYPED_TEST_SUITE(Housekeeping, KeepingAdapters, AdapterNames);

TYPED_TEST(Housekeeping, an_ended_handoff_loses_its_requests_then_its_events_then_goes) {
  const auto id = this->lived("1");
  EXPECT_EQ(this->walk().all(), 0u);
  this->stage_.advance(8 * kDay);
  auto swept = this->walk();
  EXPECT_EQ(swept.requests, 1u);
  EXPECT_EQ(swept.all(), 1u);
  auto record = this->find(id);
  ASSERT_TRUE(record);
  const auto& step = record->jobs.at(1).steps.at(0);
  EXPECT_EQ(step.write, Request("POST", "/tickets"));
  EXPECT_EQ(step.key, "key") << "what names the effect at the vendor stays";
  EXPECT_EQ(record->jobs.at(1).receipt.object_id, "T-hof_1");
  EXPECT_EQ(std::get<Event>(record->facts.at(0).happened).data["text"], "e1");
  EXPECT_EQ(this->walk().all(), 0u) << "once";

  this->stage_.advance(23 * kDay);
  swept = this->walk();
  EXPECT_EQ(swept.events, 1u);
  EXPECT_EQ(swept.all(), 1u);
  record = this->find(id);
  ASSERT_TRUE(record);
  EXPECT_TRUE(std::get<Event>(record->facts.at(0).happened).data.is_null());
  EXPECT_FALSE(record->handoff.data.is_null());
  Batch again;
  again.facts.push_back(a_fact(id, "e1"));
  EXPECT_EQ(this->commit(again), Verdict::fact_known) << "its key is known as long as it is there";

  this->stage_.advance(60 * kDay);
  swept = this->walk();
  EXPECT_EQ(swept.handoffs, 1u);
  EXPECT_FALSE(this->find(id));
  EXPECT_TRUE(this->stage_.call(this->journal_->query(JobQuery()))->jobs.empty());
  this->open();
  const auto next = this->lived("2", "of 1");
  EXPECT_EQ(this->find(next)->handoff.sequence, 1);
}

TYPED_TEST(Housekeeping, what_somebody_still_needs_stays_however_old) {
  const auto open = this->lived("open", "", State::waiting);
  const auto pending = this->lived("pending", "", State::returned, JobState::pending);
  const auto dead = this->lived("dead", "", State::failed, JobState::dead);
  const auto before = this->lived("before", "again");
  const auto after = this->lived("after", "again", State::active);
  const auto gone = this->lived("gone");
  const auto unheard = this->lived("unheard");
  Batch news;
  news.facts.push_back(a_fact(unheard, "late"));
  ASSERT_EQ(this->commit(std::move(news)), Verdict::done);
  this->stage_.advance(1000 * kDay);
  const auto swept = this->walk();
  EXPECT_EQ(swept.handoffs, 1u);
  EXPECT_FALSE(this->find(gone));
  for (const auto& id : {open, pending, dead, before, after, unheard}) {
    const auto record = this->find(id);
    ASSERT_TRUE(record) << id.text;
    EXPECT_FALSE(std::get<Event>(record->facts.at(0).happened).data.is_null()) << id.text;
  }
  EXPECT_EQ(this->find(after)->handoff.previous, before);
  const auto claim = this->stage_.call(this->journal_->claim(Lane("desk"), 10, 30s));
  ASSERT_EQ(claim->jobs.size(), 1u);
  EXPECT_EQ(claim->jobs[0].job.key.handoff, pending);
}

TYPED_TEST(Housekeeping, a_walk_takes_every_old_one_in_small_steps) {
  for (int i = 0; i < 40; ++i) (void)this->lived(std::to_string(i));
  this->stage_.advance(91 * kDay);
  const auto young = this->lived("young");
  Swept all;
  SweepPlace place;
  int steps = 0;
  for (;; ++steps) {
    ASSERT_LT(steps, 100);
    const auto before = cutoffs(RetentionPolicy(), this->stage_.clock.now());
    const auto swept = this->stage_.call(this->maintenance_->sweep(before, place, 7));
    ASSERT_TRUE(swept);
    EXPECT_LE(swept->handoffs, 7u);
    all.add(*swept);
    if (!swept->next) break;
    place = *swept->next;
  }
  EXPECT_GE(steps, 6);
  EXPECT_EQ(all.handoffs, 40u);
  EXPECT_TRUE(this->find(young));
}

TYPED_TEST(Housekeeping, audit_entries_and_documents_go_by_their_own_age) {
  Batch batch;
  for (int i = 0; i < 10; ++i) batch.audit.emplace_back(this->stage_.clock.now(), "ann", "replay", "", "why");
  batch.documents.emplace_back("defect", "old", nlohmann::json(1));
  batch.documents.emplace_back("defect", "kept", nlohmann::json(1));
  ASSERT_EQ(this->commit(std::move(batch)), Verdict::done);
  this->stage_.advance(300 * kDay);
  Batch later;
  later.audit.emplace_back(this->stage_.clock.now(), "ann", "replay", "", "why");
  later.documents.emplace_back("defect", "kept", nlohmann::json(2), 1);
  ASSERT_EQ(this->commit(std::move(later)), Verdict::done);
  this->stage_.advance(101 * kDay);
  const auto swept = this->walk();
  EXPECT_EQ(swept.audit, 10u);
  EXPECT_EQ(swept.documents, 1u);
  EXPECT_EQ(this->stage_.call(this->journal_->audit(100))->size(), 1u);
  const auto documents = this->stage_.call(this->journal_->query(DocumentQuery("defect")));
  ASSERT_EQ(documents->size(), 1u);
  EXPECT_EQ(documents->at(0).key, "kept");
}

TYPED_TEST(Housekeeping, zero_keeps_for_ever) {
  RetentionPolicy policy;
  policy.requests = policy.events = policy.handoffs = policy.audit = policy.documents = Duration{0};
  (void)this->lived("1");
  this->stage_.advance(2000 * kDay);
  EXPECT_EQ(this->walk(policy).all(), 0u);
}

TYPED_TEST(Housekeeping, a_person_is_forgotten_and_the_others_are_not) {
  const auto theirs = this->lived("theirs", "", State::returned, JobState::done, "Canary.Person@Example.com");
  const auto dead = this->lived("dead", "", State::failed, JobState::dead, kCanary);
  const auto open = this->lived("open", "line", State::waiting, JobState::pending, kCanary);
  const auto other = this->lived("other");
  Batch batch;
  batch.documents.emplace_back("defect", "d1", nlohmann::json{{"customers", {"bo@example.com", kCanary}}});
  batch.audit.emplace_back(kStart, "ann", "replay", "the one of CANARY.person@example.com", "asked");
  auto named = a_fact(other, "named");
  std::get<Event>(named.fact.happened).data["text"] = std::string("my colleague is ") + kCanary;
  batch.facts.push_back(std::move(named));
  ASSERT_EQ(this->commit(std::move(batch)), Verdict::done);
  const auto held = this->stage_.call(this->journal_->claim(Lane("desk"), 10, 30s));
  ASSERT_EQ(held->jobs.size(), 1u);

  Person person;
  person.email = kCanary;
  const auto erased = this->stage_.call(this->maintenance_->erase(person));
  ASSERT_TRUE(erased) << erased.error().detail;
  EXPECT_EQ(erased->handoffs, 3u);
  EXPECT_EQ(erased->mentions, 3u);

  const auto record = this->find(theirs);
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->handoff.data.is_null());
  EXPECT_EQ(record->jobs.at(1).receipt.object_id, "T-hof_theirs");
  EXPECT_TRUE(record->jobs.at(1).steps.empty());
  EXPECT_EQ(this->find(dead)->jobs.size(), 1u) << "a dead letter without its content is of no use";
  EXPECT_EQ(this->find(open)->handoff.state, State::cancelled);
  EXPECT_EQ(this->find(open)->jobs.size(), 1u) << "what was pending is not sent";
  Batch late;
  auto job = held->jobs[0].job;
  job.state = JobState::done;
  late.updates.emplace_back(job, held->jobs[0].lease.token, true);
  EXPECT_EQ(this->commit(late), Verdict::stale) << "whoever was at it finds the lease gone";
  EXPECT_EQ(this->find(other)->handoff.data["customer"]["email"], "ada@example.com");
  const auto named_in = this->find(other)->facts.at(1);
  EXPECT_EQ(std::get<Event>(named_in.happened).data["text"], "my colleague is [erased]");
  const auto documents = this->stage_.call(this->journal_->query(DocumentQuery("defect")));
  EXPECT_EQ(documents->at(0).body["customers"], (nlohmann::json{"bo@example.com", "[erased]"}));
  EXPECT_EQ(this->stage_.call(this->journal_->audit(1))->at(0).subject, "the one of [erased]");
  Batch next;
  next.opens = a_handoff("next", "line");
  EXPECT_EQ(this->commit(next), Verdict::done) << "the conversation may go on";
  EXPECT_EQ(this->stage_.call(this->maintenance_->erase(person))->handoffs, 0u);
}

TYPED_TEST(Housekeeping, a_customer_is_found_by_id_too) {
  (void)this->lived("1");
  (void)this->lived("2");
  Person person;
  person.customer = "cus_1";
  EXPECT_EQ(this->stage_.call(this->maintenance_->erase(person))->handoffs, 1u);
  EXPECT_TRUE(this->find(HandoffId("hof_1"))->handoff.data.is_null());
  EXPECT_FALSE(this->find(HandoffId("hof_2"))->handoff.data.is_null());
}

using SqliteHousekeeping = Housekeeping<SqliteAdapter>;

std::string files_of(const std::string& directory) {
  std::string all;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(file.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  for (auto& c : all) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return all;
}

TEST_F(SqliteHousekeeping, no_byte_of_a_forgotten_person_is_left_in_the_files_while_it_runs) {
  // So large that the records' pages are used, freed and used again.
  for (int i = 0; i < 60; ++i) {
    const bool theirs = i % 3 == 0;
    (void)lived(std::to_string(i), "", i % 4 == 0 ? State::waiting : State::returned,
                i % 5 == 0 ? JobState::dead : JobState::done, theirs ? kCanary : "ada@example.com");
  }
  const auto before = files_of(adapter_.directory());
  ASSERT_NE(before.find(kCanary), std::string::npos);
  Person person;
  person.email = kCanary;
  const auto erased = stage_.call(maintenance_->erase(person));
  ASSERT_TRUE(erased) << erased.error().detail;
  EXPECT_EQ(erased->handoffs, 20u);
  const auto after = files_of(adapter_.directory());
  EXPECT_EQ(after.find(kCanary), std::string::npos);
  EXPECT_EQ(after.find("canary.person"), std::string::npos);
  EXPECT_NE(after.find("ada@example.com"), std::string::npos);
  const auto report = stage_.call(dynamic_cast<SqliteJournal&>(*journal_).fsck());
  EXPECT_TRUE(report && report->sound()) << (report->damaged.empty() ? "" : report->damaged[0]);
}

TEST_F(SqliteHousekeeping, the_space_of_what_went_is_used_again) {
  const auto size = [&] { return std::filesystem::file_size(adapter_.directory() + "/journal.db"); };
  std::uintmax_t grown = 0;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 60; ++i) (void)lived(std::to_string(round) + "x" + std::to_string(i));
    stage_.advance(91 * kDay);
    EXPECT_EQ(walk().handoffs, 60u);
    open();  // and with it a checkpoint
    if (round == 1) grown = size();
  }
  EXPECT_LE(size(), grown + grown / 10);
}

TEST(RetentionPolicyText, is_read_and_refuses_what_would_lose_a_repetition) {
  const auto duration = [](const char* text) { return Node::make_scalar({}, text, false); };
  Problems problems;
  const auto read = read_retention(
      Node::make_map({}, {{"handoffs", {}, duration("60d")}, {"events", {}, duration("10d")}}), problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(read.handoffs, 60 * kDay);
  EXPECT_EQ(read.requests, 7 * kDay);
  (void)read_retention(Node::make_map({}, {{"handoffs", {}, duration("10d")},
                                           {"requests", {}, duration("0s")},
                                           {"evnts", {}, duration("1d")}}),
                       problems);
  std::string all;
  for (const auto& problem : problems.list()) all += problem.text() + "\n";
  EXPECT_NE(all.find("retention.handoffs: must be 30d or more"), std::string::npos) << all;
  EXPECT_NE(all.find("retention.requests: must not be longer than `events`"), std::string::npos) << all;
  EXPECT_NE(all.find("did you mean `events`"), std::string::npos) << all;
}

}  // namespace
}  // namespace baton::journal_testing
