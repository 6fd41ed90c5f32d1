// Purpose: tries a destination as an operator asks for it: the vendor's cheapest calls, and, on request, what
// has to exist there. Outside of any handoff, so nothing is journalled here; who asked is recorded by the
// caller. Owner: the API and the command line. Threads: the client's loop. The account outlives the call.
// Errors: what is wrong is a Finding, redacted and cut like everything that a vendor said.
#pragma once

#include "connectors/sdk/account.h"
#include "gateway/base/clock.h"
#include "gateway/http/client.h"

namespace baton::delivery {

enum class Apply { no, yes };

Task<sdk::Findings> probe(const sdk::Account& account, HttpClient& client, Clock& clock, Apply apply);

}  // namespace baton::delivery
