// What a ticket's fields must be (fact sheet, sections 3.2, 3.3, 6). Another type is 400 with the older
// form of error; a value that the account does not know is 422 with its field.
#include <algorithm>
#include <array>

#include "connectors/zendesk/simulator.h"
#include "gateway/base/text.h"

namespace baton::zendesk::simulated {
namespace {

constexpr std::size_t kMaxCommentChars = 65'000;  // "~65,000", by a vendor's employee [5]
enum class Kind { text, integer, flag, texts, list, object };

struct Rule {
  std::string_view name;
  Kind kind;
};

constexpr auto kTicketRules = std::to_array<Rule>({
    {"subject", Kind::text},
    {"external_id", Kind::text},
    {"priority", Kind::text},
    {"status", Kind::text},
    {"type", Kind::text},
    {"assignee_email", Kind::text},
    {"recipient", Kind::text},
    {"due_at", Kind::text},
    {"updated_stamp", Kind::text},
    {"requester_id", Kind::integer},
    {"submitter_id", Kind::integer},
    {"group_id", Kind::integer},
    {"assignee_id", Kind::integer},
    {"organization_id", Kind::integer},
    {"brand_id", Kind::integer},
    {"ticket_form_id", Kind::integer},
    {"custom_status_id", Kind::integer},
    {"problem_id", Kind::integer},
    {"via_followup_source_id", Kind::integer},
    {"tags", Kind::texts},
    {"custom_fields", Kind::list},
    {"email_ccs", Kind::list},
    {"followers", Kind::list},
    {"collaborators", Kind::list},
    {"macro_ids", Kind::list},
    {"metadata", Kind::object},
    {"requester", Kind::object},
    {"comment", Kind::object},
    {"safe_update", Kind::flag},
});

constexpr auto kCommentRules = std::to_array<Rule>({
    {"body", Kind::text},
    {"html_body", Kind::text},
    {"public", Kind::flag},
    {"author_id", Kind::integer},
    {"uploads", Kind::texts},
});

std::string_view words_for(Kind kind) {
  switch (kind) {
    case Kind::text: return "a string";
    case Kind::integer: return "an integer";
    case Kind::flag: return "a boolean";
    case Kind::texts: return "an array of strings";
    case Kind::list: return "an array";
    case Kind::object: return "an object";
  }
  return "";
}

bool fits(const json& value, Kind kind) {
  if (value.is_null()) return true;
  switch (kind) {
    case Kind::text: return value.is_string();
    case Kind::integer: return value.is_number_integer();
    case Kind::flag: return value.is_boolean();
    case Kind::texts:
      return value.is_array() &&
             std::all_of(value.begin(), value.end(), [](const json& v) { return v.is_string(); });
    case Kind::list: return value.is_array();
    case Kind::object: return value.is_object();
  }
  return false;
}

template <class Rules>
const Rule* first_broken(const json& fields, const Rules& rules) {
  for (const auto& rule : rules) {
    const auto found = fields.find(rule.name);
    if (found != fields.end() && !fits(*found, rule.kind)) return &rule;
  }
  return nullptr;
}

bool one_of(std::string_view value, std::initializer_list<std::string_view> known) {
  return std::find(known.begin(), known.end(), value) != known.end();
}

}  // namespace

bool is_list_of_texts(const json& value) { return value.is_array() && fits(value, Kind::texts); }

std::optional<Reply> Account::check_comment(const json& comment, TimePoint now) {
  if (const auto* broken = first_broken(comment, kCommentRules)) {
    return invalid_attribute("comment." + std::string(broken->name), words_for(broken->kind));
  }
  const JsonView view(comment);
  const auto text = view["html_body"].text(view["body"].text());
  if (trim(text).empty()) return invalid_record("base", "BlankValue", "Description: cannot be blank");
  if (count_code_points(text) > kMaxCommentChars) {
    return invalid_record("comment", "TooLong", "Comment: is too long");
  }
  const auto author = view["author_id"].integer();
  if (author && !find_user(*author)) return invalid_record("author", "InvalidValue", "Author: is invalid");
  for (const auto token : items(view["uploads"])) {
    const auto upload = uploads_.find(token.text());
    if (upload == uploads_.end() || upload->second.used || upload->second.ends <= now) {
      return invalid_record("uploads", "InvalidValue", "Uploads: token is unknown, used or expired");
    }
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_requester(const json& fields) {
  const JsonView view(fields);
  if (const auto id = view["requester_id"].integer(); id && !find_user(*id)) {
    return invalid_record("requester", "InvalidValue", "Requester: is invalid");
  }
  const auto requester = view["requester"];
  if (!requester.object()) return std::nullopt;
  if (requester["email"].text().find('@') == std::string::npos) {
    return invalid_record("requester", "InvalidFormat", "Requester: Email: is not properly formatted");
  }
  const bool is_known = find_user_by("email", requester["email"].text()) != nullptr;
  if (!is_known && requester["name"].text().empty()) {
    return invalid_record("requester", "BlankValue", "Requester: Name: is too short (minimum one character)");
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_ticket(const json& fields, bool creating, TimePoint now) {
  if (const auto* broken = first_broken(fields, kTicketRules)) {
    return invalid_attribute(broken->name, words_for(broken->kind));
  }
  const JsonView view(fields);
  const auto priority = view["priority"].text(), status = view["status"].text(), type = view["type"].text();
  if (!priority.empty() && !one_of(priority, {"urgent", "high", "normal", "low"})) {
    return invalid_record("priority", "InvalidValue", "Priority: " + priority + " is not valid");
  }
  if (!status.empty() && status_rank(status) < 0) {
    return invalid_record("status", "InvalidValue", "Status: " + status + " is not valid");
  }
  if (!type.empty() && !one_of(type, {"problem", "incident", "question", "task"})) {
    return invalid_record("type", "InvalidValue", "Type: " + type + " is not valid");
  }
  if (const auto group = view["group_id"].integer()) {
    const auto same = [&](const json& known) { return known["id"] == *group; };
    if (std::none_of(groups_.begin(), groups_.end(), same)) {
      return invalid_record("group", "InvalidValue", "Group: is invalid");
    }
  }
  if (const auto assignee = view["assignee_id"].integer()) {
    const auto* user = find_user(*assignee);
    if (!user || (*user)["role"] == "end-user")
      return invalid_record("assignee", "InvalidValue", "Assignee: is invalid");
  }
  for (const auto field : items(view["custom_fields"])) {
    if (!field["id"].integer()) return invalid_attribute("custom_fields", "an array of {id, value}");
  }
  if (auto refused = check_requester(fields)) return refused;
  if (const auto source = view["via_followup_source_id"].integer()) {
    const auto* closed = find_ticket(std::to_string(*source));
    if (!creating || !closed || closed->doc["status"] != "closed") {
      return invalid_record("via_followup_source_id", "InvalidValue",
                            "Follow-up source must be a closed ticket");
    }
  }
  const auto comment = fields.find("comment");
  const bool has_comment = comment != fields.end() && comment->is_object();
  if (creating && !has_comment) return invalid_record("base", "BlankValue", "Description: cannot be blank");
  return has_comment ? check_comment(*comment, now) : std::nullopt;
}

// "safe_update" with the stamp that was last seen [3.3]; the tags endpoint takes it as text.
std::optional<Reply> Account::check_stamp(const Ticket& ticket, const json& fields) {
  const JsonView view(fields);
  if (view["safe_update"].boolean() != true && view["safe_update"].text() != "true") return std::nullopt;
  if (view["updated_stamp"].text().empty())
    return invalid_attribute("updated_stamp", "given with safe_update");
  if (view["updated_stamp"].text() == JsonView(ticket.doc)["updated_at"].text()) return std::nullopt;
  return refuse(409, "UpdateConflict", "Safe Update prevented the update due to outdated ticket data.");
}

}  // namespace baton::zendesk::simulated
