// Composite (fact sheet, section 3.3): several requests in one, later ones may name what earlier ones
// answered.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/salesforce/simulator.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

constexpr std::size_t kMostParts = 25;
constexpr int kMostQueries = 5;

bool is_reference_id(std::string_view id) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto plain = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !id.empty() && letter(id[0]) && std::all_of(id.begin(), id.end(), plain);
}

// "refContact.records[0].AccountId" in the answers so far; nullopt: no value there.
std::optional<std::string> look_up(const json& done, std::string_view path) {
  const auto dot = path.find('.');
  JsonView at;
  for (const auto& part : done) {
    if (JsonView(part)["referenceId"].text() == path.substr(0, dot) &&
        part["httpStatusCode"].get<int>() < 300) {
      at = JsonView(part)["body"];
    }
  }
  if (dot == std::string_view::npos) return std::nullopt;
  for (const auto step : split(path.substr(dot + 1), '.')) {
    const auto bracket = step.find('[');
    at = at[step.substr(0, bracket)];
    if (bracket == std::string_view::npos) continue;
    const auto list = at.list();
    std::size_t index = 0;
    for (const char c : step.substr(bracket + 1)) {
      if (c < '0' || c > '9') break;
      index = std::min<std::size_t>(index * 10 + static_cast<std::size_t>(c - '0'), 100'000);
    }
    if (!list || index >= list->size()) return std::nullopt;
    at = (*list)[index];
  }
  return at.id();
}

// Puts values in the place of @{...}; false, with the path, if one has none.
bool fill_in(std::string& text, const json& done, std::string& lacking) {
  for (auto at = text.find("@{"); at != std::string::npos; at = text.find("@{", at)) {
    const auto end = text.find('}', at);
    if (end == std::string::npos) return (lacking = text.substr(at), false);
    const auto path = text.substr(at + 2, end - at - 2);
    const auto value = look_up(done, path);
    if (!value) return (lacking = path, false);
    text.replace(at, end - at + 1, *value);
    at += value->size();
  }
  return true;
}

bool fill_in(json& body, const json& done, std::string& lacking) {
  if (body.is_string()) return fill_in(body.get_ref<std::string&>(), done, lacking);
  if (!body.is_structured()) return true;
  return std::all_of(body.begin(), body.end(), [&](json& value) { return fill_in(value, done, lacking); });
}

json part_answer(const JsonView& part, const Reply& reply) {
  const auto body = json::parse(reply.body, nullptr, false);
  return {{"body", body.is_discarded() ? json() : body},
          {"httpHeaders", json::object()},
          {"httpStatusCode", reply.status},
          {"referenceId", part["referenceId"].text()}};
}

std::optional<std::string> check_parts(const JsonView& body) {
  const auto parts = body["compositeRequest"].list();
  if (!parts || parts->empty()) return "compositeRequest is required";
  if (parts->size() > kMostParts) return fmt::format("cannot process more than {} subrequests", kMostParts);
  std::vector<std::string> names;
  int queries = 0;
  for (const auto& part : *parts) {
    const auto name = part["referenceId"].text(), url = part["url"].text();
    if (!is_reference_id(name)) return "Provided referenceId has invalid characters: " + name;
    if (std::find(names.begin(), names.end(), name) != names.end())
      return "Duplicate ReferenceId provided: " + name;
    if (!url.starts_with("/services/data/")) return "The url of a subrequest begins with /services/data/";
    names.push_back(name);
    queries += url.find("/query") != std::string::npos ? 1 : 0;
  }
  if (queries > kMostQueries)
    return fmt::format("Cannot process more than {} query operations", kMostQueries);
  return std::nullopt;
}

}  // namespace

json Org::run_part(const json& part, const json& done, const Call& call) {
  const JsonView view(part);
  auto url = view["url"].text();
  json body = view["body"].raw() ? *view["body"].raw() : json();
  std::string lacking;
  if (!fill_in(url, done, lacking) || !fill_in(body, done, lacking)) {
    return part_answer(view,
                       refuse(400, "PROCESSING_HALTED",
                              fmt::format("Invalid reference specified. No value for {} found", lacking)));
  }
  if (std::string_view(url).find("/composite") != std::string_view::npos) {
    return part_answer(view, refuse(400, "INVALID_INPUT", "composite in composite"));
  }
  auto headers = call.raw.headers;
  headers.erase("sforce-query-options");
  if (view["httpHeaders"].object()) {
    for (const auto& [name, value] : view["httpHeaders"].raw()->items())
      headers[to_lower(name)] = JsonView(value).text();
  }
  headers["content-type"] = "application/json";
  RawRequest raw(view["method"].text(), url, body.is_null() ? "" : simulation::dump(body),
                 std::move(headers));
  raw.received_at = call.raw.received_at;
  return part_answer(view, route(raw, std::string(path_of(url))));
}

Reply Org::composite(const Call& call) {
  const JsonView view(call.body);
  if (const auto wrong = check_parts(view)) return refuse(400, "INVALID_INPUT", *wrong);
  const bool all_or_none = view["allOrNone"].boolean().value_or(false);
  const auto before = data_;
  const auto counts = tally_;
  json done = json::array();
  bool failed = false;
  for (const auto& part : call.body["compositeRequest"]) {
    if (failed && all_or_none) {
      done.push_back(part_answer(
          JsonView(part),
          refuse(400, "PROCESSING_HALTED",
                 "The transaction was rolled back since another operation in the same transaction failed.")));
      continue;
    }
    done.push_back(run_part(part, done, call));
    failed = failed || done.back()["httpStatusCode"].get<int>() >= 300;
  }
  if (failed && all_or_none) {
    data_ = before;
    tally_ = counts;
    for (auto& part : done) {
      if (part["httpStatusCode"].get<int>() >= 300) continue;
      part = part_answer(
          JsonView(part),
          refuse(400, "PROCESSING_HALTED",
                 "The transaction was rolled back since another operation in the same transaction failed."));
    }
  }
  return simulation::json_reply(200, {{"compositeResponse", std::move(done)}});
}

}  // namespace baton::salesforce::simulated
