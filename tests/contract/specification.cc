#include "tests/contract/specification.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::contract {
namespace {

using nlohmann::json;

// OpenAPI 3.0 says `nullable`, JSON Schema a list of types; formats that no validator of ours knows go.
void to_json_schema(json& part) {
  if (!part.is_structured()) return;
  if (part.is_object()) {
    const bool nullable = part.contains("nullable") && part["nullable"] == true;
    if (nullable && part.contains("type") && part["type"].is_string()) part["type"] = {part["type"], "null"};
    if (nullable && part.contains("enum")) part["enum"].push_back(nullptr);
    for (const auto* word :
         {"nullable", "example", "examples", "discriminator", "xml", "format", "deprecated"}) {
      if (part.contains(word) && !part[word].is_structured()) part.erase(word);
    }
  }
  for (auto& inner : part) to_json_schema(inner);
}

bool same_path(std::string_view pattern, std::string_view path) {
  const auto a = split(pattern, '/'), b = split(path, '/');
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto open = a[i].find('{');
    if (open == std::string_view::npos ? a[i] != b[i] : b[i].empty()) return false;
    // "tickets/{id}.json": what stands around the parameter counts.
    if (open != std::string_view::npos &&
        (!b[i].starts_with(a[i].substr(0, open)) || !b[i].ends_with(a[i].substr(a[i].rfind('}') + 1)))) {
      return false;
    }
  }
  return true;
}

std::vector<std::string> query_names(std::string_view target) {
  std::vector<std::string> names;
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return names;
  for (const auto pair : split(target.substr(mark + 1), '&')) {
    if (!pair.empty()) names.push_back(percent_decode(pair.substr(0, pair.find('=')), true).value_or("?"));
  }
  return names;
}

}  // namespace

Specification::Specification(json document, std::string prefix)
    : document_(std::move(document)), prefix_(std::move(prefix)) {
  to_json_schema(document_);
}

const json& Specification::resolved(const json& schema) const {
  const json* at = &schema;
  for (int hops = 0; hops < 20 && at->is_object() && at->contains("$ref"); ++hops)
    at = &document_.at(json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
  return *at;
}

const json* Specification::find(const Request& request) const {
  auto path = std::string(path_of(request.target));
  if (!path.starts_with(prefix_)) return nullptr;
  path.erase(0, prefix_.size());
  const auto method = to_lower(request.method);
  const json* found = nullptr;
  for (const auto& [pattern, item] : document_.at("paths").items()) {
    if (!same_path(pattern, path) || !item.contains(method)) continue;
    // The one without a parameter in that place is meant: /tickets/count is no /tickets/{id}.
    if (!found || pattern.find('{') == std::string::npos) found = &item.at(method);
  }
  return found;
}

std::string Specification::misfit(const json& schema, const json& value) const {
  json whole = document_;
  whole.erase("paths");
  whole["$schema_of_value"] = schema;
  return testing::violations(std::move(whole), "/$schema_of_value", value);
}

std::vector<std::string> Specification::violations(const Request& request, const json& operation) const {
  std::vector<std::string> all;
  const auto parameters = operation.value("parameters", json::array());
  const auto sent = query_names(request.target);
  const auto known = [&](const std::string& name, const char* in) {
    return std::ranges::any_of(parameters, [&](const json& one) {
      const auto& parameter = resolved(one);
      const auto written = parameter.value("name", "");
      return parameter.value("in", "") == in &&
             (written == name || written + "[]" == name || name.starts_with(written + "["));
    });
  };
  for (const auto& name : sent) {
    if (!known(name, "query")) all.push_back("the query parameter `" + name + "` is unknown");
  }
  for (const auto& one : parameters) {
    const auto& parameter = resolved(one);
    if (parameter.value("in", "") != "query" || !parameter.value("required", false)) continue;
    const auto name = parameter.value("name", "");
    if (std::ranges::find(sent, name) == sent.end())
      all.push_back("the query parameter `" + name + "` is missing");
  }
  if (!operation.contains("requestBody")) return all;
  const auto content = resolved(operation.at("requestBody")).value("content", json::object());
  const auto type = header(request.headers, "content-type");
  const auto media = std::string(trim(type.substr(0, type.find(';'))));
  if (!content.contains(media)) {
    all.push_back("the body is `" + media + "`, the document wants " + content.dump().substr(0, 60));
    return all;
  }
  if (media != "application/json") return all;
  const auto body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) all.push_back("the body is no JSON");
  else if (auto wrong = misfit(content.at(media).value("schema", json::object()), body); !wrong.empty())
    all.push_back("body " + wrong + " in " + body.dump());
  return all;
}

json Specification::sample(const json& unresolved, int depth) const {
  const auto& schema = resolved(unresolved);
  if (depth > 6 || !schema.is_object()) return nullptr;
  for (const auto* several : {"allOf", "oneOf", "anyOf"}) {
    if (!schema.contains(several)) continue;
    json merged = nullptr;
    for (const auto& one : schema.at(several)) {
      auto part = sample(one, depth + 1);
      if (merged.is_null()) merged = std::move(part);
      else if (merged.is_object() && part.is_object() && std::string_view(several) == "allOf")
        merged.update(part);
    }
    return merged;
  }
  if (schema.contains("enum")) return schema.at("enum").at(0);
  auto type = schema.value("type", json(schema.contains("properties") ? "object" : "string"));
  if (type.is_array()) type = type.at(0);
  if (type == "object") {
    auto value = json::object();
    const auto properties = schema.value("properties", json::object());
    for (const auto& [name, property] : properties.items())
      value[name] = sample(property, depth + 1);
    return value;
  }
  if (type == "array") return json::array({sample(schema.value("items", json::object()), depth + 1)});
  if (type == "integer" || type == "number") return 1;
  if (type == "boolean") return true;
  return "x";
}

json Specification::whole_answer(const json& operation) const {
  const auto responses = operation.value("responses", json::object());
  for (const auto& [status, response] : responses.items()) {
    if (!status.starts_with("2")) continue;
    const auto content = resolved(response).value("content", json::object());
    if (content.contains("application/json"))
      return sample(content.at("application/json").value("schema", json::object()), 0);
  }
  return nullptr;
}

std::optional<Specification> read_specification(const json& named) {
  auto document = testing::read_spec(named.at("file").get<std::string>());
  if (!document) return std::nullopt;
  const auto relaxed = named.value("relax", json::object());
  for (const auto& [pointer, why] : relaxed.items()) {
    const json::json_pointer place(pointer);
    if (document->contains(place)) document->at(place.parent_pointer()).erase(place.back());
    else ADD_FAILURE() << named.at("file") << " has no " << pointer << " to relax";
  }
  return Specification(std::move(*document), named.value("prefix", ""));
}

}  // namespace baton::contract
