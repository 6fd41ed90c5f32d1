// Purpose: tries a destination as an operator asks for it: the vendor's cheapest calls, and, on request, what
// has to exist there. Outside of any handoff, so nothing is journalled here; who asked is recorded by the
// caller. Owner: the API and the command line. Threads: the client's loop. The account outlives the call.
// Errors: what is wrong is a Finding, redacted and cut like everything that a vendor said.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/base/clock.h"
#include "gateway/http/client.h"

namespace baton::delivery {

enum class Apply { no, yes };

Task<sdk::Findings> probe(const sdk::Account& account, HttpClient& client, Clock& clock, Apply apply);

// By e-mail address the vendor's id of whoever has it there; "": nobody has. `rejected` where the vendor
// cannot be asked so.
using People = std::map<std::string, std::string>;
Task<People> find_people(const sdk::Account& account, HttpClient& client, Clock& clock,
                         std::vector<std::string> emails);

}  // namespace baton::delivery
