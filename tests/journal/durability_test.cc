// What was acknowledged is there after kills, failing and full disks and power cuts (promises D1, D2, D14).
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "tests/journal/bench.h"
#include "tests/journal/child.h"
#include "tests/journal/faulty_vfs.h"

namespace baton::journal_testing {
namespace {

constexpr int kPassed = 0, kUntouched = 9;

Batch nth(int i) {
  Batch batch;
  batch.opens = a_handoff(std::to_string(i));
  batch.opens->data["text"] = std::string(1500, static_cast<char>('a' + i % 26));
  batch.facts.push_back(a_fact(batch.opens->id, "e" + std::to_string(i)));
  batch.jobs.push_back(a_plan(batch.opens->id));
  batch.jobs.push_back(a_job(batch.opens->id, "desk", Operation::open_ticket));
  return batch;
}

// Also a failed answer may have happened, as any commit whose answer was lost; never the reverse.
void expect_all_there(const std::string& directory, const std::vector<int>& acknowledged) {
  Stage stage;
  auto journal = SqliteJournal::open(options_in(directory), stage.loop, stage.clock);
  ASSERT_TRUE(journal) << journal.error().detail;
  for (const int i : acknowledged) {
    const auto record = stage.call((*journal)->load(nth(i).opens->id));
    ASSERT_TRUE(record) << "handoff " << i << " was acknowledged and is lost";
    ASSERT_EQ(record->facts.size(), 1u);
    ASSERT_EQ(record->jobs.size(), 2u);
    ASSERT_EQ(record->handoff.data, nth(i).opens->data);
  }
  const auto report = stage.call((*journal)->fsck());
  ASSERT_TRUE(report->sound());
  // It goes on.
  const int next = acknowledged.empty() ? 100'000 : 100'000 + acknowledged.back();
  ASSERT_TRUE(stage.call((*journal)->commit(nth(next)))->done());
}

// Commits until `count`, acknowledging what is done; how often it was refused.
int commit_many(Journal& journal, Stage& stage, int from, int count, const Child::Acknowledge& acknowledge) {
  int refused = 0;
  for (int i = from; i < from + count; ++i) {
    const auto committed = stage.call(journal.commit(nth(i)));
    if (committed && committed->done()) acknowledge(i);
    else ++refused;
  }
  return refused;
}

TEST(Kill, at_any_moment_loses_nothing_acknowledged) {
  TemporaryDirectory directory;
  std::mt19937 random(7);
  std::vector<int> acknowledged;
  for (int run = 0; run < 60; ++run) {
    Child child([&](const Child::Acknowledge& acknowledge) {
      Stage stage;
      auto options = options_in(directory.path());
      options.checkpoint_pages = 40;
      auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
      if (!journal) return 1;
      (void)commit_many(**journal, stage, run * 1000, 1000, acknowledge);
      return kPassed;
    });
    for (auto heard = random() % 12 + 1; heard > 0; --heard) child.listen_once();
    child.kill();
    ASSERT_EQ(child.join(), -1);
    acknowledged.insert(acknowledged.end(), child.acknowledged().begin(), child.acknowledged().end());
  }
  EXPECT_GT(acknowledged.size(), 60u);
  expect_all_there(directory.path(), acknowledged);
}

class Faults : public testing::TestWithParam<Fault> {
 protected:
  static int work(const std::string& directory, Fault fault, int at, const Child::Acknowledge& acknowledge) {
    FaultyVfs vfs;
    Stage stage;
    auto options = options_in(directory);
    options.vfs = vfs.name();
    options.checkpoint_pages = 20;
    vfs.fail(fault, at);
    auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
    if (!journal) return static_cast<int>(SqliteJournal::exit_code(journal.error()));
    const int refused = commit_many(**journal, stage, 0, 4, acknowledge);
    if (!vfs.failed()) return kUntouched;
    // The disk is well again, and nobody helped.
    if (commit_many(**journal, stage, 1000, 2, acknowledge) != 0) return 1;
    return refused > 1 ? 2 : kPassed;
  }
};

TEST_P(Faults, at_every_call_make_no_false_success) {
  int at = 1, ended = 0, survived = 0;
  for (;; ++at) {
    ASSERT_LT(at, 2000);
    TemporaryDirectory directory;
    Child child([&](const Child::Acknowledge& acknowledge) {
      return work(directory.path(), GetParam(), at, acknowledge);
    });
    const int status = child.join();
    ASSERT_TRUE(status == kPassed || status == kUntouched || status == int(ExitCode::journal_failed))
        << "status " << status << " at call " << at;
    ASSERT_NO_FATAL_FAILURE(expect_all_there(directory.path(), child.acknowledged())) << "at call " << at;
    if (status == kUntouched) break;
    ++(status == kPassed ? survived : ended);
  }
  RecordProperty("calls", at - 1);
  std::printf("           %d calls: %d ended the process, %d were survived\n", at - 1, ended, survived);
  if (GetParam() == Fault::sync_fails || GetParam() == Fault::write_fails) {
    EXPECT_EQ(survived, 0) << "never forgiven";
  }
  if (GetParam() == Fault::disk_full) {
    EXPECT_GT(survived, 5);
  }
}

std::string named(const testing::TestParamInfo<Fault>& info) {
  switch (info.param) {
    case Fault::write_fails: return "write_fails";
    case Fault::disk_full: return "disk_full";
    case Fault::short_write: return "short_write";
    case Fault::sync_fails: return "sync_fails";
    case Fault::open_fails: return "open_fails";
    case Fault::truncate_fails: return "truncate_fails";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(All, Faults,
                         testing::Values(Fault::write_fails, Fault::disk_full, Fault::short_write,
                                         Fault::sync_fails, Fault::open_fails, Fault::truncate_fails),
                         named);

// --- a disk that is full for a while

TEST(FullDisk, takes_nothing_while_it_is_full_and_goes_on_by_itself) {
  TemporaryDirectory directory;
  std::vector<int> acknowledged;
  const auto note = [&](int i) { acknowledged.push_back(i); };
  FaultyVfs vfs;
  {
    Stage stage;
    auto options = options_in(directory.path());
    options.vfs = vfs.name();
    options.checkpoint_pages = 20;
    auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
    ASSERT_TRUE(journal) << journal.error().detail;
    for (int round = 0; round < 5; ++round) {
      ASSERT_EQ(commit_many(**journal, stage, round * 100, 10, note), 0);
      vfs.full(true);
      EXPECT_EQ(commit_many(**journal, stage, round * 100 + 10, 30, note), 30);
      const auto refused = stage.call((*journal)->commit(nth(round * 100 + 40)));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, FailureKind::retryable);
      EXPECT_FALSE(stage.call((*journal)->probe())) << "and says so";
      // What is there can be read meanwhile.
      EXPECT_TRUE(stage.call((*journal)->load(nth(round * 100).opens->id)));
      vfs.full(false);
      // The sender repeats what was refused.
      EXPECT_EQ(commit_many(**journal, stage, round * 100 + 10, 30, note), 0);
      EXPECT_TRUE(stage.call((*journal)->probe()));
    }
  }
  EXPECT_EQ(acknowledged.size(), 200u);
  expect_all_there(directory.path(), acknowledged);
}

constexpr int kNoMounts = 77;

// A small disk of its own, seen by this process alone.
bool mount_small_disk(const std::string& at, const char* size) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  (void)::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  return ::mount("none", at.c_str(), "tmpfs", 0, size) == 0;
}

// Until nothing more fits.
void fill_disk(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  for (std::size_t piece = 64 << 10; piece > 0; piece /= 2) {
    const std::string bytes(piece, 'x');
    while (file.write(bytes.data(), static_cast<std::streamsize>(piece)).flush()) continue;
    file.clear();
  }
}

// With a real one: what is accepted already is carried out from the reserve while new handoffs are refused.
int live_through_a_full_disk(const std::string& directory, const Child::Acknowledge& acknowledge) {
  if (!mount_small_disk(directory, "size=24m")) return kNoMounts;
  std::vector<int> acknowledged;
  const auto note = [&](int i) { acknowledge(i), acknowledged.push_back(i); };
  {
    Stage stage;
    auto options = options_in(directory);
    options.checkpoint_pages = 100;
    options.min_free_percent = 10;
    options.reserve_bytes = 4 << 20;
    auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
    if (!journal) return 2;
    for (int round = 0; round < 3; ++round) {
      if (commit_many(**journal, stage, round * 1000, 50, note) != 0) return 3;
      fill_disk(directory + "/filler");
      stage.advance(2s);
      if (commit_many(**journal, stage, round * 1000 + 100, 50, note) != 50) return 4;
      auto claim = stage.call((*journal)->claim(Lane("desk"), 20, 30s));
      if (!claim) claim = stage.call((*journal)->claim(Lane("desk"), 20, 30s));  // the reserve is there now
      if (!claim || claim->jobs.empty()) return 5;
      for (auto& claimed : claim->jobs) {
        Batch batch;
        batch.updates.emplace_back(claimed.job, claimed.lease.token, true);
        batch.updates.back().job.state = JobState::done;
        batch.updates.back().job.ended_at = stage.clock.now();
        auto done = stage.call((*journal)->commit(batch));
        if (!done) done = stage.call((*journal)->commit(batch));
        if (!done || !done->done()) return 6;
      }
      ::unlink((directory + "/filler").c_str());
      stage.advance(2s);
      if (commit_many(**journal, stage, round * 1000 + 100, 50, note) != 0) return 7;
    }
  }
  expect_all_there(directory, acknowledged);
  return testing::Test::HasFailure() ? 8 : kPassed;
}

TEST(FullDisk, that_is_real_loses_nothing_and_delivers_from_the_reserve) {
  TemporaryDirectory directory;
  Child child([&](const Child::Acknowledge& acknowledge) {
    return live_through_a_full_disk(directory.path(), acknowledge);
  });
  const int status = child.join();
  if (status == kNoMounts) GTEST_SKIP() << "nobody may mount a disk here";
  EXPECT_EQ(status, kPassed);
  EXPECT_EQ(child.acknowledged().size(), 300u);
}

struct Cuts {
  int lost = 0;
  int corrupt = 0;
};

// Cuts the power `count` times at random moments of one recorded run.
Cuts cut_power(bool sync, int count) {
  FaultyVfs vfs;
  TemporaryDirectory recorded;
  constexpr int kCommits = 60;
  {
    Stage stage;
    auto options = options_in(recorded.path());
    options.vfs = vfs.name();
    options.sync = sync;
    options.checkpoint_pages = 60;
    vfs.record();
    auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
    for (int i = 0; i < kCommits; ++i) {
      BATON_CHECK(stage.call((*journal)->commit(nth(i)))->done());
      vfs.acknowledge();
    }
  }
  std::mt19937 random(11);
  Cuts cuts;
  for (int i = 0; i < count; ++i) {
    const auto image = vfs.cut(random() % vfs.moments(), random);
    TemporaryDirectory directory;
    for (const auto& [name, content] : image.files) {
      if (!content.empty()) std::ofstream(directory.path() + "/" + name, std::ios::binary) << content;
    }
    Stage stage;
    auto options = options_in(directory.path());
    options.sync = false;  // of the check alone
    auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
    if (!journal) {
      ++cuts.corrupt;
      continue;
    }
    bool lost = false;
    for (int j = 0; j < image.acknowledged; ++j) {
      if (!stage.call((*journal)->load(nth(j).opens->id))) lost = true;
    }
    cuts.lost += lost;
    const auto report = stage.call((*journal)->fsck());
    cuts.corrupt += !report || !report->sound();
  }
  return cuts;
}

TEST(PowerCut, loses_nothing_acknowledged) {
  const auto cuts = cut_power(true, 300);
  EXPECT_EQ(cuts.lost, 0);
  EXPECT_EQ(cuts.corrupt, 0);
}

TEST(PowerCut, is_noticed_where_commits_are_not_synced) {
  const auto cuts = cut_power(false, 100);
  std::printf("           without syncing %d of 100 images lost something\n", cuts.lost);
  EXPECT_GT(cuts.lost, 30);
}

TEST(Migration, survives_a_kill_after_every_statement) {
  for (int at = 1;; ++at) {
    ASSERT_LT(at, 200);
    TemporaryDirectory directory;
    Child child([&](const Child::Acknowledge&) {
      Stage stage;
      auto options = options_in(directory.path());
      int statements = 0;
      options.after_statement = [&] {
        if (++statements == at) ::_exit(5);
      };
      return SqliteJournal::open(options, stage.loop, stage.clock) ? kUntouched : 1;
    });
    const int status = child.join();
    ASSERT_NO_FATAL_FAILURE(expect_all_there(directory.path(), {})) << "after statement " << at;
    if (status == kUntouched) break;
    ASSERT_EQ(status, 5);
  }
}

}  // namespace
}  // namespace baton::journal_testing
