// Purpose: whom a vendor means that says that a customer changed: the open handoffs whose context names that
// object of that destination. A hint, so it may be some seconds old, and of very many handoffs the newest
// count. Owner: Ingress. Threads: the public loop. Units: handoffs. Errors: as the journal's. Memory: ids
// only, of at most kMost handoffs, and none where no vendor sends such hints.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/journal/journal.h"

namespace baton::ingress {

class Concerned {
 public:
  // More waiting than that is a day on which nobody reads notes on late context.
  static constexpr std::size_t kMost = 2'000;

  Concerned(Journal& journal, Clock& clock) : journal_(journal), clock_(clock) {}

  Task<std::vector<HandoffId>> by(WorkspaceId workspace, DestinationId destination, std::string object);

 private:
  using Index = std::multimap<std::pair<DestinationId, std::string>, std::pair<WorkspaceId, HandoffId>>;

  Task<Done> look();

  Journal& journal_;
  Clock& clock_;
  Index index_;
  TimePoint looked_at_;
};

}  // namespace baton::ingress
