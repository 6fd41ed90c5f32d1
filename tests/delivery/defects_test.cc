// Purpose: handoffs that met the same bug, planned at one instant on several nodes, through crashes of the
// journal's answer: one report, everybody on it, everybody told.
#include <gtest/gtest.h>

#include <set>

#include "gateway/base/json_view.h"
#include "gateway/handoff/defect.h"
#include "gateway/planner/planner.h"
#include "tests/delivery/bench.h"
#include "tests/tell/shipped.h"
#include "tests/support/passing_journal.h"

namespace baton::delivery_testing {
namespace {

using nlohmann::json;

const DestinationId kTracker("tracker"), kBot("bot");

// A journal on the far side of a network: each question and each commit takes its own time to arrive.
class FarJournal final : public PassingJournal {
 public:
  using PassingJournal::query;
  FarJournal(Journal& inner, Clock& clock, Random& random)
      : PassingJournal(inner), clock_(clock), random_(random) {}

  Task<Committed> commit(Batch batch) override {
    (void)co_await way();
    auto verdict = co_await inner_.commit(std::move(batch));
    stale += verdict && verdict->verdict == Verdict::stale;
    co_return verdict;
  }
  Task<std::vector<Document>> query(DocumentQuery query) override {
    auto found = co_await inner_.query(std::move(query));
    (void)co_await way();
    co_return found;
  }

  int stale = 0;

 private:
  Task<Done> way() {
    return clock_.until(clock_.now() + Duration{static_cast<Duration::rep>(random_.bits() % 5)});
  }
  Clock& clock_;
  Random& random_;
};

const json kError = {{"code", "PSP-502"}, {"component", "payments"}};

// Several nodes over one store. What delivery would do is done by done().
class Nodes {
 public:
  explicit Nodes(int count, MemoryStore& store_in, handoff::BugPolicy policy = {}, std::uint64_t seed = 7)
      : store(store_in), clock(loop_, kStart), memory_(store, clock), random_(seed),
        far(memory_, clock, random_), scope_(loop_.get_executor(), clock) {
    store.end_leases();
    for (int i = 0; i < count; ++i) {
      planners_.push_back(std::make_unique<Planner>(far, clock, random_, rules_, abilities_, patience_,
                                                    tell_testing::shipped(), policy));
      scope_.spawn(planners_.back()->run(scope_.stop_token()));
    }
  }

  HandoffId asks(const std::string& id, const std::string& type = "handoff.requested",
                 const json& error = kError) {
    Route route;
    route.bugs = kTracker;
    route.can[kTracker] = {Operation::file_bug, Operation::link_bug};
    const bool own = type == "error.reported";
    if (!own) {
      route.tickets = kDesk;
      route.platform = kBot;
    }
    const HandoffId handoff("hof_" + id);
    const auto conversation =
        own ? ConversationId(std::string(handoff::kBugCases), "main/chat/" + id) : ConversationId("chat", id);
    json data = {{"customer", {{"company", "company " + id}}}, {"errors", json::array({error})}};
    if (!own) data["conversation"] = {{"id", id}};
    Batch batch;
    batch.opens.emplace(handoff, WorkspaceId("main"), conversation, Priority::normal, route, clock.now());
    Job plan(JobKey(handoff, planner_lane(), Upkeep::plan), TimePoint::max());
    plan.conversation = conversation;
    batch.jobs.push_back(std::move(plan));
    batch.facts.emplace_back(handoff, "main/chat/" + id,
                             Fact(clock.now(), Event(EventKey(WorkspaceId("main"), "chat", id), type,
                                                     conversation, Priority::normal, std::move(data))));
    commit(std::move(batch));
    return handoff;
  }
  void says(SignalKind kind, const HandoffId& handoff, const std::string& id) {
    Signal signal(kind, id, "ENG-1", "dana");
    signal.from = kTracker;
    Batch batch;
    batch.facts.emplace_back(handoff, "signal:" + id, Fact(clock.now(), std::move(signal)));
    commit(std::move(batch));
  }
  void run(Duration time) {
    bool over = false;
    scope_.spawn(clock.until(clock.now() + time), [&](Result<Done>) { over = true; });
    clock.run(TimePoint::max(), [&] { return over; });
  }

  std::vector<Job> jobs(Operation operation) {
    std::vector<Job> found;
    for (const auto& [position, row] : store.jobs)
      if (row.job.key.work == Work(operation)) found.push_back(row.job);
    return found;
  }
  // All pending deliveries of this kind are done.
  void done(Operation operation, const Lane& lane, const std::string& receipt) {
    std::optional<Claim> claim;
    scope_.spawn(memory_.claim(lane, 1000, 10s, Take::all),
                 [&](Result<Claim> got) { claim = std::move(*got); });
    clock.run(clock.now(), [&] { return claim.has_value(); });
    Batch batch;
    for (auto& claimed : claim->jobs) {
      if (claimed.job.key.work == Work(operation)) {
        claimed.job.state = JobState::done;
        claimed.job.ended_at = clock.now();
        claimed.job.receipt = Receipt(receipt, "https://t.example/" + receipt);
      }
      batch.updates.emplace_back(std::move(claimed.job), claimed.lease.token, true);
    }
    commit(std::move(batch));
  }
  const Handoff& handoff(const HandoffId& id) { return *store.handoffs.at(id).handoff; }
  handoff::KnownBug bug() {
    for (const auto& [key, document] : store.documents)
      if (key.first == handoff::kDefectKind) return *handoff::read_known_bug(document.body);
    ADD_FAILURE() << "no defect";
    return {};
  }
  std::size_t defects() {
    std::size_t n = 0;
    for (const auto& [key, document] : store.documents) n += key.first == handoff::kDefectKind;
    return n;
  }
  std::vector<std::string> notes(const HandoffId& id) {
    std::vector<std::string> all;
    for (const auto& job : jobs(Operation::add_note))
      if (job.key.handoff == id) all.push_back(job.subject.value("text", ""));
    return all;
  }

  MemoryStore& store;

 private:
  void commit(Batch batch) {
    bool done = false;
    scope_.spawn(memory_.commit(std::move(batch)),
                 [&](Result<Committed> result) { done = result && result->done(); });
    clock.run(clock.now(), [&] { return done; });
    BATON_CHECK(done);
  }
  Loop loop_;

 public:
  VirtualClock clock;

 private:
  MemoryJournal memory_;
  Random random_;

 public:
  FarJournal far;

 private:
  handoff::Rules rules_;
  Abilities abilities_;
  handoff::Patience patience_;
  std::vector<std::unique_ptr<Planner>> planners_;
  Scope scope_;
};

TEST(Defects, three_customers_at_one_instant_on_three_nodes_make_one_report) {
  int conflicts = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    MemoryStore store;
    Nodes nodes(3, store, {}, seed);
    std::vector<HandoffId> all;
    for (const auto* id : {"a", "b", "c", "d", "e", "f"}) all.push_back(nodes.asks(id));
    nodes.run(1min);
    ASSERT_EQ(nodes.defects(), 1u);
    ASSERT_EQ(nodes.jobs(Operation::file_bug).size(), 1u);
    EXPECT_EQ(nodes.bug().customers.size(), 6u);
    EXPECT_EQ(nodes.bug().occurrences, 6);
    for (const auto& id : all) EXPECT_EQ(nodes.handoff(id).defects.size(), 1u);
    nodes.done(Operation::file_bug, kTracker, "ENG-1");
    nodes.done(Operation::open_ticket, kDesk, "T-1");
    nodes.run(1min);
    const auto links = nodes.jobs(Operation::link_bug);
    std::set<HandoffId> linked;
    std::int64_t most = 0;
    for (const auto& job : links) {
      linked.insert(job.key.handoff);
      most = std::max(most, JsonView(job.subject).at_path("defect.customers").integer().value_or(0));
      EXPECT_EQ(job.subject["issue"]["id"], "ENG-1");
    }
    EXPECT_EQ(linked.size(), 6u);
    EXPECT_EQ(most, 6);
    conflicts += nodes.far.stale;
  }
  EXPECT_GT(conflicts, 20) << "the nodes never met";
}

TEST(Defects, a_fixed_one_is_told_to_every_ticket_and_every_waiting_customer_once) {
  MemoryStore store;
  Nodes nodes(2, store);
  std::vector<HandoffId> all;
  for (const auto* id : {"a", "b", "c", "d"}) all.push_back(nodes.asks(id));
  nodes.run(1min);
  nodes.done(Operation::open_ticket, kDesk, "T-1");
  nodes.done(Operation::file_bug, kTracker, "ENG-1");
  nodes.run(1min);
  const auto filer = nodes.jobs(Operation::file_bug).at(0).key.handoff;
  nodes.says(SignalKind::claimed, filer, "s1");
  nodes.run(1min);
  const auto fifth = nodes.asks("e");
  nodes.run(1min);
  EXPECT_EQ(handoff::in_words(nodes.bug()).substr(0, 23), "Known bug ENG-1: 5 cust");
  EXPECT_EQ(nodes.handoff(fifth).defects.at(0).known["status"], "fix planned");
  EXPECT_EQ(nodes.handoff(fifth).defects.at(0).known["customers"], 5);
  nodes.done(Operation::open_ticket, kDesk, "T-2");
  nodes.run(1min);

  nodes.says(SignalKind::solved, filer, "s2");
  nodes.says(SignalKind::solved, filer, "s3");
  nodes.run(1min);
  all.push_back(fifth);
  for (const auto& id : all) {
    const auto notes = nodes.notes(id);
    EXPECT_EQ(std::ranges::count(notes, "The bug report https://t.example/ENG-1 is done."), 1) << id.text;
  }
  std::size_t told = 0;
  for (const auto& job : nodes.jobs(Operation::emit)) told += job.subject["type"] == "handoff.message";
  EXPECT_EQ(told, all.size());

  // It comes back: a new generation of the same bug, filed by whoever met it.
  nodes.run(2h);
  const auto again = nodes.asks("f");
  nodes.run(1min);
  const auto reports = nodes.jobs(Operation::file_bug);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[1].key.handoff, again);
  EXPECT_EQ(reports[1].subject["defect"]["generation"], 2);
  EXPECT_NE(nodes.notes(filer).back().find("has been met again"), std::string::npos);
}

TEST(Defects, an_error_without_a_handoff_counts_and_is_no_handoff) {
  MemoryStore store;
  Nodes nodes(1, store);
  const auto first = nodes.asks("a", "error.reported");
  nodes.run(1s);
  EXPECT_EQ(name(nodes.handoff(first).state), "returned");
  (void)nodes.asks("b");
  const auto third = nodes.asks("c", "error.reported");
  nodes.run(1min);
  ASSERT_EQ(nodes.jobs(Operation::file_bug).size(), 1u);
  EXPECT_EQ(nodes.bug().customers.size(), 3u);
  nodes.done(Operation::file_bug, kTracker, "ENG-1");
  nodes.run(1min);
  EXPECT_EQ(name(nodes.handoff(third).state), "returned");
  EXPECT_EQ(nodes.jobs(Operation::open_ticket).size(), 1u);
  for (const auto& job : nodes.jobs(Operation::emit)) EXPECT_EQ(job.key.handoff.text, "hof_b");
  std::set<HandoffId> linked;
  for (const auto& job : nodes.jobs(Operation::link_bug)) linked.insert(job.key.handoff);
  EXPECT_TRUE(linked.contains(first));
}

TEST(Defects, other_words_for_the_same_error_find_it_by_its_shelves_after_a_restart) {
  MemoryStore store;
  std::string key;
  {
    Nodes nodes(1, store);
    (void)nodes.asks("a");
    nodes.run(1min);
    key = nodes.bug().key;
  }
  Nodes nodes(1, store);
  (void)nodes.asks("b", "handoff.requested", {{"code", "psp_502"}, {"message", "bad gateway"}});
  nodes.run(1min);
  EXPECT_EQ(nodes.defects(), 1u);
  EXPECT_EQ(nodes.bug().key, key);
  EXPECT_EQ(nodes.bug().customers.size(), 2u);
}

TEST(Defects, a_record_that_makes_no_sense_is_written_anew) {
  MemoryStore store;
  Nodes nodes(1, store);
  (void)nodes.asks("a");
  nodes.run(1min);
  for (auto& [key, document] : store.documents)
    if (key.first == handoff::kDefectKind) document.body = json::array();
  (void)nodes.asks("b");
  nodes.run(1min);
  EXPECT_EQ(nodes.bug().occurrences, 1);
  EXPECT_TRUE(store.handoffs.at(HandoffId("hof_b")).news.empty());
}

}  // namespace
}  // namespace baton::delivery_testing
