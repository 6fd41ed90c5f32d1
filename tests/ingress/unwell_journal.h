// Purpose: a journal that a test can make slow, make fail, or watch; otherwise the one it wraps.
// Owner: the test. Threads: one loop. Errors: the one that `fails` names, before anything is written.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/journal/journal.h"
#include "tests/support/passing_journal.h"

namespace baton {

class UnwellJournal final : public PassingJournal {
 public:
  using PassingJournal::query;
  UnwellJournal(Journal& inner, Clock& clock) : PassingJournal(inner), clock_(clock) {}

  std::optional<Failure> fails;   // every call, until it is taken back
  int works_first = 0;            // commits that go well before `fails` counts
  Duration latency{0};            // before each call
  std::function<void()> between;  // runs once, after the next query of handoffs
  int commits = 0;

  Task<Committed> commit(Batch batch) override {
    ++commits;
    co_await pass();
    if (works_first > 0) --works_first;
    else if (fails) co_return *fails;
    co_return co_await inner_.commit(std::move(batch));
  }
  Task<Record> load(HandoffId handoff) override {
    co_await pass();
    if (broken()) co_return *fails;
    co_return co_await inner_.load(std::move(handoff));
  }
  Task<std::vector<Handoff>> query(HandoffQuery query) override {
    co_await pass();
    if (broken()) co_return *fails;
    auto found = co_await inner_.query(std::move(query));
    if (const auto once = std::exchange(between, nullptr)) once();
    co_return found;
  }
  Task<OutlinePage> query(OutlineQuery query) override {
    co_await pass();
    if (broken()) co_return *fails;
    co_return co_await inner_.query(query);
  }
  Task<JobPage> query(JobQuery query) override {
    co_await pass();
    if (broken()) co_return *fails;
    co_return co_await inner_.query(std::move(query));
  }
  Task<std::uint64_t> count(JobQuery query) override {
    co_await pass();
    if (broken()) co_return *fails;
    co_return co_await inner_.count(std::move(query));
  }
  Task<std::vector<AuditEntry>> audit(int limit) override {
    co_await pass();
    if (broken()) co_return *fails;
    co_return co_await inner_.audit(limit);
  }

 private:
  bool broken() const { return fails && works_first == 0; }
  net::awaitable<void> pass() {
    if (latency > Duration{0}) (void)co_await clock_.until(clock_.now() + latency);
  }

  Clock& clock_;
};

}  // namespace baton
