// Purpose: what a lane's attempts came to within the last hour, minute by minute; and how complete a
// destination's answers are.
// Owner: the lane's control. Threads: one loop. Units: minutes; parts of a context answer. Errors: none.
// Memory: at most 61 tallies and 64 names, and none where nothing happens.
#pragma once

#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/model/tally.h"

namespace baton::delivery {

class Recent {
 public:
  static constexpr auto kKept = std::chrono::minutes{60};

  // Where what happens at `now` is counted.
  Tally& at(TimePoint now) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    // Also what lies ahead, after a clock was set back.
    std::erase_if(minutes_,
                  [&](const auto& one) { return one.first > minute || one.first <= minute - kKept; });
    return minutes_[minute];
  }

  // Of the last `span`, to the minute; at most kKept.
  Tally over(std::chrono::minutes span, TimePoint now) const {
    Tally all;
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    for (const auto& [when, tally] : minutes_) {
      if (when <= minute && when > minute - span) all += tally;
    }
    return all;
  }

 private:
  std::map<std::chrono::sys_time<std::chrono::minutes>, Tally> minutes_;
};

// A vendor that answers 200 with half of its fields empty is not well either. What it can tell is not written
// anywhere, so an answer is held against everything that this destination has told before.
class Completeness {
 public:
  // Counts the answer of a read.
  void count(const nlohmann::json& found, Tally& tally) {
    std::set<std::string> filled;
    if (!found.is_object()) return;
    for (const auto& [part, value] : found.items()) {
      if (!value.is_object()) add(part, value, filled);
      else
        for (const auto& [field, inner] : value.items()) add(part + "." + field, inner, filled);
    }
    for (const auto& one : filled) {
      if (known_.size() < kMostParts) known_.insert(one);
    }
    tally.parts_known += static_cast<std::uint32_t>(known_.size());
    for (const auto& one : filled) tally.parts_filled += known_.contains(one) ? 1 : 0;
  }

 private:
  static constexpr std::size_t kMostParts = 64;

  static void add(const std::string& part, const nlohmann::json& value, std::set<std::string>& filled) {
    const bool says_nothing = value.is_null() ||
                              (value.is_string() && value.get_ref<const std::string&>().empty()) ||
                              (value.is_structured() && value.empty());
    if (!says_nothing) filled.insert(part);
  }

  std::set<std::string> known_;
};

}  // namespace baton::delivery
