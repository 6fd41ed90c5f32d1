// Purpose: carries what handoffs say to the defects that they met, and the answers back. A defect is a
// document; it is read, advanced and written in the commit of the handoff that speaks, so two handoffs at one
// instant, here or on another node, never make two reports.
// Owner: one for each plan, Turn by the planner. Threads: the planner's loop.
// Errors: a journal that cannot answer; the plan is dropped then, and its facts are still there.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/bell.h"
#include "gateway/handoff/defect.h"
#include "gateway/journal/journal.h"

namespace baton {

// Who speaks with defects, one plan after the other: side by side they would only make one another's
// documents stale, once for each of them.
class Turn {
 public:
  Task<Done> wait(Clock& clock);
  void end();

 private:
  bool taken_ = false;
  Bell ended_;
};

class Defects {
 public:
  Defects(Journal& journal, Clock& clock, Turn& turn, const handoff::BugPolicy& policy)
      : journal_(journal), clock_(clock), turn_(turn), policy_(policy) {}
  ~Defects() {
    if (mine_) turn_.end();
  }
  Defects(const Defects&) = delete;
  Defects& operator=(const Defects&) = delete;

  // What `said` leads to, in order: the answers to the speaker. Those to others are kept for the batch.
  Task<std::vector<Signal>> hear(const Handoff& speaker, std::vector<handoff::ToDefect> said, TimePoint at);

  // The documents as they are now, and the answers to other handoffs. The turn lasts until this is committed.
  Task<Done> add_to(Batch& batch, TimePoint now);

  bool any() const { return !known_.empty(); }

 private:
  struct Known {
    handoff::KnownBug bug;
    int version = 0;
    bool changed = false;
    handoff::ErrorParts shelved;  // by which it stands where it stands
  };

  Task<Done> find(const Handoff& speaker, const handoff::ToDefect& said, std::string& key);
  Task<Done> find_by_parts(const std::string& scope, const handoff::ErrorParts& parts, std::string& key);
  Task<Done> load(std::string key);
  Task<Done> load_shelf(std::string shelf);
  Task<Done> put_on_shelves(const Known& known, Batch& batch);
  Task<bool> exists(HandoffId handoff);

  Journal& journal_;
  Clock& clock_;
  Turn& turn_;
  const handoff::BugPolicy& policy_;
  bool mine_ = false;
  std::map<std::string, Known> known_;     // by key
  std::map<std::string, int> unreadable_;  // versions of records that make no sense: they are written anew
  std::vector<Signal> to_others_;
  int answers_ = 0;
};

}  // namespace baton
