// Purpose: what every test of a journal needs: a store of either kind on virtual time, calls that
// wait for their answer, and small handoffs, facts and jobs.
// Owner: a test. Threads: the test's. Errors: an answer that is a Failure fails the test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "gateway/base/scope.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/memory/memory.h"
#include "gateway/journal/sqlite/sqlite.h"

namespace baton::journal_testing {

inline constexpr TimePoint kStart{Duration{1'800'000'000'000}};

// A loop on virtual time; call() runs it until the task has answered.
class Stage {
 public:
  Stage() : clock(loop, kStart), scope_(loop, clock) {}

  template <class T>
  Result<T> call(Task<T> task) {
    auto answer = std::make_shared<std::optional<Result<T>>>();
    scope_.spawn(std::move(task), [answer](Result<T> result) { answer->emplace(std::move(result)); });
    clock.run(TimePoint::max(), [&] { return answer->has_value(); });
    BATON_CHECK(answer->has_value());
    return std::move(**answer);
  }
  void advance(Duration by) {
    const auto end = clock.now() + by;
    (void)call(clock.until(end));
  }
  // Lets what was posted run.
  void settle() { clock.run(clock.now()); }

  Loop loop;
  VirtualClock clock;

 private:
  Scope scope_;
};

// One kind of journal, opened and reopened over the same store.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual std::unique_ptr<Journal> open(Stage& stage) = 0;  // the earlier one is gone by now
};

class MemoryAdapter final : public Adapter {
 public:
  std::unique_ptr<Journal> open(Stage& stage) override {
    store_.end_leases();
    return std::make_unique<MemoryJournal>(store_, stage.clock);
  }

 private:
  MemoryStore store_;
};

// A directory of its own that is gone after the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    // In memory where there is such a place: faults and power cuts are made by us, not by the disk.
    const std::filesystem::path shared("/dev/shm");
    const auto base = std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
    auto pattern = (base / "baton_journal_XXXXXX").string();
    BATON_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline SqliteOptions options_in(const std::string& directory) {
  SqliteOptions options;
  options.directory = directory;
  options.min_free_bytes = 0;  // the machine that runs the tests may be nearly full
  options.min_free_percent = 0;
  options.reserve_bytes = 0;
  return options;
}

class SqliteAdapter : public Adapter {
 public:
  std::unique_ptr<Journal> open(Stage& stage) override {
    auto options = options_in(directory_.path());
    options.sync = false;  // quicker, and no power is cut here
    options.max_cached_bytes = max_cached_bytes_;
    auto journal = SqliteJournal::open(options, stage.loop, stage.clock);
    if (!journal) ADD_FAILURE() << journal.error().detail;
    return std::move(*journal);
  }
  const std::string& directory() const { return directory_.path(); }

 protected:
  std::size_t max_cached_bytes_ = SqliteOptions().max_cached_bytes;

 private:
  TemporaryDirectory directory_;
};

// Its planner is always behind, or soon: little is cached, or nothing, and all is read again.
class CrowdedSqliteAdapter final : public SqliteAdapter {
 public:
  explicit CrowdedSqliteAdapter(std::size_t max_cached_bytes = 0) { max_cached_bytes_ = max_cached_bytes; }
};

inline Handoff a_handoff(const std::string& id, const std::string& conversation = "", TimePoint at = kStart) {
  Handoff handoff(HandoffId("hof_" + id), WorkspaceId("main"),
                  ConversationId("chat", conversation.empty() ? "of " + id : conversation), Priority::normal,
                  Route(), at);
  handoff.data = {{"summary", "the checkout fails for " + id}};
  return handoff;
}

inline NewFact a_fact(const HandoffId& handoff, const std::string& key, TimePoint at = kStart) {
  Event event(EventKey(WorkspaceId("main"), "chat", key), "handoff.updated", ConversationId("chat", "c"),
              Priority::normal, {{"text", key}});
  return NewFact(handoff, "main/chat/" + key, Fact(at, std::move(event)), "digest of " + key);
}

inline Job a_job(const HandoffId& handoff, const std::string& lane, Operation operation, int sequence = 1,
                 TimePoint due = kStart) {
  return Job(JobKey(handoff, Lane(lane), operation, sequence), due);
}

inline Job a_plan(const HandoffId& handoff, TimePoint due = TimePoint::max()) {
  return Job(JobKey(handoff, planner_lane(), Upkeep::plan), due);
}

}  // namespace baton::journal_testing
