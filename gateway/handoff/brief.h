// Purpose: what a person reads in ten seconds: who, wanted, went wrong, tried, next. Pure:
// handoff -> brief. Owner: delivery hands it to the mappings, the API and the command line show it.
// Threads: any. Units: lengths in bytes of UTF-8. Errors: none; what is not known is said to be so.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/model/handoff.h"

namespace baton::handoff {

// A part that could be in the brief and is not, and why.
struct Gap {
  std::string field;
  std::string state;  // missing, late, failed, expected
  std::string reason;
};

struct Brief {
  std::string headline;  // one line: what it is about
  std::string who;
  std::string wanted;
  std::string went_wrong;
  std::string tried;
  std::string next;
  std::string account, money, history;  // what is known beside the conversation; "" where nothing is
  int completeness = 100;               // percent of fields and sources that are there
  std::vector<Gap> missing;
};

Brief brief(const Handoff& handoff);

nlohmann::json to_json(const Brief& brief);

}  // namespace baton::handoff
