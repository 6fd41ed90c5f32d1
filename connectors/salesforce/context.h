// Purpose: what the org knows of a customer, asked in one composite request and told in the one shape of
// context. Source: fact sheet salesforce, sections 3.2 and 3.3. Owner: none. Threads: any.
// Errors: `retryable` for an answer that is no composite's; a part that failed is named under "missing".
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/salesforce/wire.h"
#include "connectors/sdk/settings.h"

namespace baton::salesforce {

// Five queries, which is all that one composite may hold. `literal` is the address as a SOQL literal; without
// `custom` the configured fields are left out.
nlohmann::json context_parts(const Paths& paths, std::string_view literal, const sdk::Settings& settings,
                             bool custom);
bool has_custom_fields(const sdk::Settings& settings);

// Whether the contacts could not be read because a field is unknown or hidden.
bool lacks_a_field(const Reply& reply);
// Whether the contacts were read and nobody has this address.
bool knows_nobody(const Reply& reply, std::string_view email);

Result<nlohmann::json> read_context(const Reply& reply, std::string_view email, const Paths& paths,
                                    const sdk::Settings& settings, bool custom);

// Of somebody who is no contact: cases that were made with this address, and leads.
std::string supplied_query(std::string_view literal);
Result<Done> add_supplied(const Reply& reply, const Paths& paths, nlohmann::json& context);
std::string lead_query(std::string_view literal);
Result<nlohmann::json> read_leads(const Reply& reply, std::string_view email, const Paths& paths);

}  // namespace baton::salesforce
