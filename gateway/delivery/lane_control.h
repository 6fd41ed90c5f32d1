// Purpose: whether a lane may work now, and how much at once: concurrency, rate budget, breaker,
// retry budget, and the pause that people or vendors asked for; and the lane's figures for health.
// Owner: the delivery station, one per destination. Threads: one loop. Units: as named.
// Errors: none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/sdk/connector.h"
#include "gateway/base/exemplars.h"
#include "gateway/delivery/breaker.h"
#include "gateway/base/rate_budget.h"
#include "gateway/delivery/recent.h"
#include "gateway/delivery/retry_budget.h"
#include "gateway/model/lane.h"

namespace baton::delivery {

// What a lane did since the process started. Copied out for health and metrics.
struct LaneFigures {
  std::uint64_t requests = 0;
  std::uint64_t attempts = 0;
  std::uint64_t succeeded = 0;
  std::array<std::uint64_t, 7> failed{};  // by FailureKind
  std::uint64_t served = 0;               // attempts in which the vendor was asked and was there
  std::uint64_t unserved = 0;             // and in which it was not: what counts against its breaker
  std::uint64_t died = 0;                 // deliveries that became dead letters
  std::optional<TimePoint> last_success;
  std::optional<TimePoint> last_failure;
  std::string last_failure_detail;
  Duration slowest_request = Duration{0};
  Duration total_request_time = Duration{0};
  Histogram took;    // attempts, from their claim to their outcome
  Exemplars traces;  // of `took`
  Recent recent;
  sdk::Quota quota;  // the vendor's own words, as it said them last
  std::optional<TimePoint> quota_at;
};

// Whether a failure says that the vendor is not there: one that answers, whatever it says, is.
bool counts_against(FailureKind kind);

class LaneControl {
 public:
  LaneControl(const sdk::Limits& limits, Random& random, TimePoint now,
              std::span<const sdk::Budget> budgets = {});

  // What the worker may do at `now`.
  struct Gate {
    int room = 0;             // jobs that may be claimed
    bool only_reads = false;  // the breaker is open: reads are claimed to fail at once
    bool probes = false;      // it is time to ask a vendor that was down: with one that waits, if none is due
    TimePoint look_again = TimePoint::max();  // when a closed gate may open by itself
  };
  Gate gate(int under_way, TimePoint now);

  // Claimed attempts count against the rate budget until they send or end, so that claims side by
  // side do not all count on the same tokens.
  void claimed(int attempts) { unsent_ += attempts; }
  void claim_used() { --unsent_; }

  // An attempt's life. start() refuses a retry that the retry budget does not allow. Only an attempt
  // that `asked` says something about the vendor.
  bool start(bool retry, TimePoint now);
  void succeeded(bool retry, bool asked, TimePoint now);
  void failed(bool retry, bool asked, const Failure& failure, TimePoint now);
  void dropped(bool retry);                             // somebody else has it now
  void untold(TimePoint now) { breaker_.untold(now); }  // the breaker's probe has not asked
  void died() { ++figures_.died; }
  // The same end for health: how far it came, and why no further.
  void ended(Stage stage, const std::optional<Failure>& failure, Duration took, TimePoint now,
             std::string trace_id = {});
  void returned(const nlohmann::json& found, TimePoint now);  // by a read

  // A request's life. It may leave at free_at(); sending() takes its token. Of one that names a budget only
  // that one counts; hold() lets nothing of it leave before `until`.
  TimePoint free_at(TimePoint now, std::string_view budget = {});
  void sending(TimePoint now, std::string_view budget = {});
  void hold(std::string_view budget, TimePoint until, TimePoint now);
  void answered(Duration took, const sdk::Quota& quota, TimePoint now);

  // Why context may not be looked up now, and until when; nothing: it may, and counts as looked up. What is
  // left of what the vendor allows is for writes (Limits). Its own word counts, which comes with each answer;
  // when that is old, one look-up asks anew.
  struct Rest {
    TimePoint until;
    std::string why;
  };
  std::optional<Rest> look_up(TimePoint now);

  // What people or vendors asked for. A vendor's wait ends by itself, with a probe each hour.
  void set(const LaneState& state) { asked_ = state; }
  const std::optional<LaneState>& asked() const { return asked_; }
  bool paused(TimePoint now) const;

  // How long to wait where the vendor does not say: twice as long each time until it takes something again,
  // with jitter, from the first wait of its limits up to the longest. `began`: the attempt that was put
  // off; those that were under way together are put off once.
  Duration guess_wait(TimePoint began, TimePoint now);

  const LaneFigures& figures() const { return figures_; }
  const Breaker& breaker() const { return breaker_; }
  int tokens(TimePoint now) { return budget_.available(now); }

 private:
  struct Apart {
    std::string_view name;
    RateBudget budget;
    TimePoint held_until;
  };
  Apart* find_apart(std::string_view budget);

  sdk::Limits limits_;
  Random& random_;
  RateBudget budget_;
  std::vector<Apart> apart_;
  Breaker breaker_;
  RetryBudget retries_;
  int unsent_ = 0;
  std::optional<LaneState> asked_;
  TimePoint last_probe_;
  TimePoint last_look_up_;
  int guesses_ = 0;  // in a row
  Duration guess_ = Duration{0};
  TimePoint guessed_at_;
  LaneFigures figures_;
  Completeness completeness_;
};

}  // namespace baton::delivery
