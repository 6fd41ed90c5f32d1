// Purpose: two periods side by side: topics that do not get better, accounts that ask for a person more and
// more often. Pure. Owner: the measure. Threads: one at a time.
// Units: a period is [begin, middle) and [middle, end). Memory: 1,000 topics, and 50 bytes an account, of
// which the first million is counted. Errors: none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "gateway/model/outline.h"

namespace baton::handoff {

struct Periods {
  TimePoint begin, middle, end;
};

// `part` of `of`, rounded to a thousandth; of nothing there is no share.
nlohmann::json share(std::uint64_t part, std::uint64_t of);

class Trends {
 public:
  explicit Trends(Periods periods) : periods_(periods) {}

  void add(const Outline& handoff);

  // [{"category", "handoffs", "share", "earlier", "later", "improved", "gap"}]: the most frequent; `all` is
  // how many handoffs there are. `improved` is null where there is too little to say; three of ten handoffs
  // on one topic are a gap in what the AI can do (S148).
  nlohmann::json topics(std::uint64_t all) const;
  // [{"account", "earlier", "later"}]: at least three in the later period, and twice as many as before.
  nlohmann::json accounts_rising() const;

 private:
  struct Counts {
    std::uint32_t earlier = 0, later = 0;
  };
  struct Topic {
    Counts counts;
    std::uint64_t handoffs = 0;
  };

  // -1: before the middle, 1: after; 0: in neither period.
  int period_of(TimePoint at) const;
  void add_account(const Outline& handoff, int period);

  Periods periods_;
  Counts all_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::unordered_map<std::uint64_t, Counts> accounts_;
  std::map<std::uint64_t, std::string> names_;  // of accounts that may be rising
};

}  // namespace baton::handoff
