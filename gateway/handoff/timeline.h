// Purpose: what happened to a handoff, in order, for a person to read. Pure.
// Owner: the API and the command line. Threads: any. Errors: none.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/model/fact.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"

namespace baton::handoff {

struct Moment {
  Moment(TimePoint at_in, std::string kind_in, std::string text_in, nlohmann::json detail_in)
      : at(at_in), kind(std::move(kind_in)), text(std::move(text_in)), detail(std::move(detail_in)) {}
  TimePoint at;
  std::string kind;  // event, signal, state, refused, read, delivery
  std::string text;  // one line
  nlohmann::json detail;
};

// Oldest first; of two things in one instant, what came from outside is first.
std::vector<Moment> timeline(const Handoff& handoff, const std::vector<Fact>& facts,
                             const std::vector<Job>& jobs);

}  // namespace baton::handoff
