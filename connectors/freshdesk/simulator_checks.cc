// What a ticket's and a note's fields must be (fact sheet, sections 3.2, 3.3, 3.6, 6), and forms.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/freshdesk/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::freshdesk::simulated {
namespace {

constexpr std::size_t kMaxTicketBytes = 20 * 1024 * 1024;  // files of the whole ticket [3.6]
constexpr std::size_t kMaxTagChars = 32;                   // unconfirmed [4]
enum class Kind { text, integer, texts, object };

struct Rule {
  std::string_view name;
  Kind kind;
};

constexpr auto kTicketRules = std::to_array<Rule>({
    {"name", Kind::text},          {"requester_id", Kind::integer}, {"email", Kind::text},
    {"phone", Kind::text},         {"facebook_id", Kind::text},     {"twitter_id", Kind::text},
    {"subject", Kind::text},       {"description", Kind::text},     {"unique_external_id", Kind::text},
    {"status", Kind::integer},     {"priority", Kind::integer},     {"source", Kind::integer},
    {"type", Kind::text},          {"group_id", Kind::integer},     {"responder_id", Kind::integer},
    {"company_id", Kind::integer}, {"product_id", Kind::integer},   {"email_config_id", Kind::integer},
    {"cc_emails", Kind::texts},    {"tags", Kind::texts},           {"custom_fields", Kind::object},
    {"due_by", Kind::text},        {"fr_due_by", Kind::text},       {"parent_id", Kind::integer},
});

constexpr auto kTalkRules = std::to_array<Rule>({
    {"body", Kind::text},
    {"structured_body", Kind::object},
    {"notify_emails", Kind::texts},
    {"user_id", Kind::integer},
    {"from_email", Kind::text},
    {"cc_emails", Kind::texts},
    {"bcc_emails", Kind::texts},
});

std::string_view words_for(Kind kind) {
  switch (kind) {
    case Kind::text: return "String";
    case Kind::integer: return "Positive Integer";
    case Kind::texts: return "Array";
    case Kind::object: return "key/value pair";
  }
  return "";
}

bool fits(const json& value, Kind kind) {
  const auto is_text = [](const json& v) { return v.is_string(); };
  switch (kind) {
    case Kind::text: return value.is_string() || value.is_null();
    case Kind::integer: return value.is_number_integer() || value.is_null();
    case Kind::texts: return value.is_array() && std::all_of(value.begin(), value.end(), is_text);
    case Kind::object: return value.is_object();
  }
  return false;
}

template <class Rules>
std::optional<Reply> first_broken(const json& fields, const Rules& rules) {
  for (const auto& [key, value] : fields.items()) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return r.name == key; });
    // With files in JSON too: they go as a form [3.6, 10].
    if (rule == rules.end()) return invalid(400, key, "Unexpected/invalid field in request", "invalid_field");
    if (!fits(value, rule->kind)) {
      return invalid(400, key, fmt::format("It should be a/an {}", words_for(rule->kind)),
                     "datatype_mismatch");
    }
  }
  return std::nullopt;
}

bool one_of(std::int64_t value, std::initializer_list<int> known) {
  return std::find(known.begin(), known.end(), value) != known.end();
}

std::string quoted_list(const json& choices) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(JsonView(choice).text());
  return join(words, ",");
}

// A form has only text: numbers where the JSON would have had one.
json typed(std::string_view name, const std::string& text) {
  for (const auto& rule : kTicketRules) {
    if (rule.name != name || rule.kind != Kind::integer) continue;
    const auto number = json::parse(text, nullptr, false);
    return number.is_number_integer() ? number : json(text);
  }
  if (name == "private" || name == "incoming") return text == "true";
  if (name == "user_id") {
    const auto number = json::parse(text, nullptr, false);
    return number.is_number_integer() ? number : json(text);
  }
  return text;
}

std::string parameter(std::string_view line, std::string_view name) {
  const auto at = line.find(std::string(name) + "=\"");
  if (at == std::string_view::npos) return {};
  const auto start = at + name.size() + 2;
  return std::string(line.substr(start, line.find('"', start) - start));
}

struct Part {
  std::string name, file, type, bytes;
  bool is_file = false;
};

std::optional<Part> read_part(std::string_view text) {
  const auto gap = text.find("\r\n\r\n");
  if (gap == std::string_view::npos) return std::nullopt;
  Part part;
  for (auto line : split(text.substr(0, gap), '\n')) {
    const auto lower = to_lower(trim(line));
    if (lower.starts_with("content-disposition:")) {
      const auto after_name = line.find("filename=");
      part.is_file = after_name != std::string_view::npos;
      part.name = parameter(line.substr(0, after_name), "name");
      if (part.is_file) part.file = parameter(line, "filename");
    }
    if (lower.starts_with("content-type:")) part.type = std::string(trim(lower.substr(13)));
  }
  part.bytes = std::string(text.substr(gap + 4));
  return part.name.empty() ? std::nullopt : std::optional(std::move(part));
}

bool put_field(json& fields, const Part& part) {
  const std::string_view name = part.name;
  if (name.ends_with("[]")) {
    auto& list = fields[std::string(name.substr(0, name.size() - 2))];
    if (!list.is_null() && !list.is_array()) return false;
    list.push_back(part.bytes);
  } else if (name.ends_with("]") && name.find('[') != std::string_view::npos) {
    auto& object = fields[std::string(name.substr(0, name.find('[')))];
    if (!object.is_null() && !object.is_object()) return false;
    const auto inner = name.substr(name.find('[') + 1);
    object[std::string(inner.substr(0, inner.size() - 1))] = part.bytes;
  } else {
    fields[part.name] = typed(name, part.bytes);
  }
  return true;
}

}  // namespace

std::optional<json> read_multipart(const RawRequest& raw, std::vector<Upload>& uploads) {
  const auto type = header(raw.headers, "content-type");
  const auto at = type.find("boundary=");
  if (at == std::string_view::npos) return std::nullopt;
  auto boundary = std::string(type.substr(at + 9));
  std::erase(boundary, '"');
  if (boundary.empty()) return std::nullopt;
  const auto mark = "--" + boundary;
  const std::string_view body(raw.body);
  json fields = json::object();
  auto start = body.find(mark);
  while (start != std::string_view::npos) {
    start += mark.size();
    if (body.substr(start, 2) == "--") return fields;
    if (body.substr(start, 2) != "\r\n") return std::nullopt;
    const auto end = body.find("\r\n" + mark, start);
    if (end == std::string_view::npos || end < start + 2) return std::nullopt;
    const auto part = read_part(body.substr(start + 2, end - start - 2));
    if (!part) return std::nullopt;
    if (part->is_file) {
      if (part->name != "attachments[]") return std::nullopt;  // with its brackets [10]
      uploads.push_back({part->file, part->type, part->bytes.size()});
    } else if (!put_field(fields, *part)) {
      return std::nullopt;
    }
    start = end + 2;
  }
  return std::nullopt;  // it never ended
}

std::optional<Reply> Account::check_custom_fields(const json& given) {
  for (const auto& [name, value] : given.items()) {
    const auto field = std::find_if(ticket_fields_.begin(), ticket_fields_.end(),
                                    [&](const json& f) { return JsonView(f)["name"].text() == name; });
    if (field == ticket_fields_.end() || !name.starts_with("cf_")) {
      return invalid(400, name, "Unexpected/invalid field in request", "invalid_field");
    }
    if (value.is_null()) continue;
    const auto type = JsonView(*field)["type"].text();
    const bool number = type == "custom_decimal" || type == "custom_number";
    const bool right = number                      ? value.is_number()
                       : type == "custom_checkbox" ? value.is_boolean()
                                                   : value.is_string();
    // A form has no other type than text.
    if (!right && uploads_.empty())
      return invalid(400, name, "It should be of another type", "datatype_mismatch");
    if (type == "custom_dropdown" && std::find((*field)["choices"].begin(), (*field)["choices"].end(),
                                               value) == (*field)["choices"].end()) {
      return invalid(400, name,
                     "It should be one of these values: '" + quoted_list((*field)["choices"]) + "'",
                     "invalid_value");
    }
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_choices(const json& fields) {
  const JsonView view(fields);
  const auto wrong = [](std::string_view field, std::string_view values) {
    return invalid(400, field, fmt::format("It should be one of these values: '{}'", values),
                   "invalid_value");
  };
  if (const auto status = view["status"].integer(); status && !one_of(*status, {2, 3, 4, 5, 6, 7})) {
    return wrong("status", "2,3,4,5,6,7");
  }
  if (const auto priority = view["priority"].integer(); priority && !one_of(*priority, {1, 2, 3, 4})) {
    return wrong("priority", "1,2,3,4");
  }
  if (const auto source = view["source"].integer(); source && !one_of(*source, {1, 2, 3, 5, 6, 7, 9, 10})) {
    return wrong("source", "1,2,3,5,6,7,9,10");
  }
  if (const auto type = view["type"].string()) {
    for (const auto& field : ticket_fields_) {
      if (JsonView(field)["name"].text() != "ticket_type") continue;
      const auto& choices = field["choices"];
      if (std::find(choices.begin(), choices.end(), *type) == choices.end())
        return wrong("type", quoted_list(choices));
    }
  }
  const auto knows = [](const std::vector<json>& all, Id id) {
    return std::any_of(all.begin(), all.end(), [&](const json& item) { return item["id"] == id; });
  };
  if (const auto group = view["group_id"].integer(); group && !knows(groups_, *group)) {
    return invalid(400, "group_id", "There is no group matching the given group_id", "invalid_value");
  }
  if (const auto agent = view["responder_id"].integer(); agent && !knows(agents_, *agent)) {
    return invalid(400, "responder_id", "There is no agent matching the given responder_id", "invalid_value");
  }
  if (const auto id = view["requester_id"].integer(); id && !find_contact(*id)) {
    return invalid(400, "requester_id", "There is no contact matching the given requester_id",
                   "invalid_value");
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_required(const json& fields, std::string_view setting) {
  const auto wanted =
      simulation::text_of(setup_, setting, setting == "required_fields" ? "subject,description" : "");
  const JsonView view(fields);
  for (const auto name : split(wanted, ',')) {
    if (name.empty()) continue;
    const auto field = name.starts_with("cf_") ? view["custom_fields"][name] : view[name];
    if (field.missing() || field.null() || (field.string() && trim(*field.string()).empty())) {
      return invalid(400, name, "It should not be blank as this is a mandatory field", "missing_field");
    }
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_ticket(const json& fields, bool creating) {
  if (auto refused = first_broken(fields, kTicketRules)) return refused;
  const JsonView view(fields);
  if (count_code_points(view["subject"].text()) > 255) {
    return invalid(400, "subject", "Has 256 characters, it can have maximum of 255 characters",
                   "invalid_value");
  }
  for (const auto tag : items(view["tags"])) {
    if (count_code_points(tag.text()) > kMaxTagChars || tag.text().find(',') != std::string::npos) {
      return invalid(400, "tags", "It should only contain elements that have maximum of 32 characters",
                     "invalid_value");
    }
  }
  if (const auto email = view["email"].text(); !email.empty() && email.find('@') == std::string::npos) {
    return invalid(400, "email", "It should be in the 'valid email address' format", "invalid_value");
  }
  if (creating) {
    const auto given = [&](const char* key) { return !view[key].missing() && !view[key].null(); };
    if (!given("requester_id") && !given("email") && !given("phone") && !given("facebook_id") &&
        !given("twitter_id") && !given("unique_external_id")) {
      return invalid(400, "requester_id",
                     "Please fill at least 1 of requester_id, phone, email, twitter_id, facebook_id fields",
                     "missing_field");
    }
    if (given("phone") && !given("email") && !given("requester_id") && !given("name")) {
      return invalid(400, "name", "It should not be blank when there is no e-mail", "missing_field");
    }
    if (auto refused = check_required(fields, "required_fields")) return refused;
  }
  if (auto refused = check_choices(fields)) return refused;
  const auto custom = fields.find("custom_fields");
  return custom == fields.end() ? std::nullopt : check_custom_fields(*custom);
}

std::optional<Reply> Account::check_conversation(const Ticket& ticket, const json& fields, bool is_reply) {
  auto known = fields;
  for (const auto* flag : {"private", "incoming"}) {
    const auto found = known.find(flag);
    if (found == known.end()) continue;
    if (is_reply) return invalid(400, flag, "Unexpected/invalid field in request", "invalid_field");
    if (!found->is_boolean()) return invalid(400, flag, "It should be a/an Boolean", "datatype_mismatch");
    known.erase(found);
  }
  if (auto refused = first_broken(known, kTalkRules)) return refused;
  const JsonView view(fields);
  const bool is_public = is_reply || view["private"].boolean() == false;
  const auto* wanted = ticket.web_chat && is_public ? "structured_body" : "body";
  if (ticket.web_chat && is_public ? !view[wanted].object() : trim(view[wanted].text()).empty()) {
    return invalid(400, wanted, "It should not be blank as this is a mandatory field", "missing_field");
  }
  const auto most = static_cast<std::size_t>(simulation::number_of(setup_, "max_note_chars", 60'000));
  if (count_code_points(view["body"].text()) > most)
    return invalid(400, "body", "It is too long", "invalid_value");
  if (const auto user = view["user_id"].integer();
      user && !find_contact(*user) && !find_agent(std::to_string(*user))) {
    return invalid(400, "user_id", "There is no contact matching the given user_id", "invalid_value");
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_size(std::size_t already) const {
  auto bytes = already;
  for (const auto& upload : uploads_) bytes += upload.bytes;
  if (bytes <= kMaxTicketBytes) return std::nullopt;
  return invalid(400, "attachments", "The total size of attachments should not exceed 20 MB", "invalid_size");
}

}  // namespace baton::freshdesk::simulated
