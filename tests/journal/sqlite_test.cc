// What only SQLite has: one owner, versions, several loops, full queues and disks, damaged rows.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "gateway/journal/sqlite/questions.h"
#include "gateway/model/codec.h"
#include "tests/journal/bench.h"
#include "tests/journal/child.h"

namespace baton::journal_testing {
namespace {

class Sqlite : public testing::Test {
 protected:
  Sqlite() : options_(options_in(directory_.path())) { options_.sync = false; }

  void open() {
    journal_.reset();
    auto journal = SqliteJournal::open(options_, stage_.loop, stage_.clock);
    ASSERT_TRUE(journal) << journal.error().detail;
    journal_ = std::move(*journal);
  }
  // With nothing else open.
  void run_sql(const std::string& sql) {
    journal_.reset();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((directory_.path() + "/journal.db").c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  Result<Committed> commit(Batch batch) { return stage_.call(journal_->commit(std::move(batch))); }
  Claim claim(const std::string& lane) { return *stage_.call(journal_->claim(Lane(lane), 100, 30s)); }
  HandoffId opened(const std::string& id, const std::string& conversation = "") {
    Batch batch;
    batch.opens = a_handoff(id, conversation);
    const auto handoff = batch.opens->id;
    batch.facts.push_back(a_fact(handoff, "e" + id));
    batch.jobs.push_back(a_plan(handoff));
    batch.jobs.push_back(a_job(handoff, "desk", Operation::open_ticket));
    EXPECT_TRUE(commit(std::move(batch))->done());
    return handoff;
  }

  TemporaryDirectory directory_;
  SqliteOptions options_;
  Stage stage_;
  std::unique_ptr<SqliteJournal> journal_;
};

TEST_F(Sqlite, belongs_to_one_process) {
  open();
  const auto second = SqliteJournal::open(options_, stage_.loop, stage_.clock);
  ASSERT_FALSE(second);
  EXPECT_EQ(SqliteJournal::exit_code(second.error()), ExitCode::store_in_use);
  EXPECT_NE(second.error().detail.find(std::to_string(::getpid())), std::string::npos)
      << second.error().detail;
}

// After a failed fsync the page cache may show a log that the disk does not have.
TEST_F(Sqlite, a_log_that_was_left_behind_is_written_anew) {
  Child child([&](const Child::Acknowledge&) -> int {
    Stage stage;
    auto journal = SqliteJournal::open(options_, stage.loop, stage.clock);
    Batch batch;
    batch.opens = a_handoff("1");
    if (journal && stage.call((*journal)->commit(std::move(batch)))->done()) ::_exit(0);  // nothing is closed
    return 1;
  });
  ASSERT_EQ(child.join(), 0);
  const auto file = [&] {
    struct stat found{};
    EXPECT_EQ(::stat((directory_.path() + "/journal.db-wal").c_str(), &found), 0);
    return found.st_ino;
  };
  const auto left_behind = file();
  open();
  EXPECT_NE(file(), left_behind);
  EXPECT_TRUE(stage_.call(journal_->load(HandoffId("hof_1"))));
}

TEST_F(Sqlite, refuses_a_file_of_a_newer_baton_and_leaves_it_as_it_is) {
  open();
  run_sql("PRAGMA user_version = 77; UPDATE meta SET value = 77 WHERE name = 'compatible'");
  const auto journal = SqliteJournal::open(options_, stage_.loop, stage_.clock);
  ASSERT_FALSE(journal);
  EXPECT_EQ(SqliteJournal::exit_code(journal.error()), ExitCode::journal_newer);
  EXPECT_NE(journal.error().detail.find("schema 77"), std::string::npos);
}

TEST_F(Sqlite, refuses_a_file_that_is_no_journal) {
  std::ofstream(directory_.path() + "/journal.db") << std::string(5000, 'x');
  const auto journal = SqliteJournal::open(options_, stage_.loop, stage_.clock);
  ASSERT_FALSE(journal);
  EXPECT_EQ(SqliteJournal::exit_code(journal.error()), ExitCode::journal_failed);
}

TEST_F(Sqlite, keeps_its_files_to_its_owner) {
  open();
  (void)opened("1");
  for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
    const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
    EXPECT_EQ(file.status().permissions() & others, std::filesystem::perms::none) << file.path();
  }
}

TEST_F(Sqlite, a_full_queue_is_refused_at_once) {
  options_.max_queued = 0;
  open();
  Batch batch;
  batch.audit.emplace_back(kStart, "x", "x", "x", "x");
  const auto answer = commit(batch);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, FailureKind::retryable);
  EXPECT_NE(answer.error().detail.find("overloaded"), std::string::npos);
  EXPECT_FALSE(stage_.call(journal_->lanes()));
}

TEST_F(Sqlite, opens_no_handoff_on_a_nearly_full_disk_but_carries_on_with_the_others) {
  SqliteOptions::Space space{10 << 20, 1000 << 20};
  options_.min_free_percent = 5;
  options_.space = [&] { return space; };
  open();
  Batch batch;
  batch.opens = a_handoff("1");
  const auto refused = commit(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::retryable);
  space.free = 100 << 20;
  EXPECT_FALSE(commit(batch)) << "asked at most once a second";
  stage_.advance(1s);
  EXPECT_TRUE(commit(batch)->done());
  space.free = 1 << 20;
  stage_.advance(1s);
  Batch other;
  other.facts.push_back(a_fact(batch.opens->id, "e1"));
  EXPECT_TRUE(commit(other)->done());
}

TEST_F(Sqlite, answers_each_loop_on_its_own) {
  // Outlive the journal's threads, which may still be posting when an answer is already here.
  Stage first, second;
  open();
  auto work = [&](Stage& stage, int from) {
    const auto journal = journal_->on(stage.clock);
    for (int i = from; i < from + 200; ++i) {
      Batch batch;
      batch.opens = a_handoff(std::to_string(i));
      batch.jobs.push_back(a_plan(batch.opens->id));
      batch.jobs.push_back(a_job(batch.opens->id, "desk", Operation::open_ticket));
      const auto committed = stage.call(journal->commit(std::move(batch)));
      ASSERT_TRUE(committed && committed->done());
    }
  };
  std::thread one(work, std::ref(first), 1000), two(work, std::ref(second), 2000);
  std::set<std::string> seen;
  std::size_t claimed = 0;
  for (int i = 0; i < 10'000 && claimed < 400; ++i) {
    for (const auto& job : claim("desk").jobs) {
      ++claimed;
      seen.insert(job.job.key.text());
    }
  }
  one.join();
  two.join();
  for (const auto& job : claim("desk").jobs) {
    ++claimed;
    seen.insert(job.job.key.text());
  }
  EXPECT_EQ(claimed + claim("desk").jobs.size(), 400u);
  EXPECT_EQ(seen.size(), claimed);
  stage_.settle();
  EXPECT_GT(journal_->changed(Lane("desk")).count(), 0u) << "bells ring at home";
  journal_.reset();
}

TEST_F(Sqlite, one_stale_batch_does_not_hurt_its_neighbours) {
  open();
  (void)opened("1");
  Scope scope(stage_.loop, stage_.clock);
  int done = 0, stale = 0;
  for (int i = 0; i < 60; ++i) {
    Batch batch;
    batch.facts.push_back(a_fact(HandoffId(i % 3 ? "hof_1" : "hof_none"), "x" + std::to_string(i)));
    batch.audit.emplace_back(kStart, "x", "x", "x", "x");
    scope.spawn(journal_->commit(std::move(batch)), [&](Result<Committed> committed) {
      ASSERT_TRUE(committed);
      ++(committed->done() ? done : stale);
    });
  }
  (void)stage_.call(scope.join());
  EXPECT_EQ(done, 40);
  EXPECT_EQ(stale, 20);
  EXPECT_EQ(stage_.call(journal_->audit(1000))->size(), 40u);
  EXPECT_EQ(stage_.call(journal_->load(HandoffId("hof_1")))->facts.size(), 41u);
}

TEST_F(Sqlite, tells_whether_it_commits) {
  open();
  EXPECT_TRUE(stage_.call(journal_->probe()));
}

TEST_F(Sqlite, passes_over_damaged_rows_and_names_them) {
  open();
  const auto id = opened("1", "chat 9");
  Batch batch;
  batch.jobs.push_back(a_job(id, "desk", Operation::add_note));
  batch.facts.push_back(a_fact(id, "good"));
  ASSERT_TRUE(commit(batch)->done());
  (void)opened("2");
  run_sql(
      "UPDATE jobs SET record = replace(record, 'created_at', 'created_as') WHERE work = 'open_ticket'"
      " AND handoff = (SELECT no FROM handoffs WHERE id = 'hof_1');"
      "UPDATE facts SET digest = 'forged' WHERE key = 'main/chat/e1'");
  open();
  const auto desk = claim("desk");
  ASSERT_EQ(desk.jobs.size(), 1u);
  EXPECT_EQ(desk.jobs[0].job.key.handoff, HandoffId("hof_2"));
  EXPECT_EQ(desk.next, kStart) << "whoever stood behind the damaged one may go";
  EXPECT_EQ(claim("desk").jobs.at(0).job.key.work, Work(Operation::add_note));
  const auto plans = claim("planner");
  ASSERT_EQ(plans.jobs.size(), 2u);
  ASSERT_EQ(plans.jobs[0].unconsumed.size(), 1u);
  EXPECT_EQ(std::get<Event>(plans.jobs[0].unconsumed[0].happened).key.id, "good");
  EXPECT_EQ(journal_->damaged(), 2u);
  EXPECT_EQ(stage_.call(journal_->load(id))->jobs.size(), 2u);
  const auto report = stage_.call(journal_->fsck());
  EXPECT_EQ(report->damaged, (std::vector<std::string>{"fact main/chat/e1", "job hof_1/desk/open_ticket/1"}));
  EXPECT_TRUE(report->structure.empty());
}

TEST_F(Sqlite, a_damaged_handoff_stops_only_its_own_jobs) {
  open();
  (void)opened("1");
  (void)opened("2");
  run_sql("UPDATE handoffs SET version = 5 WHERE id = 'hof_1'");
  open();
  EXPECT_EQ(claim("desk").jobs.size(), 1u);
  EXPECT_EQ(claim("planner").jobs.size(), 1u);
  EXPECT_FALSE(stage_.call(journal_->load(HandoffId("hof_1"))));
  Batch batch;
  batch.facts.push_back(a_fact(HandoffId("hof_1"), "late"));
  EXPECT_TRUE(commit(batch)->done()) << "what is said about it is still kept";
}

TEST_F(Sqlite, a_damaged_handoff_leaves_those_beyond_it_in_the_figures) {
  open();
  for (const auto* id : {"1", "2", "3", "4"}) (void)opened(id);
  run_sql("UPDATE handoffs SET version = 5 WHERE id = 'hof_3'");
  open();
  OutlineQuery query;
  query.limit = 2;
  const auto newest = stage_.call(journal_->query(query));
  EXPECT_EQ(newest->outlines.size(), 1u);
  ASSERT_NE(newest->next, 0u);
  query.before = newest->next;
  EXPECT_EQ(stage_.call(journal_->query(query))->outlines.size(), 2u);
}

// How many steps SQLite's machine takes for one answer.
template <class Query>
int steps_of(const std::string& folder, const Query& query) {
  sqlite::Database db(folder + "/journal.db", SQLITE_OPEN_READWRITE, {});
  int taken = 0;
  sqlite3_progress_handler(
      db.handle(), 1, [](void* count) { return ++*static_cast<int*>(count), 0; }, &taken);
  EXPECT_TRUE(sqlite::ask(db, query));
  return taken;
}

// Each event of an open handoff asks for it.
TEST_F(Sqlite, an_open_handoff_is_found_without_reading_the_other_open_ones) {
  open();
  const auto steps = [&](const std::string& conversation) {
    HandoffQuery query;
    query.workspace = WorkspaceId("main");
    query.conversation = ConversationId("chat", conversation);
    query.open_only = true;
    query.limit = 1;
    EXPECT_EQ(stage_.call(journal_->query(query))->size(), 1u);
    return steps_of(directory_.path(), query);
  };
  (void)opened("first", "the first");
  const auto alone = steps("the first");
  for (int i = 0; i < 500; ++i) (void)opened(std::to_string(i));
  EXPECT_LE(steps("the first"), alone + 10);
  EXPECT_LE(steps("of 250"), alone + 10);
}

TEST_F(Sqlite, what_is_pending_is_listed_without_reading_what_has_ended) {
  open();
  const auto pending = opened("pending");
  JobQuery query;
  query.state = JobState::pending;
  query.limit = 10;
  const auto alone = steps_of(directory_.path(), query);
  for (int i = 0; i < 500; ++i) {
    Batch batch;
    batch.opens = a_handoff(std::to_string(i), "");
    batch.jobs.push_back(a_job(batch.opens->id, "desk", Operation::open_ticket));
    batch.jobs.back().state = JobState::done;
    ASSERT_TRUE(commit(std::move(batch))->done());
  }
  EXPECT_LE(steps_of(directory_.path(), query), alone + 10);
  const auto page = stage_.call(journal_->query(query));
  ASSERT_TRUE(page);
  EXPECT_FALSE(page->jobs.empty());
  for (const auto& job : page->jobs) EXPECT_EQ(job.key.handoff, pending);
}

// Every byte that a handoff and what belongs to it are made of.
std::string all_of(const Record& record) {
  auto all = encode(record.handoff);
  for (const auto& fact : record.facts) all += encode(fact);
  for (const auto& job : record.jobs) all += encode(job);
  return all;
}

TEST_F(Sqlite, a_flipped_bit_is_found_or_harmless) {
  options_.checkpoint_pages = 1;
  open();
  std::map<HandoffId, std::string> written;
  for (int i = 0; i < 20; ++i) {
    // So much that most of the file is records, whose bits are none of SQLite's business.
    Batch batch;
    batch.opens = a_handoff(std::to_string(i));
    const auto id = batch.opens->id;
    batch.opens->data["summary"] = std::string(2000, 's');
    auto& fact = batch.facts.emplace_back(a_fact(id, "e" + std::to_string(i)));
    std::get<Event>(fact.fact.happened).data["text"] = std::string(1000, 't');
    batch.jobs.push_back(a_plan(id));
    batch.jobs.push_back(a_job(id, "desk", Operation::open_ticket));
    batch.jobs.back().subject = {{"note", std::string(1000, 'j')}};
    ASSERT_TRUE(commit(std::move(batch))->done());
    written[id] = all_of(*stage_.call(journal_->load(id)));
  }
  journal_.reset();
  const auto path = directory_.path() + "/journal.db";
  std::string sound;
  {
    std::ifstream file(path, std::ios::binary);
    sound.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::mt19937 random(3);
  int found = 0, harmless = 0, wrong = 0;
  for (int run = 0; run < 150; ++run) {
    auto flipped = sound;
    flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << flipped;
    Child child([&](const Child::Acknowledge&) {
      Stage stage;
      auto journal = SqliteJournal::open(options_, stage.loop, stage.clock);
      if (!journal) return 1;
      const auto report = stage.call((*journal)->fsck());
      if (!report || !report->sound()) return 1;
      for (const auto& [id, bytes] : written) {
        const auto record = stage.call((*journal)->load(id));
        if (!record || all_of(*record) != bytes || record->facts.size() != 1) return 2;
        if (record->jobs.size() != 2 || record->jobs[1].state != JobState::pending) return 2;
      }
      return 0;
    });
    const int status = child.join();
    ++(status == 0 ? harmless : status == 2 || status < 0 ? wrong : found);
  }
  std::printf("           found %d, harmless %d, wrong %d\n", found, harmless, wrong);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(found, 50);
}

}  // namespace
}  // namespace baton::journal_testing
