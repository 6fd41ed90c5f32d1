// Purpose: what Freshdesk knows of a customer, and how a ticket stands: from its replies to the shapes
// that Baton uses. Owner: connector.cc. Threads: any; everything here is pure.
// Errors: `retryable` for an answer that cannot be read: a read is repeated.
// Source: fact sheet freshdesk, sections 3.1, 3.5 and 3.7.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::freshdesk {

// By e-mail, else by the id that the chat platform knows; nothing if the customer has neither.
std::optional<sdk::Read> find_contact(JsonView customer);
sdk::Read list_history(std::string_view contact_id);
sdk::Read show_company(std::string_view company_id);

struct Contact {
  std::string id, name, email, title, company;
  int matches = 0;
};
// The contact that bears the address, or whom the search by id named; none if there is none. Of several the
// one that was changed last.
Result<std::optional<Contact>> read_contact(const Reply& reply, JsonView customer);

nlohmann::json people_of(const Contact& contact, std::string_view base_url);
// {"open_tickets", "recent_tickets", "contacts_7d", "contacts_14d"}; the counts need the answer's own time.
Result<nlohmann::json> read_history(const Reply& reply, std::string_view base_url);
// Which fields tell tier, health and renewal is a setting.
Result<nlohmann::json> read_company(const Reply& reply, const sdk::Settings& settings);

// {"state", "at"}; who has it is responder_of, and what was said stands in the conversations.
Result<nlohmann::json> read_state(const Reply& reply, const sdk::Settings& settings);

// What a person said to the customer.
struct Answer {
  Answer(std::string id_in, std::string by_in, std::string text_in, TimePoint at_in)
      : id(std::move(id_in)), by(std::move(by_in)), text(std::move(text_in)), at(at_in) {}
  std::string id, by, text;  // by: the agent's id
  TimePoint at;
};

// The conversations of one ticket, page by page.
class Talk {
 public:
  Result<Done> add(const Reply& page);
  // The newest twenty, oldest first.
  std::vector<Answer> answers() const;
  // The agent that Baton works as, by the notes that bear our footer; "" while there is none.
  std::string our_id;

 private:
  std::vector<Answer> answers_;
};

// An agent, by address or by id, and {"id", "name", "email"} from the answer to either; {} if there is no
// such one.
sdk::Read find_agent(std::string_view email);
sdk::Read show_agent(std::string_view id);
Result<nlohmann::json> read_agent(const Reply& reply, std::string_view email);
// The id of the agent who has the ticket; "" for nobody.
Result<std::string> responder_of(const Reply& ticket);


}  // namespace baton::freshdesk
