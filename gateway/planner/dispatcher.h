// Purpose: asks people. Whenever somebody is free and somebody waits, it commits an offer, a fact like any
// other from which advance() goes on; paints the board at the start; reads who is there; writes down how
// long people waited.
// Owner: app/, beside the planner, where teams are configured. Threads: one loop, the journal's home.
// Errors: none leave it; a journal that is unwell is asked again.
//
// An offer is keyed offer:<handoff>:<n>, so that however many dispatchers there are, and however often one is
// started, the n-th is made once.
#pragma once

#include "gateway/base/scope.h"
#include "gateway/journal/journal.h"
#include "gateway/planner/board.h"

namespace baton {

inline constexpr std::string_view kWaitTimesKind = "wait_times";  // one document

class Dispatcher {
 public:
  Dispatcher(Journal& journal, Clock& clock, Board& board)
      : journal_(journal), clock_(clock), board_(board) {}

  // Works until stopped; what was learnt is written down before it ends.
  Task<Done> run(std::stop_token stop);

 private:
  Task<Done> paint();
  Task<Done> watch_presence(std::stop_token stop);
  Task<Done> read_presence();
  Task<Done> make_offers(std::stop_token stop);
  Task<Done> offer(handoff::Offer made, std::stop_token stop);
  Task<Done> load_times();
  Task<Done> save_times();

  Journal& journal_;
  Clock& clock_;
  Board& board_;
  int times_version_ = 0;
  TimePoint save_at_;
};

}  // namespace baton
