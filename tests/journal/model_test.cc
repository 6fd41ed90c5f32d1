// Memory and SQLite side by side through thousands of random operations, SQLite reopened in
// between: every verdict, claim and answer is the same.
#include <fmt/format.h>

#include <random>

#include "tests/journal/bench.h"

namespace baton::journal_testing {
namespace {

std::string shown(TimePoint at) { return std::to_string(at.time_since_epoch().count()); }

std::string shown(const Job& job) {
  return fmt::format("{} {} due {} attempts {} consumed {} object {}", job.key.text(), name(job.state),
                     shown(job.due), job.attempts, job.consumed, job.receipt.object_id);
}

std::string shown(const Handoff& handoff) {
  return fmt::format("{} v{} {} #{} after {} {}", handoff.id.text, handoff.version, name(handoff.state),
                     handoff.sequence, handoff.previous.text, handoff.data.dump());
}

std::string shown(const Fact& fact) {
  if (const auto* event = std::get_if<Event>(&fact.happened)) return event->key.id + " " + event->data.dump();
  return shown(std::get<Job>(fact.happened));
}

std::string shown(const Claim& claim) {
  std::string text = "next " + shown(claim.next) + "\n";
  for (const auto& claimed : claim.jobs) {
    text +=
        shown(claimed.job) + " until " + shown(claimed.lease.until) + " of " + shown(*claimed.handoff) + "\n";
    for (const auto& fact : claimed.unconsumed) text += "  " + shown(fact) + "\n";
  }
  return text;
}

std::string shown(const Committed& committed) {
  return fmt::format("{} {} {}", static_cast<int>(committed.verdict), committed.handoff.text,
                     committed.digest);
}

std::string shown(const Record& record) {
  std::string text = shown(record.handoff) + "\n";
  for (const auto& fact : record.facts) text += shown(fact) + "\n";
  for (const auto& job : record.jobs) text += shown(job) + "\n";
  return text;
}

// The same thing in both: tokens and orders are numbers of the journal's own choice.
struct Pair {
  Claimed memory;
  Claimed sqlite;
};

class Twins {
 public:
  explicit Twins(unsigned seed) : random_(seed) {
    if (seed % 3 == 0) sqlite_adapter_ = std::make_unique<CrowdedSqliteAdapter>(1400);
    open();
  }

  void step() {
    switch (pick(22)) {
      case 0:
      case 1:
      case 2: return open_handoff();
      case 3:
      case 4:
      case 5: return add_fact();
      case 6:
      case 7:
      case 8:
      case 9: return add_jobs();
      case 10:
      case 11:
      case 12: return claim();
      case 13:
      case 14:
      case 15:
      case 16: return work();
      case 17: return move();
      case 18: return replay();
      case 19: return stage_.advance(pick(40) * 1s);
      case 20: return ask();
      default: return pick(4) == 0 ? open() : claim();
    }
  }
  void ask() {
    const auto id = some_handoff();
    const auto ours = stage_.call(memory_->load(id)), theirs = stage_.call(sqlite_->load(id));
    ASSERT_EQ(bool(ours), bool(theirs));
    if (ours) ASSERT_EQ(shown(*ours), shown(*theirs));
    JobQuery jobs;
    if (pick(2)) jobs.state = static_cast<JobState>(pick(4));
    if (pick(2)) jobs.lane = some_lane();
    if (pick(3) == 0) jobs.operation = Operation::add_note;
    ASSERT_EQ(*stage_.call(memory_->count(jobs)), *stage_.call(sqlite_->count(jobs)));
    std::string a, b;
    const auto our_jobs = stage_.call(memory_->query(jobs)), their_jobs = stage_.call(sqlite_->query(jobs));
    for (const auto& job : our_jobs->jobs) a += shown(job) + "\n";
    for (const auto& job : their_jobs->jobs) b += shown(job) + "\n";
    ASSERT_EQ(a, b);
    HandoffQuery handoffs;
    handoffs.open_only = pick(2) == 0;
    if (pick(2)) handoffs.conversation = some_conversation();
    if (pick(3) == 0) handoffs.object.emplace(some_lane(), "T-" + std::to_string(pick(5)));
    std::string c, d;
    const auto our_handoffs = stage_.call(memory_->query(handoffs));
    const auto their_handoffs = stage_.call(sqlite_->query(handoffs));
    for (const auto& handoff : *our_handoffs) c += shown(handoff) + "\n";
    for (const auto& handoff : *their_handoffs) d += shown(handoff) + "\n";
    ASSERT_EQ(c, d);
  }
  // Every lane gives the same until it gives nothing more, and SQLite finds its file sound.
  void drain() {
    stage_.advance(1h);
    for (const auto* lane : {"planner", "desk", "crm"}) claim_from(Lane(lane), 1000);
    const auto report = stage_.call(static_cast<SqliteJournal&>(*sqlite_).fsck());
    ASSERT_TRUE(report->sound()) << report->damaged.size();
  }
  int done() const { return done_; }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  Lane some_lane() { return Lane(pick(2) ? "desk" : "crm"); }
  ConversationId some_conversation() {
    const auto which = pick(30);
    return ConversationId(which % 3 == 0 ? "mail" : "chat", "c" + std::to_string(which));
  }
  HandoffId some_handoff() {
    return HandoffId("hof_" + std::to_string(pick(20) ? 1 + pick(std::max(1, handoffs_)) : 0));
  }

  void open() {
    memory_.reset();
    sqlite_.reset();
    memory_ = memory_adapter_.open(stage_);
    sqlite_ = sqlite_adapter_->open(stage_);
  }
  bool commit(Batch ours, Batch theirs) {
    const auto a = stage_.call(memory_->commit(std::move(ours)));
    const auto b = stage_.call(sqlite_->commit(std::move(theirs)));
    EXPECT_TRUE(a && b);
    EXPECT_EQ(shown(*a), shown(*b));
    if (a->done()) ++done_;
    return a->done();
  }
  void commit(const Batch& batch) { commit(batch, batch); }

  NewFact fact_for(const HandoffId& handoff) {
    return journal_testing::a_fact(handoff, "e" + std::to_string(pick(40) ? ++facts_ : pick(facts_ + 1)));
  }
  Job job_for(const HandoffId& handoff) {
    const auto operation = std::array{Operation::add_note, Operation::open_ticket,
                                      Operation::read_context}[static_cast<std::size_t>(pick(3))];
    return a_job(handoff, some_lane().text, operation, 1 + pick(60),
                 stage_.clock.now() + (pick(60) - 30) * 1s);
  }
  void open_handoff() {
    Batch batch;
    batch.opens = a_handoff(std::to_string(pick(10) ? ++handoffs_ : pick(handoffs_ + 1)));
    batch.opens->conversation = some_conversation();
    const auto id = batch.opens->id;
    if (pick(4)) batch.facts.push_back(fact_for(id));
    if (pick(8)) batch.jobs.push_back(a_plan(id));
    if (pick(4) == 0) batch.jobs.push_back(job_for(id));
    commit(batch);
  }
  void add_fact() {
    Batch batch;
    for (int i = pick(3); i >= 0; --i) batch.facts.push_back(fact_for(some_handoff()));
    commit(batch);
  }
  void add_jobs() {
    Batch batch;
    for (int i = pick(3); i >= 0; --i) batch.jobs.push_back(job_for(some_handoff()));
    commit(batch);
  }
  void move() {
    const auto record = stage_.call(memory_->load(some_handoff()));
    if (!record) return;
    Batch batch;
    batch.moves = record->handoff;
    batch.moves->state = static_cast<State>(pick(10));
    if (pick(5) == 0) batch.moves->version += pick(3) - 1;
    if (pick(3) == 0) batch.jobs.push_back(job_for(batch.moves->id));
    commit(batch);
  }
  void replay() {
    JobQuery query;
    query.state = pick(2) ? JobState::dead : JobState::failed;
    const auto page = stage_.call(memory_->query(query));
    Batch batch;
    batch.audit.emplace_back(kStart, "ann", "replay", "some", "why not");
    for (const auto& job : page->jobs) {
      if (pick(3)) continue;
      batch.replays.push_back(job);
      batch.replays.back().state = JobState::pending;
    }
    if (pick(5) == 0) batch.replays.push_back(job_for(some_handoff()));
    commit(batch);
  }
  void claim() { claim_from(pick(2) ? planner_lane() : some_lane(), 1 + pick(6)); }
  void claim_from(const Lane& lane, int limit) {
    const auto only = pick(5) ? Take::all : pick(2) ? Take::reads : Take::ahead;
    auto a = stage_.call(memory_->claim(lane, limit, 20s, only));
    auto b = stage_.call(sqlite_->claim(lane, limit, 20s, only));
    ASSERT_EQ(shown(*a), shown(*b)) << lane.text;
    for (std::size_t i = 0; i < a->jobs.size(); ++i) {
      held_.push_back(Pair{std::move(a->jobs[i]), std::move(b->jobs[i])});
    }
  }
  // Goes on with something that was claimed, long ago perhaps.
  void work() {
    if (held_.empty()) return;
    const auto at = held_.begin() + (pick(2) ? std::ssize(held_) - 1 : pick(static_cast<int>(held_.size())));
    auto job = at->memory.job;
    ++job.attempts;
    job.due = stage_.clock.now() + pick(30) * 1s;
    const bool plan = job.key.lane == planner_lane();
    if (pick(plan ? 12 : 2) == 0) {
      job.state = static_cast<JobState>(1 + pick(3));
      job.ended_at = stage_.clock.now();
      if (pick(2)) job.receipt = Receipt("T-" + std::to_string(pick(5)));
    }
    const bool release = pick(4) != 0;
    Batch ours, theirs;
    ours.updates.emplace_back(job, at->memory.lease.token, release);
    theirs.updates.emplace_back(job, at->sqlite.lease.token, release);
    for (std::size_t i = 0; i < at->memory.unconsumed.size(); ++i) {
      if (pick(6) == 0) continue;
      ours.consumes.push_back(at->memory.unconsumed[i].order);
      theirs.consumes.push_back(at->sqlite.unconsumed[i].order);
    }
    if (pick(3) == 0) ours.jobs.push_back(job_for(job.key.handoff));
    theirs.jobs = ours.jobs;
    if (commit(std::move(ours), std::move(theirs)) && release) held_.erase(at);
  }

  std::mt19937 random_;
  Stage stage_;
  MemoryAdapter memory_adapter_;
  std::unique_ptr<SqliteAdapter> sqlite_adapter_ = std::make_unique<SqliteAdapter>();
  std::unique_ptr<Journal> memory_, sqlite_;
  std::vector<Pair> held_;
  int handoffs_ = 0, facts_ = 0, done_ = 0;
};

class Model : public testing::TestWithParam<unsigned> {};

TEST_P(Model, memory_and_sqlite_answer_alike) {
  Twins twins(GetParam());
  for (int i = 0; i < 1500; ++i) {
    ASSERT_NO_FATAL_FAILURE(twins.step()) << "seed " << GetParam() << " step " << i;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << GetParam() << " step " << i;
  }
  ASSERT_NO_FATAL_FAILURE(twins.drain());
  EXPECT_GT(twins.done(), 250);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Model, testing::Range(1u, 13u));

}  // namespace
}  // namespace baton::journal_testing
