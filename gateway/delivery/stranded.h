// Purpose: the deliveries that an outage left waiting. Each that was tried during it waits out a backoff of
// its own, an hour perhaps; once the vendor is back there is no reason to. What failed while others succeeded
// keeps its backoff: the vendor was there. Owner: a lane's worker. Threads: one loop. Units: none. Errors:
// none; beyond a thousand the rest keep their backoff, and so do all after a restart.
#pragma once

#include <set>

#include "gateway/model/job.h"

namespace baton::delivery {

class Stranded {
 public:
  // For want of the vendor.
  void failed(const JobKey& key) {
    if (failed_.size() < kMost) failed_.insert(key);
  }

  // `was_down`: the breaker was open, or probing.
  void succeeded(bool was_down) {
    if (was_down) waiting_.merge(failed_);
    failed_.clear();
  }

  // Whether some are to be tried ahead of their time.
  bool any() const { return !waiting_.empty(); }
  bool contains(const JobKey& key) const { return waiting_.contains(key); }
  void tried(const JobKey& key) { waiting_.erase(key); }
  void forget() { waiting_.clear(); }  // none of them waits any more

 private:
  static constexpr std::size_t kMost = 1000;
  std::set<JobKey> failed_;  // since the latest success
  std::set<JobKey> waiting_;
};

}  // namespace baton::delivery
