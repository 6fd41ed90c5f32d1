// Purpose: what became of handoffs since the start, counted where it is decided.
// Owner: the planner. Threads: the planner's loop. Units: Histogram's. Errors: none.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "gateway/base/exemplars.h"
#include "gateway/base/histogram.h"
#include "gateway/model/handoff.h"
#include "gateway/model/trace.h"

namespace baton {

struct PlannerFigures {
  std::array<std::uint64_t, kStateNames.size()> moves{};  // by the State entered
  std::uint64_t asked_again = 0;                          // handoffs in which people asked for what was given
  Histogram claims{Histogram::kPeople};                   // from the request to the first claim
  Exemplars claim_traces;                                 // of `claims`

  PlannerFigures& operator+=(const PlannerFigures& other) {
    for (std::size_t i = 0; i < moves.size(); ++i) moves[i] += other.moves[i];
    asked_again += other.asked_again;
    claims += other.claims;
    claim_traces += other.claim_traces;
    return *this;
  }

  // What `after` has that `before` had not, once it is stored. Baton's own cases are nobody's handoffs.
  void count(const Handoff& before, const Handoff& after) {
    if (is_own(after.conversation)) return;
    asked_again += before.asked_again.empty() && !after.asked_again.empty();
    const auto is_claim = [](const Passage& passage) { return passage.state == State::claimed; };
    bool claimed = std::ranges::any_of(before.passages, is_claim);
    for (auto i = before.passages.size(); i < after.passages.size(); ++i) {
      const auto& passage = after.passages[i];
      ++moves[static_cast<std::size_t>(passage.state)];
      if (!is_claim(passage) || std::exchange(claimed, true)) continue;
      const auto waited = passage.at - after.requested_at;
      claims.add(waited);
      if (const auto trace = trace_of(after)) claim_traces.add(claims, waited, trace->trace_id, passage.at);
    }
  }
};

}  // namespace baton
