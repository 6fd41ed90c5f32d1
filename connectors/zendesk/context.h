// Purpose: what Zendesk knows about the one who asks: who it is, and what was asked before. Pure.
// Owner: connector.cc. Threads: any. Units: times RFC 3339, as Zendesk writes them.
// Errors: an answer that cannot be read is `retryable`. Source: fact sheet zendesk, sections 3.1 and 3.5.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/result.h"
#include "gateway/model/http.h"

namespace baton::zendesk {

// A user as the search tells; without an id nobody has this address.
struct Person {
  Person() = default;
  std::string id;
  std::string name;
  std::string email;
  int matches = 0;  // how many users have the address; more than one only until they are merged
};

// The user whose `member` (email, external_id) is exactly this; the case does not count (section 3.1).
Result<Person> read_user(const Reply& reply, std::string_view member, std::string_view value);

// {"open_tickets", "recent_tickets": newest first, at most five each; "contacts_7d", "contacts_14d": if the
// answer says what time it is}
Result<nlohmann::json> read_history(const Reply& reply, std::string_view base_url);

// `history` is null where it could not be read; then `why` says so.
nlohmann::json make_context(const Person& person, const nlohmann::json& history, std::string_view why,
                            std::string_view base_url);

// What may stand behind "email:" in a search without changing its meaning.
bool plain_email(std::string_view email);


}  // namespace baton::zendesk
