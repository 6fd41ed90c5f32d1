// Purpose: the handoffs that are being worked on, decoded once. A move replaces the entry, so what
// was handed out with a claim never changes.
// Owner: the ledger. Threads: the writer's; the handoffs themselves are shared with any. Errors: none.
#pragma once

#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "gateway/model/handoff.h"

namespace baton::sqlite {

struct Known {
  std::uint64_t no = 0;
  std::uint64_t thread = 0;  // the number of the first handoff of its conversation
  std::shared_ptr<const Handoff> handoff;
  std::size_t size = 0;  // of its record
};

class HandoffCache {
 public:
  // `max_size` bounds the records' sizes in all; decoded they take some five times as much.
  explicit HandoffCache(std::size_t max_size) : max_size_(max_size) {}

  const Known* find(std::string_view id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : use(found->second);
  }
  const Known* find(std::uint64_t no) {
    const auto found = by_no_.find(no);
    return found == by_no_.end() ? nullptr : use(found->second);
  }
  // Valid until the next call of put().
  const Known* put(Known known) {
    drop(known.no);
    size_ += known.size;
    entries_.push_front(std::move(known));
    const auto entry = entries_.begin();
    by_no_.emplace(entry->no, entry);
    by_id_.emplace(entry->handoff->id.text, entry);
    while (size_ > max_size_ && entries_.size() > 1) drop(entries_.back().no);
    return &*entry;
  }
  void drop(std::uint64_t no) {
    const auto found = by_no_.find(no);
    if (found == by_no_.end()) return;
    const auto entry = found->second;
    size_ -= entry->size;
    by_no_.erase(found);
    by_id_.erase(entry->handoff->id.text);
    entries_.erase(entry);
  }
  void clear() {
    by_id_.clear();
    by_no_.clear();
    entries_.clear();
    size_ = 0;
  }

 private:
  using Entries = std::list<Known>;
  const Known* use(Entries::iterator entry) {
    entries_.splice(entries_.begin(), entries_, entry);
    return &*entry;
  }

  std::size_t max_size_;
  std::size_t size_ = 0;
  Entries entries_;  // the latest used first
  std::unordered_map<std::uint64_t, Entries::iterator> by_no_;
  std::unordered_map<std::string_view, Entries::iterator> by_id_;  // views of the entries' own ids
};

}  // namespace baton::sqlite
