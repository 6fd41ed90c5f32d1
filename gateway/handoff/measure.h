// Purpose: what a support lead asks about handoffs: how many, how long people waited, how it ended, how often
// the same customer came back, what agents said of them; for all and by one property. Pure.
// Owner: the API and `baton report`, which feed it page by page. Threads: one at a time.
// Units: times in milliseconds. A percentile is right within 6 %: its values are counted in buckets, so
// memory does not grow with handoffs, but for 16 bytes a customer. Errors: none.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/handoff/satisfaction.h"
#include "gateway/handoff/trends.h"
#include "gateway/model/outline.h"

namespace baton::handoff {

enum class By {
  nothing,
  team,
  category,
  rule,
  channel,
  priority,
  trigger,
  day,
  language,
  segment,
  pilot,
  product
};
inline constexpr auto kByNames =
    std::to_array<std::string_view>({"nothing", "team", "category", "rule", "channel", "priority", "trigger",
                                     "day", "language", "segment", "pilot", "product"});
std::optional<By> by_from(std::string_view text);

// Durations from a millisecond to a year.
class Spread {
 public:
  void add(Duration time);
  std::uint64_t count() const { return count_; }
  // The value that `part` (0.5: the median) of them do not exceed.
  Duration at(double part) const;

 private:
  static constexpr int kSteps = 12;  // of one doubling
  std::array<std::uint32_t, 36 * kSteps> buckets_{};
  std::uint64_t count_ = 0;
};

// The customer's feelings, -1 to 1, at one point of many conversations.
struct Average {
  void add(double value) {
    ++count;
    total += value;
  }
  std::uint64_t count = 0;
  double total = 0;
};

// At the three points at which they are looked at (S147); nothing where the platform said nothing.
struct Feelings {
  std::optional<double> before;       // the last before the handoff
  std::optional<double> after_claim;  // the first after somebody had it
  std::optional<double> at_end;       // the last, if it is another one
};
Feelings feelings_of(const Outline& handoff);

// The figures of one group.
struct Figures {
  std::uint64_t handoffs = 0, open = 0, claimed = 0, resolved = 0, cancelled = 0, abandoned = 0,
                left_after_claim = 0, lost_claims = 0, bounced = 0;
  std::uint64_t in_patience = 0;  // somebody had it before customers give up (S141)
  std::uint64_t explicit_requests = 0;
  std::uint64_t back_in_7d = 0, back_in_14d = 0;
  std::uint64_t same_in_7d = 0, same_in_14d = 0;  // of the same category as well
  std::uint64_t parts = 0, parts_present = 0;     // of the context that was asked for
  std::map<std::string, std::uint64_t> faults;
  std::uint64_t answered = 0, repeated = 0;          // people wrote; they asked for what was given (S180)
  std::map<std::string, std::uint64_t> asked_again;  // by kind
  Satisfaction handed_over, before_handover;         // of the whole or the human's part; of the AI's
  Average before, after_claim, at_end;               // feelings
  std::uint64_t fell_in_transfer = 0;                // of those known at both points
  Spread to_claim, to_reply, to_resolution, handling;
};

// One's own past beside the present (S140): {"handoff_rate", "satisfied", "reading"}, by how much they
// changed. A rate alone is no number to push (S155): fewer handoffs are "better" only where people are not
// less satisfied, "worse" where they are; what cannot be said is null. Both as whole() gives them.
nlohmann::json compared(const nlohmann::json& now, const nlohmann::json& earlier);

class Measure {
 public:
  // `trends` compares two periods, for what rises and what does not get better.
  explicit Measure(By by, Periods periods = {}) : by_(by), trends_(periods) {}

  // Newest first, as the journal gives them: only so is it known who came back.
  void add(const Outline& handoff);
  // What the AI did without us, as documents tell; `pilot`: the arm, or "".
  void add(std::string_view pilot, const AiAlone& alone);

  // {"by", "all": {...}, "groups": [{"name", ...}], "ai": {...}, "topics", "accounts_rising", "calibration"},
  // the largest group first.
  nlohmann::json figures() const;

  // The figures of all, "ai" among them: what another period stands beside.
  nlohmann::json whole() const;

 private:
  // The next later request of a customer.
  struct Seen {
    TimePoint at;
    std::uint32_t category = 0;  // a hash
  };
  // A handoff that somebody should read again (S153).
  struct Doubtful {
    std::string id, rule, why;
  };

  Figures& group_of(const Outline& handoff);
  void note_doubts(const Outline& handoff, const Feelings& felt);
  static nlohmann::json doubts_json(const std::vector<Doubtful>& list);

  By by_;
  Figures all_;
  std::map<std::string, Figures> groups_;
  AiAlone ai_;
  std::map<std::string, AiAlone, std::less<>> ai_by_pilot_;
  Trends trends_;
  std::unordered_map<std::uint64_t, Seen> last_seen_;  // by customer
  std::vector<Doubtful> unnecessary_, kept_too_long_;  // the newest
};

}  // namespace baton::handoff
