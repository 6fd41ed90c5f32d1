#include "tests/contract/specification.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

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

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=2", percent-encoded.
Pairs pairs_of(std::string_view text) {
  Pairs pairs;
  for (const auto pair : split(text, '&')) {
    if (pair.empty()) continue;
    const auto is = pair.find('=');
    const auto value = is == std::string_view::npos ? std::string_view() : pair.substr(is + 1);
    pairs.emplace_back(percent_decode(pair.substr(0, is), true).value_or("?"),
                       percent_decode(value, true).value_or("?"));
  }
  return pairs;
}

Pairs query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ? Pairs() : pairs_of(target.substr(mark + 1));
}

// "ids[]" and "created[gte]" are members of `ids` and `created`.
bool names_parameter(std::string_view sent, const std::string& written) {
  return written == sent || written + "[]" == sent || sent.starts_with(written + "[");
}

// The names of a multipart's parts.
std::vector<std::string> part_names(std::string_view body) {
  constexpr std::string_view kBefore = "form-data; name=\"";
  std::vector<std::string> names;
  for (auto at = body.find(kBefore); at != std::string_view::npos; at = body.find(kBefore, at + 1)) {
    const auto from = at + kBefore.size();
    names.emplace_back(body.substr(from, body.find('"', from) - from));
  }
  return names;
}

bool refers(const json& part) {
  if (part.is_object() && part.contains("$ref")) return true;
  return part.is_structured() && std::ranges::any_of(part, refers);
}

// --- OpenAPI 2.0 in the words of 3.0

json schema_of_parameter(const json& parameter) {
  auto schema = json::object();
  for (const auto* word : {"type", "enum", "items", "minimum", "maximum", "pattern"}) {
    if (parameter.contains(word)) schema[word] = parameter.at(word);
  }
  return schema;
}

// Where a method takes JSON as well as a form, a text of the form that holds JSON is that JSON itself.
json in_json(json schema) {
  for (auto& property : schema["properties"]) {
    if (property.value("type", "") == "string") property["type"] = {"string", "object", "array"};
  }
  return schema;
}

json operation_of_version_2(json operation, const json& consumes_by_default) {
  json parameters = json::array(), content = json::object();
  json form = {{"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}};
  for (const auto& one : operation.value("parameters", json::array())) {
    const auto in = one.value("in", "");
    if (in == "formData") {
      form["properties"][one.at("name").get<std::string>()] = schema_of_parameter(one);
      if (one.value("required", false)) form["required"].push_back(one.at("name"));
    } else if (in == "body") {
      content["application/json"] = {{"schema", one.value("schema", json::object())}};
    } else {
      auto& parameter = parameters.emplace_back(one);
      parameter["schema"] = schema_of_parameter(one);
    }
  }
  for (const auto& media : operation.value("consumes", consumes_by_default)) {
    if (form["properties"].empty()) break;
    content[media.get<std::string>()] = {{"schema", media == "application/json" ? in_json(form) : form}};
  }
  operation["parameters"] = std::move(parameters);
  if (!content.empty()) operation["requestBody"] = {{"content", std::move(content)}};
  for (auto& response : operation["responses"]) {
    if (response.contains("schema"))
      response["content"] = {{"application/json", {{"schema", response["schema"]}}}};
  }
  return operation;
}

constexpr auto kMethods = std::to_array<const char*>({"get", "post", "put", "patch", "delete"});

void from_version_2(json& document) {
  const auto consumes = document.value("consumes", json::array({"application/json"}));
  for (auto& item : document["paths"]) {
    for (const auto* method : kMethods) {
      if (item.contains(method)) item[method] = operation_of_version_2(item[method], consumes);
    }
  }
}

// What a path says for all of its methods, each of them says itself then.
void push_down_parameters(json& document) {
  for (auto& item : document["paths"]) {
    if (!item.contains("parameters")) continue;
    for (const auto* method : kMethods) {
      if (!item.contains(method)) continue;
      auto& parameters = item[method]["parameters"];
      for (const auto& one : item["parameters"]) parameters.push_back(one);
    }
  }
}

}  // namespace

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

json laid_over(json whole, const json& answer) {
  if (whole.is_object() && answer.is_object()) {
    for (const auto& [key, value] : answer.items())
      whole[key] = whole.contains(key) ? laid_over(whole[key], value) : value;
    return whole;
  }
  if (!whole.is_array() || !answer.is_array() || whole.empty()) return answer;
  auto list = json::array();
  for (const auto& item : answer) list.push_back(laid_over(whole[0], item));
  return list;
}

Specification::Specification(json document, std::string prefix, std::string_view base_url)
    : document_(std::move(document)), prefix_(std::move(prefix)) {
  if (document_.value("swagger", "") == "2.0") {
    const auto base = document_.value("basePath", "");
    if (!base_url.ends_with(base)) prefix_ = base;
    from_version_2(document_);
  }
  push_down_parameters(document_);
  to_json_schema(document_);
  schemas_ = document_;
  schemas_.erase("paths");
}

const json& Specification::resolved(const json& schema) const {
  const json* at = &schema;
  for (int hops = 0; hops < 20 && at->is_object() && at->contains("$ref"); ++hops)
    at = &document_.at(json::json_pointer(at->at("$ref").get<std::string>().substr(1)));
  return *at;
}

const json* Specification::pattern_of(const Request& request, std::string* of) const {
  auto path = std::string(path_of(request.target));
  if (!path.starts_with(prefix_)) return nullptr;
  path.erase(0, prefix_.size());
  const auto method = to_lower(request.method);
  const json* found = nullptr;
  for (const auto& [pattern, item] : document_.at("paths").items()) {
    if (!same_path(pattern, path) || !item.contains(method)) continue;
    // The one without a parameter in that place is meant: /tickets/count is no /tickets/{id}.
    if (found && pattern.find('{') != std::string::npos) continue;
    found = &item.at(method);
    if (of) *of = pattern;
  }
  return found;
}

const json* Specification::find(const Request& request) const { return pattern_of(request, nullptr); }

std::string Specification::misfit(const json& schema, const json& value) const {
  if (!refers(schema)) return testing::violations(schema, "", value);
  json whole = schemas_;
  whole["$schema_of_value"] = schema;
  return testing::violations(std::move(whole), "/$schema_of_value", value);
}

// What stands in a path, a query or a form is text; the schema says what it is meant as.
json Specification::as_typed(const json& unresolved, const std::string& text) const {
  const auto& schema = resolved(unresolved);
  for (const auto* several : {"oneOf", "anyOf", "allOf"}) {
    if (!schema.contains(several)) continue;
    for (const auto& one : schema.at(several)) {
      auto value = as_typed(one, text);
      if (!value.is_string()) return value;
    }
  }
  const auto type = schema.value("type", json("string"));
  const auto is = [&](const char* wanted) {
    return type == wanted || (type.is_array() && std::ranges::find(type, wanted) != type.end());
  };
  if (is("boolean") && (text == "true" || text == "false")) return text == "true";
  if (!is("integer") && !is("number")) return text;
  auto number = json::parse(text, nullptr, false);
  return number.is_number() ? number : json(text);
}

// Empty: it fits. A list stands as several pairs, or as one with commas.
std::string Specification::text_misfit(const json& schema, const std::vector<std::string>& values) const {
  if (resolved(schema).value("type", json()) != "array") {
    return values.size() == 1 ? misfit(schema, as_typed(schema, values[0])) : "it is given more than once";
  }
  const auto items = resolved(schema).value("items", json::object());
  auto list = json::array();
  for (const auto& value : values) {
    for (const auto one : split(value, ',')) list.push_back(as_typed(items, std::string(one)));
  }
  return misfit(schema, list);
}

void Specification::check_query(const Request& request, const json& parameters, Sentences& all) const {
  const auto sent = query_of(request.target);
  const auto about = [&](const std::string& name) -> const json* {
    for (const auto& one : parameters) {
      const auto& parameter = resolved(one);
      if (parameter.value("in", "") == "query" && names_parameter(name, parameter.value("name", "")))
        return &parameter;
    }
    return nullptr;
  };
  std::map<std::string, std::vector<std::string>> given;
  for (const auto& [name, value] : sent) given[name].push_back(value);
  for (const auto& [name, values] : given) {
    const auto* parameter = about(name);
    if (!parameter) all.push_back("the query parameter `" + name + "` is unknown");
    // Of "created[gte]" the document describes `created` as a whole.
    const bool member = name.find('[') != std::string::npos && !name.ends_with("[]");
    if (!parameter || member || !parameter->contains("schema")) continue;
    if (auto wrong = text_misfit(parameter->at("schema"), values); !wrong.empty())
      all.push_back("the query parameter `" + name + "` " + wrong + " as " + join(values, ", "));
  }
  for (const auto& one : parameters) {
    const auto& parameter = resolved(one);
    if (parameter.value("in", "") != "query" || !parameter.value("required", false)) continue;
    const auto name = parameter.value("name", "");
    if (!given.contains(name)) all.push_back("the query parameter `" + name + "` is missing");
  }
}

void Specification::check_path(const Request& request, const json& parameters, Sentences& all) const {
  std::string pattern;
  if (!pattern_of(request, &pattern)) return;
  const auto path = std::string(path_of(request.target)).substr(prefix_.size());
  const auto a = split(pattern, '/'), b = split(path, '/');
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto open = a[i].find('{'), close = a[i].rfind('}');
    if (open == std::string_view::npos) continue;
    const auto name = a[i].substr(open + 1, close - open - 1);
    const auto text = percent_decode(b[i].substr(open, b[i].size() - open - (a[i].size() - close - 1)), false)
                          .value_or("?");
    for (const auto& one : parameters) {
      const auto& parameter = resolved(one);
      if (parameter.value("in", "") != "path" || parameter.value("name", "") != name) continue;
      if (!parameter.contains("schema")) continue;
      if (auto wrong = text_misfit(parameter.at("schema"), {text}); !wrong.empty())
        all.push_back("in the path `" + std::string(name) + "` " + wrong + " as " + text);
    }
  }
}

// Of a form and a multipart: each name is known, and what is required is there.
void Specification::check_names(const json& schema, const std::vector<std::string>& sent,
                                Sentences& all) const {
  const auto properties = schema.value("properties", json::object());
  for (const auto& name : sent) {
    const auto known = [&](const auto& one) { return names_parameter(name, one.key()); };
    const auto list = properties.items();
    if (std::none_of(list.begin(), list.end(), known)) all.push_back("the field `" + name + "` is unknown");
  }
  for (const auto& needed : schema.value("required", json::array())) {
    const auto name = needed.get<std::string>();
    if (std::ranges::none_of(sent, [&](const auto& one) { return names_parameter(one, name); }))
      all.push_back("the field `" + name + "` is missing");
  }
}

void Specification::check_form(const json& schema, std::string_view body, Sentences& all) const {
  std::map<std::string, std::vector<std::string>> given;
  std::vector<std::string> names;
  for (const auto& [name, value] : pairs_of(body)) given[name].push_back(value);
  for (const auto& [name, values] : given) names.push_back(name);
  check_names(schema, names, all);
  for (const auto& [name, values] : given) {
    const auto properties = schema.value("properties", json::object());
    if (!properties.contains(name)) continue;
    if (auto wrong = text_misfit(properties.at(name), values); !wrong.empty())
      all.push_back("the field `" + name + "` " + wrong + " as " + join(values, ", "));
  }
}

void Specification::check_body(const Request& request, const json& content, Sentences& all) const {
  const auto type = header(request.headers, "content-type");
  const auto media = std::string(trim(type.substr(0, type.find(';'))));
  if (!content.contains(media)) {
    all.push_back("the body is `" + media + "`, the document wants " + content.dump().substr(0, 60));
    return;
  }
  const auto schema = content.at(media).value("schema", json::object());
  if (media == "application/x-www-form-urlencoded") return check_form(resolved(schema), request.body, all);
  if (media == "multipart/form-data") return check_names(resolved(schema), part_names(request.body), all);
  if (media != "application/json") return;
  const auto body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) all.push_back("the body is no JSON");
  else if (auto wrong = misfit(schema, body); !wrong.empty())
    all.push_back("body " + wrong + " in " + body.dump());
}

std::vector<std::string> Specification::violations(const Request& request, const json& operation) const {
  Sentences all;
  const auto parameters = operation.value("parameters", json::array());
  check_query(request, parameters, all);
  check_path(request, parameters, all);
  if (!operation.contains("requestBody")) return all;
  const auto& wanted = resolved(operation.at("requestBody"));
  if (request.body.empty() && !wanted.value("required", false)) return all;
  check_body(request, wanted.value("content", json::object()), all);
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
    for (const auto& [name, property] : properties.items()) value[name] = sample(property, depth + 1);
    return value;
  }
  if (type == "array") {
    auto items = schema.value("items", json::object());
    if (items.is_array()) items = items.empty() ? json::object() : items.front();  // each place has its own
    return json::array({sample(items, depth + 1)});
  }
  if (type == "null") return nullptr;
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

const Specification* read_specification(const json& named, const std::string& base_url) {
  static auto& read = *new std::map<std::string, std::optional<Specification>>;
  const auto [found, is_new] = read.try_emplace(base_url + named.dump());
  auto& specification = found->second;
  if (!is_new) return specification ? &*specification : nullptr;
  auto document = testing::read_spec(named.at("file").get<std::string>());
  if (!document) return nullptr;
  const auto relaxed = named.value("relax", json::object());
  for (const auto& [pointer, why] : relaxed.items()) {
    const json::json_pointer place(pointer);
    if (document->contains(place)) document->at(place.parent_pointer()).erase(place.back());
    else ADD_FAILURE() << named.at("file") << " has no " << pointer << " to relax";
  }
  // What a vendor has added since: the document would call it unknown.
  const auto amended = named.value("amend", json::array());
  for (const auto& one : amended) {
    EXPECT_FALSE(one.at("why").get<std::string>().empty());
    document->patch_inplace(
        json::array({{{"op", "add"}, {"path", one.at("add")}, {"value", one.at("value")}}}));
  }
  specification.emplace(std::move(*document), named.value("prefix", ""), base_url);
  return &*specification;
}

}  // namespace baton::contract
