// Purpose: a place as a configured destination, as app/ makes them. Owner: the test; what is shipped
// (connectors, mappings) is read once and never changes. Threads: one.
#pragma once

#include <memory>
#include <string>

#include "connectors/sdk/account.h"
#include "tests/contract/place.h"

namespace baton::contract {

// Without a redactor: whoever needs one binds it.
std::unique_ptr<sdk::Account> make_account(const Place& place, const std::string& name);

}  // namespace baton::contract
