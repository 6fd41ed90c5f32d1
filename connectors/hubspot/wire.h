// Purpose: HubSpot's requests from our documents, and our receipts from its replies.
// Owner: connector.cc. Threads: any; everything here is pure. Units: characters for note bodies.
// Errors: `rejected` for a document that cannot be sent; an answer to a write that cannot be read is
// `ambiguous`, one to a read `retryable`.
// Source: fact sheet hubspot, sections 3.1 to 3.6 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::hubspot {

// The tickets' property that makes a handoff's ticket one, and known again.
inline constexpr std::string_view kKeyProperty = "baton_handoff_id";

// The budget of the searches (section 5).
inline constexpr std::string_view kSearches = "searches";

inline constexpr std::size_t kMostInputs = 100;  // of a batch (section 5)

// A contact as its direct read tells, with the ids of what hangs on it, each once.
struct Contact {
  Contact() = default;

  std::string id;
  nlohmann::json properties;
  std::vector<std::string> companies;
  std::vector<std::string> deals;
  std::vector<std::string> tickets;  // newest first
};

// Whose timeline a note stands on.
struct Timeline {
  enum class Of { contact, ticket };

  Timeline(Of of_in, std::string id_in) : of(of_in), id(std::move(id_in)) {}

  Of of;
  std::string id;
};

// Nothing if HubSpot knows no such contact.
using MaybeContact = std::optional<Contact>;

// Paths carry the API's date version; one object per destination's settings.
class Paths {
 public:
  explicit Paths(const sdk::Settings& settings);

  // --- reads
  sdk::Read contact_by_email(std::string_view email) const;
  sdk::Read contact_by_id(std::string_view id) const;
  sdk::Read search_contacts(std::string_view email) const;
  sdk::Read company(std::string_view id) const;
  sdk::Read deals(const std::vector<std::string>& ids) const;
  sdk::Read tickets(const std::vector<std::string>& ids) const;
  sdk::Read ticket(std::string_view id) const;
  sdk::Read owner(std::string_view id) const;
  sdk::Read owner_by_user(std::string_view user) const;
  sdk::Read account_details() const;
  sdk::Read any(std::string_view type) const;  // one object of this type, whatever it is
  sdk::Read any_owner() const;
  sdk::Read property(std::string_view type, std::string_view name) const;
  sdk::Read ticket_pipelines() const;
  sdk::Read ticket_by_key(std::string_view external_id) const;
  sdk::Read note_ids(const Timeline& timeline, std::string_view after = {}) const;
  sdk::Read notes(const std::vector<std::string>& ids) const;

  // --- writes
  sdk::Write upsert_ticket(const nlohmann::json& properties, std::string_view external_id) const;
  sdk::Write link_ticket(std::string_view ticket, std::string_view contact) const;
  // One note may stand on two timelines: `contact`, if not empty, is the other one.
  sdk::Write create_note(const Timeline& timeline, const nlohmann::json& properties,
                         std::string_view external_id, std::string_view contact = {}) const;
  sdk::Write make_key_property() const;  // baton_handoff_id, unique (section 4)

 private:
  sdk::Read contact(std::string_view id, std::string_view more) const;

  std::string version_;
  std::string contact_properties_;
  std::string company_properties_;
};

// The ticket's properties inside an open_ticket document, all as text as HubSpot wants them.
Result<nlohmann::json> ticket_properties(const nlohmann::json& document);

Result<MaybeContact> read_contact(const Reply& reply);
// Ids of the contacts that have exactly this address, as their main or another one; the best first.
Result<std::vector<std::string>> read_matches(const Reply& reply, std::string_view email);
// One page, newest first as far as ids tell; `after` is where the next one begins, empty at the end.
struct NoteIds {
  std::vector<std::string> ids;
  std::string after;
};
Result<NoteIds> read_note_ids(const Reply& reply);

Result<Receipt> read_ticket(const Reply& reply, std::string_view external_id, const sdk::Settings& settings);
Result<Receipt> read_note(const Reply& reply);
Result<sdk::Found> match_ticket(const Reply& reply, std::string_view external_id,
                                const sdk::Settings& settings);
// Whether one of the notes asked for says "Ref: <external_id>"; of several the oldest. All `asked` of them
// must be in the answer, or named there as gone.
Result<sdk::Found> match_note(const Reply& reply, std::string_view external_id, std::size_t asked);

// What a note may say, with our reference at its end, within HubSpot's limit, cut between elements.
std::string note_body(std::string_view html, std::string_view external_id);
// A conversation in as many notes as it takes, each cut between messages; of a very long one the newest.
std::vector<std::string> note_parts(std::string_view html);
std::string escaped_html(std::string_view text);

// Where people see a record of this object type ("0-5" are tickets); "" if the account's id is not set.
std::string record_link(const sdk::Settings& settings, std::string_view type, std::string_view id);
bool is_closed_stage(std::string_view stage, const sdk::Settings& settings);
std::string owner_name(JsonView owner);
// Whether this source of a change is an app, such as ours, and no person.
bool is_app(std::string_view source);

}  // namespace baton::hubspot
