// Purpose: what ingress says to senders: 202 with what will happen, or a problem (RFC 9457) that says
// what, where and what to do. Pure. Owner: ingress. Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/model/handoff.h"
#include "gateway/model/http.h"
#include "gateway/model/problem.h"

namespace baton::ingress {

struct Accepted {
  HandoffId handoff;
  std::vector<DestinationId> destinations;
  bool merged = false;  // it became the update of a handoff that was open already
};

// One event: its object; a batch: an object per event.
Reply accepted(const std::vector<Accepted>& events, bool batch);

Reply refused(int status, std::string_view code, std::string_view title, std::string_view detail,
              std::vector<FieldError> items = {});

// Ours, not the sender's, fault: the same request later is welcome.
Reply not_now(const Failure& failure);

// Above the limit of the source of that name. `status`: 429, or 503 for who takes a 4xx for a last word.
Reply too_many(const std::string& source, int status);

}  // namespace baton::ingress
