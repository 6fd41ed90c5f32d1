// Purpose: who works on which job. Kept in memory: one process owns the store, so its leases end
// with it; only the tokens must never repeat, and they come from the journal's numbers.
// Owner: the ledger. Threads: the writer's. Errors: none.
// What a transaction did can be undone, because it may fail to commit.
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/journal/journal.h"

namespace baton::sqlite {

struct Held {
  std::uint64_t token;
  TimePoint until;
  JobKey key;
  std::uint64_t handoff;  // its number
};

class Leases {
 public:
  const Held* of(std::uint64_t job) const {
    const auto found = held_.find(job);
    return found == held_.end() ? nullptr : &found->second;
  }
  // The job that the token is good for.
  std::optional<std::uint64_t> job_of(std::uint64_t token) const {
    const auto found = jobs_.find(token);
    return found == jobs_.end() ? std::nullopt : std::optional(found->second);
  }
  void give(std::uint64_t job, Held held) {
    remember(job);
    set(job, std::move(held));
  }
  void end(std::uint64_t job) {
    remember(job);
    set(job, std::nullopt);
  }

  std::size_t mark() const { return before_.size(); }
  void undo_to(std::size_t mark) {
    while (before_.size() > mark) {
      set(before_.back().first, std::move(before_.back().second));
      before_.pop_back();
    }
  }
  void keep() { before_.clear(); }

 private:
  void remember(std::uint64_t job) {
    const auto* held = of(job);
    before_.emplace_back(job, held ? std::optional(*held) : std::nullopt);
  }
  void set(std::uint64_t job, std::optional<Held> held) {
    if (const auto* old = of(job)) jobs_.erase(old->token);
    held_.erase(job);
    if (!held) return;
    jobs_.emplace(held->token, job);
    held_.emplace(job, std::move(*held));
  }

  std::unordered_map<std::uint64_t, Held> held_;
  std::unordered_map<std::uint64_t, std::uint64_t> jobs_;
  std::vector<std::pair<std::uint64_t, std::optional<Held>>> before_;
};

}  // namespace baton::sqlite
