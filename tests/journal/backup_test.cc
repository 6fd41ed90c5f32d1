// A copy of a store that is written, damaged rows, and taking a release back.
#include <sqlite3.h>

#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "gateway/journal/sqlite/backup.h"
#include "gateway/journal/sqlite/database.h"
#include "gateway/journal/sqlite/questions.h"
#include "gateway/journal/sqlite/schema.h"
#include "tests/journal/bench.h"
#include "tests/journal/faulty_vfs.h"

namespace baton::journal_testing {
namespace {

Batch kept_batch(int i) {
  Batch batch;
  batch.opens = a_handoff(std::to_string(i));
  batch.facts.push_back(a_fact(batch.opens->id, "e" + std::to_string(i)));
  batch.jobs.push_back(a_plan(batch.opens->id));
  batch.jobs.push_back(a_job(batch.opens->id, "desk", Operation::open_ticket));
  return batch;
}

class Store : public testing::Test {
 protected:
  Store() : options_(options_in(directory_.path())) { options_.sync = false; }

  void open() {
    journal_.reset();
    auto journal = SqliteJournal::open(options_, stage_.loop, stage_.clock);
    ASSERT_TRUE(journal) << journal.error().detail;
    journal_ = std::move(*journal);
  }
  void fill(int from, int count) {
    for (int i = from; i < from + count; ++i)
      ASSERT_TRUE(stage_.call(journal_->commit(kept_batch(i)))->done());
  }
  void run_sql(const std::string& sql) {
    journal_.reset();
    sqlite::Database db(file(), SQLITE_OPEN_READWRITE, "");
    db.run(sql.c_str());
  }
  std::string file() const { return directory_.path() + "/journal.db"; }
  std::string copy() const { return elsewhere_.path() + "/journal.db"; }

  TemporaryDirectory directory_, elsewhere_;
  SqliteOptions options_;
  Stage stage_;
  std::unique_ptr<SqliteJournal> journal_;
};

TEST_F(Store, is_copied_while_it_is_written_with_all_that_was_acknowledged_before) {
  open();
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> enough = false;
  std::thread writer([&] {
    for (int i = 0; !enough && i < 1000; ++i) {
      if (stage_.call(journal_->commit(kept_batch(i)))->done()) acknowledged = i + 1;
    }
  });
  while (acknowledged < 50) std::this_thread::yield();
  for (int round = 0; round < 3; ++round) {
    const int before = acknowledged;
    const TemporaryDirectory place;
    const auto copied = copy_store(directory_.path(), place.path() + "/journal.db");
    const int after = acknowledged;
    ASSERT_TRUE(copied) << copied.error().detail;
    const auto contents = examine_store(place.path() + "/journal.db");
    ASSERT_TRUE(contents) << contents.error().detail;
    EXPECT_TRUE(contents->report.sound());
    EXPECT_GE(contents->handoffs, static_cast<std::uint64_t>(before));
    EXPECT_LE(contents->handoffs, static_cast<std::uint64_t>(after) + 1);
    EXPECT_EQ(contents->jobs, 2 * contents->handoffs);
    EXPECT_EQ(contents->schema, sqlite::newest_schema());

    Stage stage;
    auto options = options_in(place.path());
    options.sync = false;
    auto restored = SqliteJournal::open(options, stage.loop, stage.clock);
    ASSERT_TRUE(restored) << restored.error().detail;
    for (int i = 0; i < before; i += 7) {
      const auto record = stage.call((*restored)->load(kept_batch(i).opens->id));
      ASSERT_TRUE(record) << i;
      EXPECT_EQ(record->jobs.at(1).key, kept_batch(i).jobs.at(1).key);
    }
    Batch again;
    again.facts.push_back(kept_batch(0).facts.at(0));
    EXPECT_EQ(stage.call((*restored)->commit(again))->verdict, Verdict::fact_known);
  }
  enough = true;
  writer.join();
}

TEST_F(Store, a_copy_that_fails_anywhere_leaves_nothing_behind) {
  open();
  fill(0, 30);
  int failed = 0;
  for (const auto fault : {Fault::disk_full, Fault::write_fails, Fault::short_write}) {
    for (int at = 1;; at += 3) {
      ASSERT_LT(at, 3000);
      FaultyVfs vfs;
      vfs.fail(fault, at);
      const auto copied = copy_store(directory_.path(), copy(), {}, vfs.name());
      if (!vfs.failed()) {
        ASSERT_TRUE(copied) << copied.error().detail;
        std::filesystem::remove(copy());
        break;
      }
      ++failed;
      if (copied) {  // it did no harm, as at a file that is given up anyway
        EXPECT_TRUE(examine_store(copy())->report.sound());
        std::filesystem::remove(copy());
      }
      EXPECT_TRUE(std::filesystem::is_empty(elsewhere_.path())) << "at call " << at;
      if (fault == Fault::disk_full && !copied) {
        EXPECT_EQ(copied.error().kind, FailureKind::retryable);
        EXPECT_NE(copied.error().detail.find("the disk is full"), std::string::npos) << copied.error().detail;
      }
    }
  }
  EXPECT_GT(failed, 10);
  fill(30, 1);  // the store itself never noticed
}

TEST_F(Store, a_copy_can_be_stopped_and_overwrites_nothing) {
  open();
  fill(0, 3);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(copy_store(directory_.path(), copy(), stop.get_token()));
  EXPECT_FALSE(std::filesystem::exists(copy()));
  std::ofstream(copy()) << "something else";
  EXPECT_FALSE(copy_store(directory_.path(), copy()));
  EXPECT_EQ(std::filesystem::file_size(copy()), 14u);
}

TEST_F(Store, is_copied_and_examined_while_nobody_runs) {
  open();
  fill(0, 5);
  EXPECT_TRUE(store_is_owned(directory_.path()));
  journal_.reset();
  EXPECT_FALSE(store_is_owned(directory_.path()));
  ASSERT_TRUE(copy_store(directory_.path(), copy()));
  EXPECT_EQ(examine_store(copy())->open, 5u);
  EXPECT_EQ(examine_store(copy() + "x").error().kind, FailureKind::misconfigured);
  open();
  fill(5, 1);
}

TEST_F(Store, sets_damaged_rows_aside_each_alone) {
  open();
  fill(0, 4);
  Batch more;
  more.documents.emplace_back("defect", "d1", nlohmann::json("first"));
  more.lanes.emplace_back(Lane("desk"), false, "ann", "", kStart);
  more.audit.emplace_back(kStart, "ann", "replay", "", "why");
  ASSERT_TRUE(stage_.call(journal_->commit(std::move(more)))->done());
  run_sql(
      "UPDATE jobs SET record = replace(record, 'created_at', 'created_as') WHERE work = 'open_ticket'"
      " AND handoff = (SELECT no FROM handoffs WHERE id = 'hof_0');"
      "UPDATE facts SET digest = 'forged' WHERE key = 'main/chat/e1';"
      "UPDATE handoffs SET version = 5 WHERE id = 'hof_2';"
      "UPDATE documents SET record = '\"second\"';"
      "UPDATE lanes SET record = '{}';"
      "UPDATE audit SET crc = 1");
  open();
  auto report = stage_.call(journal_->fsck());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->damaged,
            (std::vector<std::string>{"handoff hof_2", "fact main/chat/e1", "job hof_0/desk/open_ticket/1",
                                      "document defect/d1", "pause of desk", "audit entry 1"}));
  EXPECT_TRUE(report->wants_repair());
  Batch blocked;
  blocked.opens = a_handoff("next", "of 2");
  EXPECT_EQ(stage_.call(journal_->commit(blocked))->verdict, Verdict::conversation_open);

  report = stage_.call(journal_->repair(std::move(*report)));
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->wants_repair());
  EXPECT_EQ(report->damaged.size(), 5u)
      << "they stay where they were, for a person, and the damaged one's jobs";
  EXPECT_EQ(stage_.call(journal_->commit(blocked))->verdict, Verdict::done) << "the conversation goes on";
  Batch document;
  document.documents.emplace_back("defect", "d1", nlohmann::json("third"));
  EXPECT_EQ(stage_.call(journal_->commit(document))->verdict, Verdict::done);
  EXPECT_EQ(stage_.call(journal_->claim(Lane("desk"), 100, 30s))->jobs.size(), 2u) << "of 1 and 3";
  EXPECT_EQ(stage_.call(journal_->claim(planner_lane(), 100, 30s))->jobs.size(), 2u)
      << "of 0 and 3: what was to be planned for 1 is what was damaged";
  run_sql("UPDATE meta SET value = value");  // lets go of the file
  sqlite::Database db(file(), SQLITE_OPEN_READONLY, "");
  EXPECT_EQ(db.integer("SELECT count(*) FROM set_aside"), 3);
  EXPECT_EQ(db.text("SELECT record FROM set_aside WHERE what = 'document defect/d1'"), "\"second\"");
}

TEST_F(Store, makes_an_index_anew_that_does_not_fit) {
  open();
  fill(0, 20);
  run_sql(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'open = 1', 'open = 0')"
      " WHERE name = 'handoffs_open'");
  open();
  auto report = stage_.call(journal_->fsck());
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->structure.empty());
  EXPECT_TRUE(report->wants_repair());
  report = stage_.call(journal_->repair(std::move(*report)));
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->structure.empty());
}

// All that can be read of a store.
std::string picture(sqlite::Database& db) {
  std::string all;
  for (int i = 0; i < 20; ++i) {
    const auto record = sqlite::load(db, HandoffId("hof_" + std::to_string(i)));
    if (!record) return "lost " + std::to_string(i);
    all += record->handoff.data.dump() + record->handoff.conversation.text;
    for (const auto& fact : record->facts) all += std::get<Event>(fact.happened).key.text();
    for (const auto& job : record->jobs) all += job.key.text() + std::string(name(job.state));
  }
  sqlite::Statement lines(db, "SELECT lane, rank, place, line, news, object FROM jobs ORDER BY no");
  for (auto rows = lines.rows(); rows.next();) {
    for (int column = 0; column < 6; ++column) all += std::string(rows.text(column)) + ",";
  }
  return all;
}

// Promise D17.
TEST_F(Store, each_of_two_thousand_flipped_bits_is_found_or_harmless) {
  open();
  fill(0, 20);
  journal_.reset();
  ASSERT_TRUE(copy_store(directory_.path(), copy()));
  std::string sound;
  {
    std::ifstream in(copy(), std::ios::binary);
    sound.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::string expected;
  {
    sqlite::Database db(copy(), SQLITE_OPEN_READONLY, "");
    expected = picture(db);
  }
  std::mt19937 random(3);
  int found = 0, harmless = 0;
  for (int run = 0; run < 2000; ++run) {
    const auto at = random() % sound.size();
    const auto bit = static_cast<char>(1 << random() % 8);
    {
      std::fstream out(copy(), std::ios::binary | std::ios::in | std::ios::out);
      out.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(sound[at] ^ bit));
    }
    const auto contents = examine_store(copy());
    if (!contents || !contents->report.sound()) {
      ++found;
    } else {
      ++harmless;
      sqlite::Database db(copy(), SQLITE_OPEN_READONLY, "");
      ASSERT_EQ(picture(db), expected) << "run " << run << ": bit " << int(bit) << " of byte " << at;
    }
    std::fstream out(copy(), std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(at)).put(sound[at]);
  }
  std::printf("           found %d, harmless %d\n", found, harmless);
  EXPECT_GT(found, 100) << "most of so small a file is room to grow";
}

// Promise D14: what an older release meets after this one.
TEST_F(Store, of_a_newer_release_is_used_if_that_one_says_so) {
  open();
  fill(0, 2);
  run_sql("PRAGMA user_version = 77");
  open();
  fill(2, 1);
  EXPECT_TRUE(examine_store(file()));
  run_sql("UPDATE meta SET value = 77 WHERE name = 'compatible'");
  const auto refused = SqliteJournal::open(options_, stage_.loop, stage_.clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(SqliteJournal::exit_code(refused.error()), ExitCode::journal_newer);
  EXPECT_EQ(examine_store(file()).error().kind, FailureKind::rejected);
}

// As the release before left it: its handoffs are there, and are kept like all others.
TEST_F(Store, of_the_release_before_is_brought_up_with_all_that_is_in_it) {
  {
    sqlite::Database db(file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
    db.run("PRAGMA application_id = 1113683055");
    sqlite::migrate(db, sqlite::migrations().first(2), {});
  }
  open();
  fill(0, 3);
  EXPECT_EQ(examine_store(file())->schema, sqlite::newest_schema());
  EXPECT_TRUE(stage_.call(journal_->fsck())->sound());
}

}  // namespace
}  // namespace baton::journal_testing
