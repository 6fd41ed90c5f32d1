// Purpose: learns a classifier's weights from labelled conversations, and writes its table. Deterministic:
// the same conversations in the same order make the same table. Owner: `baton decide --learn`. Threads: any;
// plain values. Units: none. Errors: none.
#pragma once

#include <string>
#include <vector>

#include "gateway/handoff/classifier.h"

namespace baton::handoff {

struct Lesson {
  Heard heard;
  bool needs_person = false;
};

// The table that Classifier::read reads: features that several conversations have and that weigh something.
std::string learn_weights(const std::vector<Lesson>& lessons);

}  // namespace baton::handoff
