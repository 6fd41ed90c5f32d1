// Purpose: facts and ended jobs between their commit and the planner that consumes them, so that what
// has just been written need not be read and parsed again.
// Owner: the ledger. Threads: the writer's. Errors: none; what is not here is in the tables.
//
// The first come are the first to be planned: when it is full, what comes later is not kept.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/model/fact.h"

namespace baton::sqlite {

class NewsCache {
 public:
  // `max_size` bounds the records' sizes in all; decoded they take some five times as much.
  explicit NewsCache(std::size_t max_size) : max_size_(max_size) {}

  void put(std::uint64_t order, Fact fact, std::size_t size) {
    if (size_ + size > max_size_) return;
    size_ += size;
    fact.order = order;
    entries_.emplace(order, Entry{std::move(fact), size});
    written_.push_back(order);
  }
  // The planner is behind: what comes now will hardly find room.
  bool nearly_full() const { return size_ >= max_size_ / 4 * 3; }
  // Given away once: whoever claims it again reads the table.
  std::optional<Fact> take(std::uint64_t order) {
    const auto found = entries_.find(order);
    if (found == entries_.end()) return std::nullopt;
    size_ -= found->second.size;
    std::optional<Fact> fact(std::move(found->second.fact));
    entries_.erase(found);
    return fact;
  }

  // Around one batch, whose rows may be taken back.
  void begin_batch() { written_.clear(); }
  void undo_batch() {
    for (const auto order : written_) (void)take(order);
    written_.clear();
  }
  void clear() {
    entries_.clear();
    written_.clear();
    size_ = 0;
  }

 private:
  struct Entry {
    Fact fact;
    std::size_t size;
  };

  std::size_t max_size_;
  std::size_t size_ = 0;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::vector<std::uint64_t> written_;  // by the batch under way
};

}  // namespace baton::sqlite
