// Purpose: who the customer is at Intercom: found, or made. Owner: connector.cc. Threads: any.
// Errors: an answer that cannot be read is never "nobody". Source: fact sheet intercom, section 3.1.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/intercom/wire.h"

namespace baton::intercom {

// A search by e-mail or a read by our id of them; empty: nobody is known by it.
struct People {
  People() = default;
  std::vector<nlohmann::json> contacts;  // the one to take first
  std::string why;                       // of several: how the first was chosen
};

// `customer` as the event has it: {"id", "email", ...}.
Task<People> find_people(const Api& api, nlohmann::json customer, const sdk::Settings& settings,
                         sdk::ReadSession& session);

// The contact's id. Safe to repeat: a second creation is refused with the id of the first (409), and one that
// was archived is brought back.
Task<Receipt> ensure_contact(const Api& api, const sdk::Order& order, sdk::Session& session);

// "id=6762f1..." of a 409; "" if the text names none.
std::string id_in_conflict(std::string_view text);

}  // namespace baton::intercom
