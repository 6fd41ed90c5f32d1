// Records: create, update, upsert by external id, and what their fields must be (fact sheet,
// sections 3.4, 3.5, 4).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/salesforce/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

json save_result(std::string_view id) { return {{"id", id}, {"success", true}, {"errors", json::array()}}; }

bool is_date(std::string_view text) { return text.size() == 10 && simulation::read_iso(text).has_value(); }

// What is out of sight is answered like what is closed: its being there is not told.
Reply closed_to_user() {
  return refuse(403, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                "insufficient access rights on cross-reference id");
}

Reply several(std::string_view version, const Object& object, const std::vector<const Row*>& rows) {
  json paths = json::array();
  for (const auto* row : rows) {
    paths.push_back(
        fmt::format("/services/data/{}/sobjects/{}/{}", version, object.name, text_at(row->fields, "Id")));
  }
  return simulation::json_reply(300, paths);
}

}  // namespace

// --- finding

std::string Org::next_id(std::string_view prefix) {
  auto& last = data_.last_id[std::string(prefix)];
  return with_checksum(fmt::format("{}{:012}", prefix, ++last + 1000));
}

const Row* Org::find_row(std::string_view object, std::string_view id) const {
  const auto table = data_.tables.find(object);
  if (table == data_.tables.end()) return nullptr;
  for (const auto& row : table->second) {
    if (same_id(text_at(row.fields, "Id"), id)) return &row;
  }
  return nullptr;
}

Row* Org::find_row(std::string_view object, std::string_view id) {
  return const_cast<Row*>(std::as_const(*this).find_row(object, id));
}

const Row* Org::find_anywhere(std::string_view id) const {
  const auto* object = find_object_by_id(id);
  return object ? find_row(object->name, id) : nullptr;
}

// --- what a write may say

std::optional<Reply> Org::check_value(const FieldRule& rule, const json& value) {
  const std::string name(rule.name);
  if (rule.kind == Kind::flag) {
    return value.is_boolean() ? std::nullopt
                              : std::optional(refuse(400, "JSON_PARSER_ERROR",
                                                     "Cannot deserialize instance of boolean", {name}));
  }
  if (rule.kind == Kind::number) {
    return value.is_number() ? std::nullopt
                             : std::optional(refuse(400, "JSON_PARSER_ERROR",
                                                    "Cannot deserialize instance of double", {name}));
  }
  if (!value.is_string())
    return refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of string", {name});
  const auto& text = value.get_ref<const std::string&>();
  // CaseComment counts bytes, the others characters [3.5].
  const auto length = rule.name == "CommentBody" ? text.size() : count_code_points(text);
  if (rule.length > 0 && length > static_cast<std::size_t>(rule.length)) {
    return refuse(400, "STRING_TOO_LONG",
                  fmt::format("{}: data value too large (max length={})", rule.name, rule.length), {name});
  }
  if (rule.kind == Kind::picklist && simulation::flag_of(setup_, "restricted_picklists", true)) {
    const auto values = values_of(rule);
    if (std::find(values.begin(), values.end(), text) == values.end()) {
      return refuse(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    fmt::format("{}: bad value for restricted picklist field: {}", rule.name, text), {name});
    }
  }
  if (rule.kind == Kind::email && text.find('@') == std::string::npos && !text.empty()) {
    return refuse(400, "INVALID_EMAIL_ADDRESS", fmt::format("{}: invalid email address: {}", rule.name, text),
                  {name});
  }
  if (rule.kind == Kind::date && !is_date(text))
    return refuse(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of date", {name});
  if (rule.kind != Kind::reference) return std::nullopt;
  if (!looks_like_id(text))
    return refuse(400, "MALFORMED_ID", fmt::format("{}: id value of incorrect type: {}", rule.name, text),
                  {name});
  const auto* target = find_object_by_id(text);
  const auto* row = find_anywhere(text);
  if (row && !row->deleted && is_listed(rule.more, target->name)) return std::nullopt;
  return refuse(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", {name});
}

bool Org::is_required(const Object& object, const FieldRule& rule) const {
  return rule.required || is_listed(simulation::text_of(setup_, "required", ""),
                                    std::string(object.name) + "." + std::string(rule.name));
}

// A comment belongs to its case, and so does the right to write it.
bool Org::is_protected(const Object& object, const json& body) const {
  const auto* row = object.name == "CaseComment" ? find_row("Case", text_at(body, "ParentId")) : nullptr;
  return row && (row->read_only || row->out_of_sight);
}

std::optional<Reply> Org::check_write(const Object& object, const json& body, bool creating) {
  for (const auto& [name, value] : body.items()) {
    if (name == "attributes") continue;
    const auto* rule = field(object, name);
    if (!rule) {
      return refuse(400, "INVALID_FIELD",
                    fmt::format("No such column '{}' on sobject of type {}", name, object.name));
    }
    if (!rule->writable) {
      return refuse(
          400, "INVALID_FIELD_FOR_INSERT_UPDATE",
          fmt::format("Unable to create/update fields: {}. Please check the security settings.", rule->name),
          {name});
    }
    if (value.is_null()) continue;
    if (auto refused = check_value(*rule, value)) return refused;
  }
  for (const auto& rule : object.fields) {
    const auto given = body.find(rule.name);
    const bool is_empty = given == body.end() ? creating : given->is_null() || *given == "";
    if (is_required(object, rule) && is_empty) {
      return refuse(400, "REQUIRED_FIELD_MISSING",
                    fmt::format("Required fields are missing: [{}]", rule.name), {std::string(rule.name)});
    }
  }
  return std::nullopt;
}

std::optional<Reply> Org::check_unique(const Object& object, const json& body, const Row* self) {
  for (const auto& rule : object.fields) {
    const auto value = text_at(body, rule.name);
    if (!is_unique(rule) || value.empty()) continue;
    for (const auto& row : data_.tables[std::string(object.name)]) {
      if (&row == self || row.deleted || text_at(row.fields, rule.name) != value) continue;
      return refuse(400, "DUPLICATE_VALUE",
                    fmt::format("duplicate value found: {} duplicates value on record with id: {}", rule.name,
                                text_at(row.fields, "Id")));
    }
  }
  return std::nullopt;
}

std::optional<Reply> Org::locked() {
  if (locks_ <= 0) return std::nullopt;
  --locks_;
  return refuse(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record");
}

// --- what a write does

// The owner moves to the queue unless the header forbids it, on updates too [3.4].
void Org::assign(const Call& call, const Object& object, Row& row, bool creating) {
  if (object.name != "Case" || !simulation::flag_of(setup_, "assignment_rule", true)) return;
  if (equals_ignoring_case(header(call.raw.headers, "sforce-auto-assign"), "false")) return;
  const auto& queues = data_.tables["Group"];
  if (queues.empty() || row.fields["OwnerId"] == queues.front().fields["Id"]) return;
  row.fields["OwnerId"] = queues.front().fields["Id"];
  if (!creating) tally_.effect("owners_moved");
}

void Org::change(const Object& object, Row& row, const json& body, TimePoint now) {
  for (const auto& [name, value] : body.items()) {
    const auto* rule = field(object, name);
    if (!rule) continue;
    if (rule->name == "Comments") {  // write only: an internal comment
      if (text_at(body, name).empty()) continue;
      const auto parent = row.fields["Id"];
      (void)make(*find_object("CaseComment"), {{"ParentId", parent}, {"CommentBody", value}}, now);
      tally_.effect("comments_created");
      continue;
    }
    row.fields[std::string(rule->name)] = rule->kind == Kind::reference && value.is_string()
                                              ? json(with_checksum(value.get<std::string>()))
                                              : value;
  }
  if (object.name == "Case") {
    const bool closed = is_closed(text_at(row.fields, "Status"));
    if (closed && row.fields["IsClosed"] != true) row.fields["ClosedDate"] = stamp(now);
    if (!closed) row.fields["ClosedDate"] = nullptr;
    row.fields["IsClosed"] = closed;
  }
  row.fields["LastModifiedDate"] = row.fields["SystemModstamp"] = stamp(now);
}

Row& Org::make(const Object& object, const json& body, TimePoint now) {
  Row row;
  for (const auto& rule : object.fields) {
    row.fields[std::string(rule.name)] = rule.kind == Kind::flag ? json(false) : json();
  }
  row.fields["Id"] = next_id(object.prefix);
  row.fields["CreatedDate"] = stamp(now);
  if (object.name == "Case") {
    if (!body.contains("CaseNumber")) row.fields["CaseNumber"] = fmt::format("{:08}", ++data_.last_case);
    row.fields["Status"] = "New";
    row.fields["Priority"] = "Medium";
    row.fields.erase("Comments");
  }
  if (field(object, "OwnerId")) row.fields["OwnerId"] = "005000000000009AAA";
  if (field(object, "CreatedById")) row.fields["CreatedById"] = "005000000000009AAA";
  change(object, row, body, now);
  if (field(object, "LastName") && row.fields["Name"].is_null()) {
    row.fields["Name"] =
        std::string(trim(text_at(row.fields, "FirstName") + " " + text_at(row.fields, "LastName")));
  }
  auto& table = data_.tables[std::string(object.name)];
  table.push_back(std::move(row));
  return table.back();
}

// --- the endpoints

Reply Org::create(const Call& call) {
  const auto* object = visible(call.args[0]);
  if (!object) return not_found();
  if (!object->writable || is_listed(simulation::text_of(setup_, "read_only", ""), object->name)) {
    return refuse(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object");
  }
  if (is_protected(*object, call.body)) return closed_to_user();
  if (auto refused = check_write(*object, call.body, true)) return *std::move(refused);
  if (auto refused = check_unique(*object, call.body, nullptr)) return *std::move(refused);
  const bool warned = header(call.raw.headers, "sforce-duplicate-rule-header").find("allowSave=true") !=
                      std::string_view::npos;
  if (object->name == "Case" && simulation::flag_of(setup_, "duplicate_rule", false) && !warned)
    return refuse(400, "DUPLICATES_DETECTED", "Use one of these records?");
  if (auto refused = locked()) return *std::move(refused);
  auto& row = make(*object, call.body, call.now());
  assign(call, *object, row, true);
  tally_.effect(object->name == "Case"          ? "cases_created"
                : object->name == "CaseComment" ? "comments_created"
                                                : "feed_items_created");
  return simulation::json_reply(201, save_result(text_at(row.fields, "Id")));
}

Reply Org::update(const Call& call) {
  const auto* object = visible(call.args[0]);
  auto* row = object ? find_row(object->name, call.args[1]) : nullptr;
  if (!row) return not_found();
  if (row->deleted) return refuse(404, "ENTITY_IS_DELETED", "entity is deleted");
  if (row->out_of_sight) return closed_to_user();
  auto reply = upsert_one(call, *row);
  return reply.status == 200 ? Reply(204) : reply;
}

Reply Org::upsert_one(const Call& call, Row& row) {
  const auto* object = find_object(call.args[0]);
  if (!object->writable || is_listed(simulation::text_of(setup_, "read_only", ""), object->name)) {
    return refuse(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object");
  }
  if (row.read_only)
    return refuse(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id");
  if (auto refused = check_write(*object, call.body, false)) return *std::move(refused);
  if (auto refused = check_unique(*object, call.body, &row)) return *std::move(refused);
  if (auto refused = locked()) return *std::move(refused);
  const auto before = row.fields;
  change(*object, row, call.body, call.now());
  assign(call, *object, row, false);
  tally_.effect(object->name == "Case" ? "cases_updated" : "records_updated");
  if (before["Status"] != row.fields["Status"]) tally_.effect("statuses_set");
  if (object->name == "Case" && simulation::flag_of(setup_, "echo", false)) {
    for (auto& outbound : tell(before, row.fields, call.now())) outbox_.push_back(std::move(outbound));
  }
  auto result = save_result(text_at(row.fields, "Id"));
  result["created"] = false;
  return simulation::json_reply(200, result);
}

json Org::shown(const Object& object, const Row& row, std::string_view fields, std::string& unknown) const {
  json record = {{"attributes", attributes(object, row.fields)}};
  for (const auto name : split(fields, ',')) {
    if (trim(name).empty()) continue;
    const auto* rule = field(object, trim(name));
    if (!rule || rule->name == "Comments") {
      unknown = std::string(trim(name));
      return record;
    }
    record[std::string(rule->name)] = row.fields.value(std::string(rule->name), json());
  }
  if (fields.empty()) {
    record.update(row.fields);
    for (const auto& rule : object.fields) {
      if (!field(object, rule.name)) record.erase(std::string(rule.name));
    }
  }
  return record;
}

Reply Org::show(const Call& call) {
  const auto* object = visible(call.args[0]);
  const auto* row = object ? find_row(object->name, call.args[1]) : nullptr;
  if (!row || row->out_of_sight) return not_found();
  if (row->deleted) return refuse(404, "ENTITY_IS_DELETED", "entity is deleted");
  std::string unknown;
  auto record = shown(*object, *row, call.query("fields"), unknown);
  if (!unknown.empty()) {
    return refuse(400, "INVALID_FIELD",
                  fmt::format("No such column '{}' on sobject of type {}", unknown, object->name));
  }
  return simulation::json_reply(200, record);
}

Reply Org::show_by_external_id(const Call& call) {
  const auto* object = visible(call.args[0]);
  const auto* rule = object ? field(*object, call.args[1]) : nullptr;
  if (!rule || !is_external_id(*rule))
    return refuse(404, "NOT_FOUND",
                  "Provided external ID field does not exist or is not accessible: " + call.args[1]);
  std::vector<const Row*> found;
  for (const auto& row : data_.tables[std::string(object->name)]) {
    const bool seen = !row.deleted && !row.out_of_sight;
    if (seen && text_at(row.fields, rule->name) == call.args[2]) found.push_back(&row);
  }
  if (found.empty()) return not_found();
  if (found.size() > 1) return several(version_, *object, found);
  std::string unknown;
  auto record = shown(*object, *found.front(), call.query("fields"), unknown);
  if (!unknown.empty()) {
    return refuse(400, "INVALID_FIELD",
                  fmt::format("No such column '{}' on sobject of type {}", unknown, object->name));
  }
  return simulation::json_reply(200, record);
}

Reply Org::upsert(const Call& call) {
  const auto* object = visible(call.args[0]);
  const auto* rule = object ? field(*object, call.args[1]) : nullptr;
  if (!rule || !is_external_id(*rule))
    return refuse(404, "NOT_FOUND",
                  "Provided external ID field does not exist or is not accessible: " + call.args[1]);
  if (call.body.contains(rule->name)) {
    return refuse(400, "INVALID_FIELD",
                  fmt::format("The {} field should not be specified in the sobject data.", rule->name));
  }
  if (call.args[2].size() > static_cast<std::size_t>(rule->length)) {
    return refuse(400, "STRING_TOO_LONG", "data value too large", {std::string(rule->name)});
  }
  std::vector<const Row*> found;
  for (const auto& row : data_.tables[std::string(object->name)]) {
    if (!row.deleted && text_at(row.fields, rule->name) == call.args[2]) found.push_back(&row);
  }
  if (found.size() > 1) return several(version_, *object, found);
  if (found.size() == 1) {
    auto reply = upsert_one(call, *find_row(object->name, text_at(found.front()->fields, "Id")));
    const bool old = simulation::text_of(setup_, "upsert_status", "") == "204";
    return reply.status == 200 && old ? Reply(204) : reply;
  }
  if (call.query("updateOnly") == "true") return not_found();
  auto creating = call;
  creating.body[std::string(rule->name)] = call.args[2];
  if (race_) {  // somebody else's upsert of the same value commits first
    race_ = false;
    if (const auto other = create(creating); other.status != 201) return other;
    return refuse(400, "DUPLICATE_VALUE",
                  fmt::format("duplicate value found: {} duplicates value on record with id", rule->name));
  }
  auto reply = create(creating);
  if (reply.status != 201) return reply;
  auto result = json::parse(reply.body, nullptr, false);
  result["created"] = true;
  return simulation::json_reply(201, result);
}

// Connect: segments instead of text; a FeedItem all the same [3.5].
Reply Org::feed_element(const Call& call) {
  const JsonView view(call.body);
  std::string text;
  for (const auto segment : items(view["body"]["messageSegments"])) {
    const auto type = segment["type"].text();
    if (type == "Text") text += segment["text"].text();
    if (type == "Mention") text += "@" + segment["id"].text();
  }
  if (view["feedElementType"].text() != "FeedItem" || text.empty()) {
    return refuse(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "a FeedItem with message segments is needed");
  }
  auto plain = call;
  plain.args = {"FeedItem"};
  plain.body = {{"ParentId", view["subjectId"].text()},
                {"Body", text},
                {"Visibility", view["visibility"].text("AllUsers")}};
  return create(plain);
}

}  // namespace baton::salesforce::simulated
