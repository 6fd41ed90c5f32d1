// Purpose: an alert as its readers get it: what is wrong, what happens to handoffs now, what was tried, what
// to do, and where to read on. Pure. Owner: the alert station. Threads: any. Errors: none.
#pragma once

#include <string>

#include "gateway/health/alerting.h"

namespace baton::alerts {

// Where links lead; empty: no such link.
struct Links {
  std::string runbooks;  // "https://wiki.example/baton/" or "...alerts.md#": the kind's name is added
  std::string console;   // the management API as people reach it
};

// The data of an event alert.<word>; `until`: when it will have been repeated.
nlohmann::json message(const Alert& alert, Word word, const Links& links, const Pace& pace, TimePoint now);

// "zendesk is down"
std::string title_of(const Alert& alert);

}  // namespace baton::alerts
