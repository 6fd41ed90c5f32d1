// Purpose: Intercom's requests from our documents, and our receipts from its replies: conversations, tickets
// and what is said in them. Owner: connector.cc. Threads: any; everything here is pure. Units: bytes of
// UTF-8. Errors: `rejected` for a document without text; an answer to a write that cannot be read is
// `ambiguous`, one to a read `retryable`. Source: fact sheet intercom, sections 3 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::intercom {

// Requests below the workspace's host, each with the version that it was written for: without that header the
// app's own setting would decide (section 1).
class Api {
 public:
  // What is searched for: one condition, and a page of what meets it.
  struct Query {
    std::string_view field, comparison;
    nlohmann::json value;
    int per_page = 50;
    std::string after = {};  // where the page before ended
  };

  explicit Api(const sdk::Settings& settings);

  sdk::Read get(std::string target) const { return sdk::Read::get(std::move(target), headers_); }
  sdk::Read search(std::string target, const Query& query) const;
  sdk::Write post(std::string target, const nlohmann::json& body) const;
  sdk::Write put(std::string target, const nlohmann::json& body) const;
  const std::string& admin() const { return admin_; }  // the acting admin (section 2)

 private:
  Headers headers_;
  std::string admin_;
};

// What a receipt's object_id names: "499", a conversation, or "ticket:501". Both live in one inbox, but not
// below one path (section 3.6).
struct Target {
  static Target from(std::string_view object_id);
  static Target conversation(std::string id) { return {false, std::move(id)}; }
  std::string object_id() const { return is_ticket ? "ticket:" + id : id; }
  std::string path(std::string_view more = {}) const;

  bool is_ticket = false;
  std::string id;
};

// Where agents see it; "" unless app_id is configured (section 8, unconfirmed).
std::string link_of(const sdk::Settings& settings, const Target& target);

// "Baton ref hof_.../intercom/add_note/3": what a note is found again by (section 4).
std::string reference(std::string_view external_id);
// Whether `text` holds it whole: .../1 must not be found in .../12.
bool refers_to(std::string_view text, std::string_view external_id);
// The handoff for which Baton opened what ends in its reference; "" where it ends in none. Customers can read
// the text that starts a conversation, so what stands in front of something else is a quotation.
std::string handoff_opened_in(std::string_view text);

std::string escaped(std::string_view text);  // for HTML, line breaks as <br>
// The newest of a text that is too long; nothing of a file of another kind.
std::optional<sdk::File> cut_to_fit(const sdk::File& file);
// Base64 inside JSON: a file stays below a megabyte (section 5).
inline constexpr std::size_t kLargestFile = 700 * 1024;
// Its text, blanks made one; nothing after the first so many bytes, which may end within a letter.
std::string plain_of(std::string_view html, std::size_t at_most = std::string_view::npos);
std::string time_of(JsonView unix_seconds);  // RFC 3339, "" for what is no time
Result<nlohmann::json> parsed(const Reply& reply, FailureKind kind, std::string_view what);
// conversation_parts or ticket_parts, oldest first; nullopt if the document has no such list.
std::optional<std::vector<JsonView>> parts_of(JsonView document);

// --- what is written; `who` is "note" (of ours alone) or "comment" (the customer reads it)

sdk::Write start_conversation(const Api& api, const std::string& contact, std::string_view text,
                              const std::string& external_id);
sdk::Write create_ticket(const Api& api, const nlohmann::json& document, const std::string& contact,
                         const sdk::Settings& settings, const std::string& external_id);
// With nothing that a workspace may lack: no team, and none but the default attributes (sections 6, 10.5).
sdk::Write create_plain_ticket(const Api& api, const nlohmann::json& document, const std::string& contact,
                               const sdk::Settings& settings, const std::string& external_id);
sdk::Write write_note(const Api& api, const Target& target, std::string_view html,
                      const std::string& external_id, const sdk::File* file = nullptr);
sdk::Write write_comment(const Api& api, const Target& target, const std::string& html);
// assignment, close or open (section 3.4).
sdk::Write assign(const Api& api, const std::string& conversation, const char* type,
                  std::string_view assignee);
sdk::Write open_or_close(const Api& api, const std::string& conversation, bool open);
// In the name of the acting admin: what is nobody's comes back as a person's (section 3.6).
sdk::Write update_ticket(const Api& api, const Target& target, nlohmann::json changes);

// --- what comes back

Result<Receipt> read_conversation_id(const Reply& reply, const sdk::Settings& settings);
Result<Receipt> read_ticket_id(const Reply& reply, const sdk::Settings& settings);
Result<Receipt> read_target(const Reply& reply, const Target& target, const std::string& url);
Result<Receipt> read_note(const Reply& reply, const std::string& external_id, const std::string& url);
Result<Receipt> read_comment(const Reply& reply, const std::string& html, const std::string& admin,
                             const std::string& url);

// --- looked at before a write is repeated: absence is proven, or it is a Failure

// The customer's conversations; `external_id` stands in the text that started one.
sdk::Lookup find_conversation(const Api& api, const std::string& contact, const std::string& external_id,
                              const sdk::Settings& settings);
sdk::Lookup find_ticket(const Api& api, const std::string& contact, const std::string& external_id,
                        const sdk::Settings& settings);
sdk::Lookup find_note(const Api& api, const Target& target, const std::string& external_id,
                      const std::string& url);
// The same words of ours after the customer's last ones.
sdk::Lookup find_comment(const Api& api, const Target& target, const std::string& html,
                         const std::string& url);

}  // namespace baton::intercom
