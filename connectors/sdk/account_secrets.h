// Purpose: which of a destination's secrets do what: one authorises its requests, others show that its
// webhooks are genuine. Owner: whoever reads the configuration. Threads: any. Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/sdk/connector.h"

namespace baton::sdk {

// The field without which no request is authorised; empty: there is none, or one that may be absent.
std::string authorising_secret(const Auth& auth);

// Other ways to authorise that a setting chooses which is empty now: "`email` with `api_token`".
std::vector<std::string> other_ways(const Connector& connector, const Settings& settings);

// The fields of which any one verifies what the vendor sends, by the names that all connectors give them
// (tests/contract/webhook_test.cc holds every connector to it); empty: it sends nothing, or a secret that is
// required anyway verifies it.
std::vector<std::string_view> verifying_secrets(const Connector& connector, const Settings& settings);

}  // namespace baton::sdk
