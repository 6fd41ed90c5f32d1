// Records: read, create, update, upsert (fact sheet, sections 3.1, 3.4, 3.6, 4). No idempotency header:
// what is posted twice is there twice, unless a unique property says otherwise.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "connectors/hubspot/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::hubspot::simulated {
namespace {

constexpr std::size_t kMaxBatch = 100;

std::string_view modified_name(const Type& type) {
  return type.plural == "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate";
}

std::vector<std::string> default_properties(const Type& type) {
  if (type.plural == "contacts") return {"email", "firstname", "lastname"};
  if (type.plural == "companies") return {"name", "domain"};
  if (type.plural == "deals") return {"dealname", "amount", "dealstage", "pipeline", "closedate"};
  if (type.plural == "tickets") {
    return {"subject",           "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority",
            "hs_ticket_category"};
  }
  return {};
}

// ?properties=a,b&properties=c
std::vector<std::string> listed(std::string_view target, std::string_view name) {
  std::vector<std::string> all;
  const auto mark = target.find('?');
  for (const auto pair : split(mark == std::string_view::npos ? "" : target.substr(mark + 1), '&')) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    const auto decoded = percent_decode(pair.substr(equals + 1), true).value_or("");
    for (const auto part : split(decoded, ',')) {
      if (!part.empty()) all.emplace_back(part);
    }
  }
  return all;
}

std::vector<std::string> strings(const JsonView& list) {
  std::vector<std::string> all;
  for (const auto item : items(list)) all.push_back(item.text());
  return all;
}

// Values are text; what is given as a number or a boolean is kept as text, and "" clears [1].
json as_kept(const json& value) {
  if (value.is_null() || value == "") return nullptr;
  return value.is_string() ? value : json(simulation::dump(value));
}

json batch_answer(json results, json errors, TimePoint now) {
  json body = {{"status", "COMPLETE"},
               {"results", std::move(results)},
               {"startedAt", simulation::iso_millis(now)},
               {"completedAt", simulation::iso_millis(now)}};
  if (!errors.empty()) {
    body["numErrors"] = errors.size();
    body["errors"] = std::move(errors);
  }
  return body;
}

}  // namespace

// --- finding

Object* Account::find_object(const Type& type, std::string_view id) {
  for (auto& [number, object] : objects_[std::string(type.plural)]) {
    if (object.id == id && !object.archived) return &object;
  }
  return nullptr;
}

Object* Account::find_by(const Type& type, std::string_view property, std::string_view value) {
  if (value.empty()) return nullptr;
  for (auto& [number, object] : objects_[std::string(type.plural)]) {
    if (!object.archived && equals_ignoring_case(JsonView(object.properties)[property].text(), value))
      return &object;
  }
  return nullptr;
}

bool Account::is_unique(const Type& type, std::string_view property) const {
  const auto* known = definition(type, property);
  return known && known->value("hasUniqueValue", false);
}

Object* Account::named(const Type& type, const Call& call, std::optional<Reply>& refused) {
  const auto property = call.query("idProperty");
  Object* found = nullptr;
  if (property.empty() || property == "hs_object_id") {
    found = find_object(type, call.args[1]);
  } else if (!is_unique(type, property)) {
    refused = refuse(400, "VALIDATION_ERROR",
                     fmt::format("{} is not a unique property of {}", property, type.plural));
    return nullptr;
  } else {
    found = find_by(type, property, call.args[1]);  // primary address only [10]
  }
  if (!found) refused = no_such_object();
  return found;
}

// --- showing

json Account::render(const Type& type, const Object& object, const std::vector<std::string>& wanted) const {
  json shown = json::object();
  for (const auto& name : wanted.empty() ? default_properties(type) : wanted) {
    if (definition(type, name))
      shown[name] = object.properties.value(name, json());  // unknown names are ignored
  }
  shown["hs_object_id"] = object.id;
  shown["createdate"] = simulation::iso_millis(object.created);
  shown[std::string(modified_name(type))] = simulation::iso_millis(object.updated);
  return {{"id", object.id},
          {"properties", std::move(shown)},
          {"createdAt", simulation::iso_millis(object.created)},
          {"updatedAt", simulation::iso_millis(object.updated)},
          {"archived", object.archived}};
}

Reply Account::show_object(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  std::optional<Reply> refused;
  const auto* object = named(*type, call, refused);
  if (!object) return *std::move(refused);
  auto shown = render(*type, *object, listed(call.raw.target, "properties"));
  for (const auto& name : listed(call.raw.target, "propertiesWithHistory"))
    shown["propertiesWithHistory"][name] = object->changes.value(name, json::array());
  for (const auto& name : listed(call.raw.target, "associations")) {
    const auto* to = find_type(name);
    if (!to) continue;
    json results = json::array();
    for (const auto& link : links_of(*type, object->id, *to)) {
      for (const auto& kind : link["associationTypes"]) {
        // Of pairs that know "Primary" the other entry is called unlabelled.
        const bool has_primary = (type->plural == "companies" || to->plural == "companies") &&
                                 type->plural != "notes" && to->plural != "notes";
        const auto suffix = has_primary && kind["label"].is_null() ? "_unlabeled" : "";
        results.push_back({{"id", link["toObjectId"]},
                           {"type", fmt::format("{}_to_{}{}", type->singular, to->singular, suffix)}});
      }
    }
    if (!results.empty()) shown["associations"][std::string(to->plural)]["results"] = std::move(results);
  }
  return simulation::json_reply(200, shown);
}

Reply Account::list_objects(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  int limit = 10;
  const auto asked = call.query("limit");
  if (!asked.empty()) std::from_chars(asked.data(), asked.data() + asked.size(), limit);
  if (limit < 1 || limit > 100) return refuse(400, "VALIDATION_ERROR", "limit must be between 1 and 100");
  const auto wanted = listed(call.raw.target, "properties");
  long after = 0;
  const auto cursor = call.query("after");
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), after);
  json body = {{"results", json::array()}};
  for (const auto& [number, object] : objects_[std::string(type->plural)]) {
    if (object.archived || number < after) continue;
    if (static_cast<int>(body["results"].size()) == limit) {
      body["paging"]["next"] = {{"after", std::to_string(number)}};
      break;
    }
    body["results"].push_back(render(*type, object, wanted));
  }
  return simulation::json_reply(200, body);
}

// 207 if something was not found: the answer is as good as its parts.
Reply Account::read_batch(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  const JsonView view(call.body);
  const auto inputs = view["inputs"].list();
  if (!inputs) return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: inputs must be an array");
  if (inputs->size() > kMaxBatch)
    return refuse(400, "VALIDATION_ERROR", "A batch may have at most 100 inputs");
  const auto property = view["idProperty"].text();
  if (!property.empty() && property != "hs_object_id" && !is_unique(*type, property)) {
    return refuse(400, "VALIDATION_ERROR",
                  fmt::format("{} is not a unique property of {}", property, type->plural));
  }
  const auto wanted = strings(view["properties"]);
  json results = json::array(), missing = json::array();
  std::set<std::string> seen;
  for (const auto input : *inputs) {
    const auto id = input["id"].id().value_or("");
    const auto* object = property.empty() || property == "hs_object_id" ? find_object(*type, id)
                                                                        : find_by(*type, property, id);
    if (!object) {
      missing.push_back(id);
    } else if (seen.insert(object->id).second) {
      results.push_back(render(*type, *object, wanted));
    }
  }
  json errors = json::array();
  if (!missing.empty()) {
    errors.push_back(standard_error(
        "OBJECT_NOT_FOUND",
        fmt::format("Could not get some {} objects, they may be deleted or not exist.", type->singular),
        {{"ids", missing}}));
  }
  const int status = errors.empty() ? 200 : 207;
  return simulation::json_reply(status, batch_answer(std::move(results), std::move(errors), call.now()));
}

json Account::standard_error(std::string_view category, std::string_view message, json context) const {
  return {{"status", "error"}, {"category", category}, {"message", message}, {"context", std::move(context)}};
}

// --- writing

// closed_date follows the stage.
void Account::close_or_open(Object& ticket, TimePoint now) {
  const auto stage = JsonView(ticket.properties)["hs_pipeline_stage"].text();
  for (const auto& pipeline : pipelines_) {
    for (const auto& known : pipeline["stages"]) {
      const JsonView view(known);
      if (view["id"].text() != stage) continue;
      const bool closed = view.at_path("metadata.ticketState").text() == "CLOSED";
      if (!closed) ticket.properties.erase("closed_date");
      if (closed && !ticket.properties.contains("closed_date"))
        ticket.properties["closed_date"] = simulation::iso_millis(now);
    }
  }
}

// Precondition: the properties were checked. Without `existing` it is a new record.
Object& Account::write(const Type& type, Object* existing, const json& properties, TimePoint now) {
  if (!existing) {
    const auto number = next_id_++;
    existing = &objects_[std::string(type.plural)][number];
    existing->id = std::to_string(number);
    existing->created = now;
    tally_.effect(std::string(type.plural) + "_created");
  }
  const auto before = existing->properties;
  for (const auto& [name, value] : properties.items()) {
    const auto kept = as_kept(value);
    if (kept.is_null()) {
      existing->properties.erase(name);
    } else {
      existing->properties[name] = kept;
    }
  }
  if (type.plural == "tickets") {
    existing->properties.emplace("hs_pipeline", "0");
    close_or_open(*existing, now);
  }
  existing->updated = now;
  existing->history.emplace_back(now, existing->properties);
  if (type.plural == "tickets") keep_changes(before, *existing, now);
  echo(type, before, *existing, now);
  return *existing;
}

Reply Account::create_object(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  const auto properties = call.body.is_object() ? call.body.value("properties", json()) : json();
  if (!properties.is_object())
    return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: properties must be an object");
  const auto associations = call.body.value("associations", json::array());
  if (auto refused = check_write(*type, properties, nullptr)) return *std::move(refused);
  if (auto refused = check_links(*type, associations)) return *std::move(refused);
  const auto& made = write(*type, nullptr, properties, call.now());
  for (const auto& association : associations) {
    for (const auto& kind : association["types"]) {
      const int id = kind["associationTypeId"];
      for (const auto& known : link_kinds()) {
        if (known.from != type->plural || known.id != id) continue;
        add_link(*type, made.id, *find_type(known.to), JsonView(association)["to"]["id"].id().value_or(""),
                 id);
      }
    }
  }
  std::vector<std::string> names = default_properties(*type);
  for (const auto& [name, value] : properties.items()) names.push_back(name);
  return simulation::json_reply(201, render(*type, made, names));
}

Reply Account::update_object(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  const auto properties = call.body.is_object() ? call.body.value("properties", json()) : json();
  if (!properties.is_object())
    return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: properties must be an object");
  std::optional<Reply> refused;
  auto* object = named(*type, call, refused);
  if (!object) return *std::move(refused);
  if (auto wrong = check_write(*type, properties, object)) return *std::move(wrong);
  (void)write(*type, object, properties, call.now());
  tally_.effect(std::string(type->plural) + "_updated");
  std::vector<std::string> names = default_properties(*type);
  for (const auto& [name, value] : properties.items()) names.push_back(name);
  return simulation::json_reply(200, render(*type, *object, names));
}

Reply Account::archive_object(const Call& call) {
  const auto* type = find_type(call.args[0]);
  auto* object = type ? find_object(*type, call.args[1]) : nullptr;
  if (object) {
    object->archived = true;
    object->history.emplace_back(call.now(), nullptr);
    tally_.effect(std::string(type->plural) + "_archived");
  }
  return Reply(204);  // also for what is gone already
}

// --- upsert by a unique property [4]

json Account::upsert_one(const Type& type, const json& input, bool& is_error, TimePoint now) {
  const JsonView view(input);
  const auto property = view["idProperty"].text();
  json properties = input["properties"];
  properties[property] = view["id"].text();
  auto* existing = find_by(type, property, view["id"].text());
  json context = json::object();
  if (const auto trace = view["objectWriteTraceId"].text(); !trace.empty())
    context["objectWriteTraceId"] = {trace};
  is_error = true;
  const auto faults = check(type, properties, existing);
  if (!faults.empty()) {
    context["propertyName"] = {faults.front().property};
    return standard_error("VALIDATION_ERROR", faults.front().message, std::move(context));
  }
  if (conflict(type, properties, existing)) {
    return standard_error("CONFLICT", "A unique value of this input belongs to another record",
                          std::move(context));
  }
  is_error = false;
  const bool is_new = existing == nullptr;
  const auto& object = write(type, existing, properties, now);
  if (!is_new) tally_.effect(std::string(type.plural) + "_updated");
  std::vector<std::string> names = default_properties(type);
  for (const auto& [name, value] : properties.items()) names.push_back(name);
  auto shown = render(type, object, names);
  shown["new"] = is_new;
  if (context.contains("objectWriteTraceId")) shown["objectWriteTraceId"] = view["objectWriteTraceId"].text();
  return shown;
}

Reply Account::upsert_batch(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  const auto inputs = JsonView(call.body)["inputs"].list();
  if (!inputs || inputs->empty())
    return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: inputs must be an array");
  if (inputs->size() > kMaxBatch)
    return refuse(400, "VALIDATION_ERROR", "A batch may have at most 100 inputs");
  for (const auto input : *inputs) {
    const auto property = input["idProperty"].text();
    if (!is_unique(*type, property)) {
      return refuse(
          400, "VALIDATION_ERROR",
          fmt::format("unable to perform update/upsert by non-unique or missing property \"{}\"", property));
    }
    if (input["id"].text().empty() || !input["properties"].object()) {
      return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: each input needs id and properties");
    }
  }
  json results = json::array(), errors = json::array();
  const bool all_or_nothing = type->plural == "contacts";  // by email: no partial success
  if (all_or_nothing) {
    for (const auto input : *inputs) {
      auto properties = (*input.raw())["properties"];
      properties["email"] = input["id"].text();
      if (auto refused = check_write(*type, properties,
                                     find_by(*type, input["idProperty"].text(), input["id"].text()))) {
        return *std::move(refused);
      }
    }
  }
  for (const auto input : *inputs) {
    bool is_error = false;
    auto outcome = upsert_one(*type, *input.raw(), is_error, call.now());
    (is_error ? errors : results).push_back(std::move(outcome));
  }
  const int status = errors.empty() ? 200 : 207;
  return simulation::json_reply(status, batch_answer(std::move(results), std::move(errors), call.now()));
}

}  // namespace baton::hubspot::simulated
