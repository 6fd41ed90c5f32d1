#include "gateway/ingress/schemas/rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <re2/re2.h>

#include "gateway/base/check.h"
#include "gateway/ingress/schemas/event_schemas.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr auto kTypes = std::to_array<std::pair<std::string_view, unsigned>>({{"null", Rule::null},
                                                                              {"boolean", Rule::boolean},
                                                                              {"integer", Rule::integer},
                                                                              {"number", Rule::number},
                                                                              {"string", Rule::string},
                                                                              {"array", Rule::array},
                                                                              {"object", Rule::object}});

unsigned type_bits(const json& value) {
  const auto names = value.is_array() ? value : json::array({value});
  unsigned bits = 0;
  for (const auto& name : names) {
    const auto found = std::ranges::find(kTypes, name.get_ref<const std::string&>(),
                                         [](const auto& type) { return std::string(type.first); });
    BATON_CHECK(found != kTypes.end());
    bits |= found->second;
  }
  return (bits & Rule::number) != 0 ? bits | Rule::integer : bits;
}

bool says_nothing(const std::string& keyword) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"$schema", "$id", "title", "description", "definitions", "properties", "required"});
  return std::ranges::find(kWords, keyword) != kWords.end();
}

bool all_digits(std::string_view text, std::size_t at, std::size_t count) {
  return std::ranges::all_of(text.substr(at, count), [](char c) { return c >= '0' && c <= '9'; });
}

int two_digits(std::string_view text, std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

bool is_offset(std::string_view text) {
  if (text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' && all_digits(text, 1, 2) &&
         all_digits(text, 4, 2) && two_digits(text, 1) < 24 && two_digits(text, 4) < 60;
}

}  // namespace

Rule::Rule() = default;
Rule::~Rule() = default;

bool is_timestamp(std::string_view text) {
  if (text.size() < 20) return false;
  const bool digits = all_digits(text, 0, 4) && all_digits(text, 5, 2) && all_digits(text, 8, 2) &&
                      all_digits(text, 11, 2) && all_digits(text, 14, 2) && all_digits(text, 17, 2);
  const bool marks =
      text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':';
  if (!digits || !marks) return false;
  const auto date = std::chrono::year{two_digits(text, 0) * 100 + two_digits(text, 2)} / two_digits(text, 5) /
                    two_digits(text, 8);
  if (!date.ok() || two_digits(text, 11) > 23 || two_digits(text, 14) > 59 || two_digits(text, 17) > 59) {
    return false;
  }
  std::size_t zone = 19;
  if (text[zone] == '.') {
    zone = std::min(text.find_first_not_of("0123456789", 20), text.size());
    if (zone == 20 || zone > 29) return false;
  }
  return is_offset(text.substr(zone));
}

Rules::Rules() {
  for (const auto& schema : event_schemas()) {
    documents_.emplace(schema.name, json::parse(schema.text));
  }
  for (const auto& [file, document] : documents_) resolve(file, file);
}

Rules::~Rules() = default;

const Rule* Rules::find(std::string_view file) const {
  const auto found = by_reference_.find(std::string(file) + "#");
  return found == by_reference_.end() ? nullptr : found->second;
}

// "#/definitions/x" of this file, or "other.schema.json#/definitions/x". No schema of ours refers to
// itself, so this ends.
const Rule* Rules::resolve(const std::string& reference, const std::string& file) {
  const auto hash = std::min(reference.find('#'), reference.size());
  const auto target = hash == 0 ? file : reference.substr(0, hash);
  const auto fragment = hash < reference.size() ? reference.substr(hash + 1) : std::string();
  const auto whole = target + "#" + fragment;
  if (const auto known = by_reference_.find(whole); known != by_reference_.end()) return known->second;
  const auto document = documents_.find(target);
  BATON_CHECK(document != documents_.end());
  const json::json_pointer pointer(fragment);
  BATON_CHECK(document->second.contains(pointer));
  return by_reference_[whole] = compile(document->second[pointer], target);
}

const Rule* Rules::compile(const json& schema, const std::string& file) {
  if (const auto reference = schema.find("$ref"); reference != schema.end()) {
    return resolve(reference->get<std::string>(), file);
  }
  rules_.push_back(std::make_unique<Rule>());
  auto& rule = *rules_.back();
  for (const auto& [keyword, value] : schema.items()) {
    if (!says_nothing(keyword)) read_keyword(rule, keyword, value, file);
  }
  read_properties(rule, schema, file);
  return &rule;
}

void Rules::read_keyword(Rule& rule, const std::string& keyword, const json& value, const std::string& file) {
  if (keyword == "type") {
    rule.types = type_bits(value);
  } else if (keyword == "enum" || keyword == "const") {
    rule.allowed = keyword == "enum" ? value.get<std::vector<std::string>>()
                                     : std::vector<std::string>{value.get<std::string>()};
    rule.types = Rule::string;
  } else if (keyword == "minimum") {
    rule.minimum = value.get<double>();
  } else if (keyword == "maximum") {
    rule.maximum = value.get<double>();
  } else if (keyword == "minLength") {
    rule.min_length = value.get<std::size_t>();
  } else if (keyword == "maxLength") {
    rule.max_length = value.get<std::size_t>();
  } else if (keyword == "format") {
    BATON_CHECK(value == "date-time");
    rule.timestamp = true;
  } else if (keyword == "pattern") {
    rule.pattern = std::make_unique<re2::RE2>(value.get<std::string>());
    BATON_CHECK(rule.pattern->ok());
  } else if (keyword == "minItems") {
    rule.min_items = value.get<std::size_t>();
  } else if (keyword == "maxItems") {
    rule.max_items = value.get<std::size_t>();
  } else if (keyword == "items") {
    rule.items = compile(value, file);
  } else if (keyword == "maxProperties") {
    rule.max_properties = value.get<std::size_t>();
  } else if (keyword == "propertyNames") {
    rule.names = compile(value, file);
  } else if (keyword == "additionalProperties") {
    rule.closed = value == false;
    if (value.is_object()) rule.others = compile(value, file);
  } else {
    BATON_CHECK(!"a JSON Schema keyword that is not compiled");
  }
}

void Rules::read_properties(Rule& rule, const json& schema, const std::string& file) {
  const auto required = schema.value("required", std::vector<std::string>());
  rule.required = required.size();
  const auto properties = schema.value("properties", json::object());
  for (const auto& [name, value] : properties.items()) {
    const bool needed = std::ranges::find(required, name) != required.end();
    rule.properties.push_back({name, compile(value, file), needed});
  }
  std::ranges::sort(rule.properties, {}, &Rule::Property::name);
  const auto listed = std::ranges::count(rule.properties, true, &Rule::Property::required);
  BATON_CHECK(static_cast<std::size_t>(listed) == rule.required);
}

}  // namespace baton
