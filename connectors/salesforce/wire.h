// Purpose: Salesforce's requests and answers: cases by our key, comments, statuses. Pure.
// Source: fact sheet salesforce, sections 3 and 4. Owner: none. Threads: any. Units: bytes.
// Errors: `ambiguous` for an answer to a write or look-up that cannot be read, `retryable` for one to a read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::salesforce {

inline constexpr std::size_t kLongestEmail = 80;  // of the Email fields

// Where things are, as the destination is configured.
class Paths {
 public:
  explicit Paths(const sdk::Settings& settings);

  sdk::Read query(std::string_view soql) const;
  sdk::Read query_all(std::string_view soql) const;  // with what was deleted or merged
  // Comments are long: small pages, so that one answer stays below a megabyte.
  sdk::Read comments(std::string_view case_id) const;
  sdk::Read page(std::string_view path) const;  // of a query that goes on
  sdk::Read composite(const nlohmann::json& parts) const;
  std::string query_url(std::string_view encoded) const;  // for a composite's part
  sdk::Read describe(std::string_view object) const;
  sdk::Read case_by_key(std::string_view key) const;
  sdk::Read case_number(std::string_view case_id) const;

  sdk::Write upsert_case(std::string_view key, const nlohmann::json& fields) const;
  sdk::Write create_comment(const nlohmann::json& fields) const;
  sdk::Write set_status(std::string_view case_id, std::string_view status) const;
  sdk::Write make_key_field() const;

  // Links of the org's own host, where a token told it; the address of tokens may be another.
  Paths at(std::string address) const;
  std::string link(std::string_view object, std::string_view id) const;
  const std::string& key_field() const { return key_field_; }
  bool is_page(std::string_view path) const;

 private:
  std::string base_url_;
  std::string data_;  // "/services/data/v67.0"
  std::string key_field_;
  bool assign_;
};

// Our key as the field keeps it: 64 characters, and none that an address would have to escape.
std::string key_of(std::string_view external_id);

// Whether this member of an open_ticket document is the connector's affair and no field of Case.
bool is_no_field(std::string_view member);
// The Case's fields inside an open_ticket document, cut to the vendor's lengths.
Result<nlohmann::json> case_fields(const nlohmann::json& document, std::string_view key_field);
// A comment, with the reference that is its last line and by which it is found again.
struct Comment {
  Comment(nlohmann::json fields_in, std::string reference_in)
      : fields(std::move(fields_in)), reference(std::move(reference_in)) {}

  nlohmann::json fields;
  std::string reference;
};
// Puts the conversation of an open_ticket document below the description: the newest messages that fit whole.
// The earlier ones are returned as comments of a case that is not there yet; five are the most, and the first
// of them says how many messages are left out.
std::vector<Comment> add_conversation(nlohmann::json& fields, const nlohmann::json& document,
                                      std::string_view external_id);
// Those of an add_note document or of what it is about: one, or numbered parts where the text is too long for
// one. Ten parts are the most; what is longer ends there and says so.
std::vector<Comment> comments_of(const nlohmann::json& document, const nlohmann::json& subject,
                                 std::string_view case_id, std::string_view external_id);

Result<std::vector<JsonView>> records_of(const nlohmann::json& body, FailureKind kind, std::string_view what);

// Of several contacts with this address the newest, rather one with an account; none: an empty id.
Result<std::string> read_contact(const Reply& reply, std::string_view email);
std::string contact_query(std::string_view literal);

Result<Receipt> read_case(const Reply& reply, const Paths& paths);
// What people call a case; an upsert does not tell it (section 3.4). Empty: the answer could not be read.
std::string read_case_number(const Reply& reply);
Result<sdk::Found> match_case(const Reply& reply, const Paths& paths);
Result<Receipt> read_comment(const Reply& reply);
// Whether Baton wrote this comment: its last line is one of our references.
bool is_our_comment(std::string_view text);
Result<Receipt> read_done(const Reply& reply, const Receipt& target);
sdk::Lookup look_for_comment(const Paths& paths, std::string_view case_id, std::string_view reference,
                             Duration settle);

}  // namespace baton::salesforce
