// Purpose: the only station that advances a handoff. It claims plan jobs, feeds each handoff's
// unconsumed facts to advance(), and commits the new state, the consumed facts, the next jobs and
// the next timer together.
//
// An event may reach a handoff that has ended meanwhile: ingress answered 202 while the fact that ends it was
// still unconsumed. It is handed on to the conversation's open handoff; a request opens the next one.
// Owner: app/. Threads: one loop; any number of planners on any number of nodes.
// Errors: a commit that conflicts is dropped; the facts are still there for the next claim.
#pragma once

#include <functional>

#include "gateway/base/random.h"
#include "gateway/base/scope.h"
#include "gateway/base/turns.h"
#include "gateway/handoff/advance.h"
#include "gateway/handoff/route.h"
#include "gateway/journal/journal.h"
#include "gateway/planner/board.h"
#include "gateway/planner/defects.h"
#include "gateway/planner/figures.h"

namespace baton {

class Planner {
 public:
  Planner(Journal& journal, Clock& clock, Random& random, const handoff::Rules& rules,
          const Abilities& abilities, const handoff::Patience& patience,
          const handoff::tell::Messages& messages, handoff::BugPolicy bugs = {}, Board* board = nullptr)
      : journal_(journal), clock_(clock), random_(random), rules_(rules), abilities_(abilities),
        patience_(patience), messages_(messages), bugs_(std::move(bugs)), board_(board) {}

  // Works until stopped; goes on while the journal is unwell.
  Task<Done> run(std::stop_token stop);

  // Whether a destination fails at present, for jobs that wait behind others' failures. Before run().
  using IsFailing = std::function<bool(const DestinationId&)>;
  void ask_lanes(IsFailing is_failing) { is_failing_ = std::move(is_failing); }

  const PlannerFigures& figures() const { return figures_; }

 private:
  Task<Done> plan(Claimed claimed);
  Task<Done> ask_defects(handoff::Next& next, Defects& defects, TimePoint at, const handoff::House& house);
  Task<Verdict> decide(Claimed& claimed, bool& with_defects);
  Task<Done> give_back(Claimed claimed);
  Task<Done> hand_on(Claimed claimed);
  Task<int> count_bounces(const Handoff& handoff);
  Task<bool> is_helpdesk_down(const Handoff& handoff);
  Task<Batch> handed_on(const Claimed& claimed, const Fact& fact, const Event& event);

  Journal& journal_;
  Clock& clock_;
  Random& random_;
  const handoff::Rules& rules_;
  const Abilities& abilities_;
  const handoff::Patience& patience_;
  const handoff::tell::Messages& messages_;
  const handoff::BugPolicy bugs_;
  Turn with_defects_;
  Turns turns_;
  PlannerFigures figures_;
  IsFailing is_failing_;
  Board* const board_;  // where teams are configured: kept up to date with everything that is committed
};

}  // namespace baton
