// Purpose: what Salesforce's answers mean. Source: fact sheet salesforce, sections 5 and 6.
// Owner: none. Threads: any. Errors: Failures, by kind of what the caller must do.
#pragma once

#include <optional>
#include <string>

#include "connectors/sdk/connector.h"

namespace baton::salesforce {

std::optional<Failure> classify(const sdk::Exchange& seen);
// Of the day's requests, which all of the org's integrations share.
sdk::Quota quota(const Reply& reply);
// "INVALID_FIELD: No such column ... (Tier__c)" of an error's body, for people; empty if it has none.
std::string words_of(const nlohmann::json& errors);
std::string code_of(const nlohmann::json& errors);

}  // namespace baton::salesforce
