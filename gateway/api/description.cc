// The API described for machines (OpenAPI 3.1), from the same table that is served.
#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/api/shapes.h"
#include "gateway/base/text.h"

namespace baton::api {
namespace {

using nlohmann::json;

json parameters_of(const std::string& pattern) {
  auto list = query_parameters(pattern);
  for (std::size_t open = 0; (open = pattern.find('{', open)) != std::string::npos; ++open) {
    const auto close = pattern.find('}', open);
    list.push_back({{"name", pattern.substr(open + 1, close - open - 1)},
                    {"in", "path"},
                    {"required", true},
                    {"schema", {{"type", "string"}}}});
  }
  return list;
}

json content_of(const std::string& shape, const char* type = "application/json") {
  return {{type, {{"schema", {{"$ref", "#/components/schemas/" + shape}}}}}};
}

json responses_of(const ApiRoute& route) {
  const auto* type = route.answers == "Text"         ? "text/plain"
                     : route.answers == "Resolution" ? "application/x-ndjson"
                                                     : "application/json";
  json responses = {{"200", {{"description", "Done"}, {"content", content_of(route.answers, type)}}},
                    {"default",
                     {{"description", "A problem (RFC 9457)"},
                      {"content", content_of("Problem", "application/problem+json")}}}};
  if (route.takes == "Act") {
    responses["202"] = {{"description", "Stored; not decided yet"}, {"content", content_of("Accepted")}};
  }
  return responses;
}

json operation_of(const ApiRoute& route) {
  json operation = {{"summary", route.summary},
                    {"parameters", parameters_of(route.pattern)},
                    {"responses", responses_of(route)},
                    {"security", json::array({json{{"token", json::array()}}})}};
  if (!route.takes.empty()) operation["requestBody"] = {{"content", content_of(route.takes)}};
  if (route.permission) operation["x-permission"] = secrets::name(*route.permission);
  if (!route.audit.empty()) operation["x-audit"] = route.audit;
  return operation;
}

}  // namespace

Task<Reply> Api::show_description(Call) {
  json paths = json::object();
  for (const auto& route : routes()) paths[route.pattern][to_lower(route.method)] = operation_of(route);
  json body = {
      {"openapi", "3.1.0"},
      {"info", {{"title", "Baton management API"}, {"version", "1"}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", shapes()}, {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
  co_return ok(body);
}

}  // namespace baton::api
