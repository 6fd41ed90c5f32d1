// Purpose: in which order plans with news are handed out: the sources take turns, and within one source the
// order of the news stands. So a burst of one source does not hold up what another one sends beside it.
// Owner: a journal adapter. Threads: the adapter's. Units: places are counted, the least comes first.
// Errors: none. Every adapter asks it at the same moments, so that all hand out in the same order.
//
// This is start-time fair queueing: a source's next place is behind its own last one, and never before the
// place that was handed out last. Who sends little is served at the next look, who sends much has the rest.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton {

class PlanOrder {
 public:
  // What was placed before the start comes before all that is placed from now
  // on; `last` is the greatest.
  explicit PlanOrder(std::int64_t last = 0) : reached_(last) {}

  // Of a plan that has news now, and had none or was given back.
  std::int64_t place(const std::string& source) {
    const auto found = last_.find(source);
    const bool known = found != last_.end();
    before_.emplace_back(source, known ? std::optional(found->second) : std::nullopt);
    auto& last = known ? found->second : last_[source];
    last = std::max(last, reached_) + 1;
    return last;
  }
  void handed_out(std::int64_t place) {
    reached_ = std::max(reached_, place);
    if (last_.size() > kMostKnown) std::erase_if(last_, [&](auto& one) { return one.second <= reached_; });
  }

  // A batch that is refused has placed nothing.
  void begin_batch() { before_.clear(); }
  void undo_batch() {
    for (; !before_.empty(); before_.pop_back()) {
      auto& [source, last] = before_.back();
      if (last) last_[source] = *last;
      else last_.erase(source);
    }
  }

 private:
  static constexpr std::size_t kMostKnown = 256;  // beyond it those who have nothing waiting are forgotten

  std::int64_t reached_;
  std::map<std::string, std::int64_t, std::less<>> last_;  // by source
  std::vector<std::pair<std::string, std::optional<std::int64_t>>> before_;
};

}  // namespace baton
