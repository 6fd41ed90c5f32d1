// What a record's properties must be (fact sheet, sections 1, 3.4, 3.6, 6).
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/hubspot/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::hubspot::simulated {
namespace {

constexpr std::size_t kMaxTextChars = 65'536;  // documented for notes, taken for all [8]

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// ISO 8601 or milliseconds.
bool is_date(std::string_view text) {
  if (simulation::read_iso(text)) return true;
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> required_of(const Type& type, const std::string& rules) {
  if (type.plural == "notes") return {"hs_timestamp"};
  if (type.plural != "tickets") return {};
  std::vector<std::string> names = {"subject", "hs_pipeline_stage"};
  for (const auto name : split(rules, ',')) {
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

}  // namespace

std::optional<Fault> Account::check_stage(const json& properties, const Object* existing) const {
  const JsonView given(properties), kept(existing ? existing->properties : properties);
  const auto stage = given["hs_pipeline_stage"].text();
  const auto pipeline = given["hs_pipeline"].text(kept["hs_pipeline"].text("0"));
  if (stage.empty() && given["hs_pipeline"].missing()) return std::nullopt;
  for (const auto& known : pipelines_) {
    if (JsonView(known)["id"].text() != pipeline) continue;
    for (const auto& candidate : known["stages"]) {
      if (stage.empty() || JsonView(candidate)["id"].text() == stage) return std::nullopt;
    }
    return Fault{fmt::format("{} is not a stage of the pipeline {}", stage, pipeline), "INVALID_OPTION",
                 "hs_pipeline_stage"};
  }
  return Fault{fmt::format("{} is not a pipeline", pipeline), "INVALID_OPTION", "hs_pipeline"};
}

std::optional<Fault> Account::check_value(const Type& type, const json& definition,
                                          std::string_view text) const {
  const auto name = definition["name"].get<std::string>();
  const auto wrong = [&](std::string_view code, std::string_view why) {
    return Fault{fmt::format("{} {}", clip_utf8(text, 80), why), std::string(code), name};
  };
  const auto kind = definition.value("type", "string");
  if (count_code_points(text) > kMaxTextChars)
    return wrong("PROPERTY_VALUE_TOO_LONG", "is longer than 65536 characters");
  if (kind == "number" && !is_number(text)) return wrong("INVALID_INTEGER", "was not a valid number");
  if ((kind == "date" || kind == "datetime") && !is_date(text))
    return wrong("INVALID_DATE", "was not a valid date");
  if (kind == "bool" && text != "true" && text != "false")
    return wrong("INVALID_BOOLEAN", "was not true or false");
  if (kind == "enumeration" && definition.contains("options")) {
    const auto& options = definition["options"];
    const auto same = [&](const json& option) { return JsonView(option)["value"].text() == text; };
    if (std::none_of(options.begin(), options.end(), same))
      return wrong("INVALID_OPTION", "was not one of the allowed options");
  }
  if (type.plural == "contacts" && name == "email") {
    const auto at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.find('.', at) == std::string_view::npos) {
      return wrong("INVALID_EMAIL", "is not a valid email address");
    }
  }
  if (name == "hubspot_owner_id") {
    const auto same = [&](const json& owner) { return JsonView(owner)["id"].text() == text; };
    if (std::none_of(owners_.begin(), owners_.end(), same))
      return wrong("INVALID_OWNER_ID", "is not an owner");
  }
  return std::nullopt;
}

Account::Faults Account::check(const Type& type, const json& properties, const Object* existing) const {
  Faults faults;
  for (const auto& [name, value] : properties.items()) {
    const auto* known = definition(type, name);
    if (!known) {
      faults.push_back({fmt::format("Property \"{}\" does not exist", name), "PROPERTY_DOESNT_EXIST", name});
    } else if (value.is_structured()) {
      faults.push_back({fmt::format("Property \"{}\" must be text", name), "INVALID_TYPE", name});
    } else if (known->value("readOnly", false)) {
      faults.push_back({fmt::format("\"{}\" is a read only property", name), "READ_ONLY_VALUE", name});
    } else if (const auto text = JsonView(value).text(value.is_null() ? "" : simulation::dump(value));
               !text.empty()) {
      if (auto fault = check_value(type, *known, text)) faults.push_back(*std::move(fault));
    }
  }
  if (type.plural == "tickets") {
    if (auto fault = check_stage(properties, existing)) faults.push_back(*std::move(fault));
  }
  if (existing) return faults;
  for (const auto& name : required_of(type, simulation::text_of(setup_, "required_ticket_properties", ""))) {
    const auto found = properties.find(name);
    if (found == properties.end() || found->is_null() || *found == "") {
      faults.push_back(
          {fmt::format("Error creating {}. Some required properties were not set: {}", type.singular, name),
           "REQUIRED_FIELD", name});
    }
  }
  return faults;
}

// The id of the record that already has a value which may stand only once.
std::optional<std::string> Account::conflict(const Type& type, const json& properties,
                                             const Object* existing) {
  for (const auto& [name, value] : properties.items()) {
    if (!is_unique(type, name)) continue;
    const auto* other = find_by(type, name, JsonView(value).text());
    // A secondary address belongs to somebody, too.
    if (!other && type.plural == "contacts" && name == "email") {
      for (const auto& [number, object] : objects_[std::string(type.plural)]) {
        const auto more = JsonView(object.properties)["hs_additional_emails"].text();
        for (const auto address : split(more, ';')) {
          if (!object.archived && equals_ignoring_case(address, JsonView(value).text())) other = &object;
        }
      }
    }
    if (other && other != existing) return other->id;
  }
  return std::nullopt;
}

std::optional<Reply> Account::check_write(const Type& type, const json& properties, const Object* existing) {
  const auto faults = check(type, properties, existing);
  if (!faults.empty()) {
    json errors = json::array();
    for (const auto& fault : faults) {
      errors.push_back({{"message", fault.message},
                        {"code", fault.code},
                        {"context", {{"propertyName", {fault.property}}}}});
    }
    return refuse(400, "VALIDATION_ERROR", "Property values were not valid: " + simulation::dump(errors),
                  errors);
  }
  if (const auto id = conflict(type, properties, existing)) {
    return refuse(409, "CONFLICT",
                  type.plural == "contacts"
                      ? "Contact already exists. Existing ID: " + *id
                      : "A record with this unique value already exists. Existing ID: " + *id);
  }
  return std::nullopt;
}

}  // namespace baton::hubspot::simulated
