#include "tests/api/described.h"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "gateway/base/text.h"

namespace baton::api {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

// Every reference replaced by what it names, and nothing allowed that is not named.
json written_out(const json& schema, const json& root) {
  if (schema.is_object() && schema.contains("$ref")) {
    return written_out(root.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))), root);
  }
  if (!schema.is_structured()) return schema;
  auto out = schema;
  for (auto& part : out) part = written_out(part, root);
  if (out.is_object() && out.contains("properties") && out["properties"].is_object() &&
      !out.contains("additionalProperties")) {
    out["additionalProperties"] = false;
  }
  return out;
}

}  // namespace

struct Described::Compiled {
  valijson::Schema schema;
};

Described::Described(const json& openapi) : openapi_(openapi) {}
Described::~Described() = default;

std::string Described::judge(const std::string& shape, const json& body) {
  auto& compiled = compiled_[shape];
  if (!compiled) {
    compiled = std::make_unique<Compiled>();
    const auto whole = written_out(json{{"$ref", shape}}, openapi_);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(whole), compiled->schema);
  }
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(compiled->schema, Adapter(body), &results)) return {};
  std::string said;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    for (const auto& step : error.context) said += step;
    said += ": " + error.description + "\n";
  }
  return said;
}

std::string Described::judge_lines(const std::string& shape, const std::string& lines) {
  std::string said;
  for (const auto line : split(lines, '\n')) {
    if (line.empty()) continue;
    const auto read = json::parse(line, nullptr, false);
    said += read.is_discarded() ? "no JSON: " + std::string(line) : judge(shape, read);
  }
  return said;
}

std::string Described::difference(std::string method, const std::string& pattern, int status,
                                  const std::string& type, const std::string& body) {
  method = to_lower(method);
  const auto& paths = openapi_.at("paths");
  if (!paths.contains(pattern) || !paths[pattern].contains(method))
    return method + " " + pattern + " is not described";
  const auto& responses = paths[pattern][method].at("responses");
  const auto number = std::to_string(status);
  if (!responses.contains(number) && status < 400) return number + " is not described";
  const auto& content = responses.at(responses.contains(number) ? number : "default").at("content");
  const auto media = type.substr(0, type.find(';'));
  if (!content.contains(media)) return "the type " + type + " is not described";
  if (media == "application/x-ndjson") return judge_lines(content[media]["schema"]["$ref"], body);
  const auto read = media.ends_with("json") ? json::parse(body, nullptr, false) : json(body);
  if (read.is_discarded()) return "no JSON: " + body;
  return judge(content[media]["schema"]["$ref"], read);
}

}  // namespace baton::api
