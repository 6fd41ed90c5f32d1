#include "connectors/hubspot/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::hubspot {
namespace simulated {
namespace {

constexpr auto kTypes = std::to_array<Type>({{"contacts", "contact", "0-1"},
                                             {"companies", "company", "0-2"},
                                             {"deals", "deal", "0-3"},
                                             {"tickets", "ticket", "0-5"},
                                             {"notes", "note", "0-46"}});
constexpr std::string_view kAllScopes =
    "oauth tickets crm.objects.contacts.read crm.objects.contacts.write crm.objects.companies.read "
    "crm.objects.deals.read crm.objects.owners.read";
constexpr Duration kUtcOffset = 2h;  // of the account: its day ends at its own midnight [5]
constexpr int kMaxUniqueProperties = 10;

// The scope that a request needs [2], empty if any token will do.
std::string scope_for(std::string_view method, std::string_view path, bool reads) {
  if (path.starts_with("/crm/owners")) return "crm.objects.owners.read";
  const auto parts = split(path, '/');
  const auto* type = parts.size() > 4 ? find_type(parts[4]) : nullptr;
  if (!type) return "";
  if (type->plural == "tickets") return "tickets";
  const auto group = type->plural == "notes" ? "contacts" : type->plural;  // notes go by the contacts' scopes
  return fmt::format("crm.objects.{}.{}", group, method == "GET" || reads ? "read" : "write");
}

// POSTs that only read.
bool only_reads(std::string_view path) { return path.ends_with("/search") || path.ends_with("/batch/read"); }

}  // namespace

const Type* find_type(std::string_view name) {
  for (const auto& type : kTypes) {
    if (name == type.plural || name == type.singular || name == type.id) return &type;
  }
  return nullptr;
}

Account::Account(const simulation::Setup& setup)
    : setup_(setup), burst_(simulation::limit_of(setup, "burst", 190), 10s),
      search_(simulation::limit_of(setup, "search_per_second", 5), 1s) {
  refresh_token_ = simulation::text_of(setup, "refresh_token", "hubspot-refresh-token");
  const auto known = json::parse(property_text());
  for (const auto& [type, list] : known.items()) {
    for (auto definition : list) {
      const auto name = definition["name"].get<std::string>();
      for (auto& option : definition["options"])
        option = {{"label", option}, {"value", option}, {"hidden", false}};
      if (definition["options"].is_null()) definition.erase("options");
      definitions_[type].emplace(name, std::move(definition));
    }
  }
}

Reply Account::handle(const RawRequest& raw) {
  tally_.request();
  seed(raw.received_at);
  auto reply = api(raw);
  if (reply.status >= 400) {
    const auto body = json::parse(reply.body, nullptr, false);
    const JsonView view(body);
    const auto why = view["category"].text(view["policyName"].text(view["error"].text()));
    tally_.refuse(why.empty() ? std::to_string(reply.status) : why);
  }
  return reply;
}

// --- answers [6]

Reply Account::refuse(int status, std::string_view category, std::string_view message, json errors) {
  json body = {{"status", "error"},
               {"message", message},
               {"correlationId", next_correlation()},
               {"category", category}};
  if (!errors.is_null()) body["errors"] = std::move(errors);
  return simulation::json_reply(status, body);
}

Reply Account::no_such_object() { return refuse(404, "OBJECT_NOT_FOUND", "Object not found."); }

Reply Account::limited(std::string_view policy, std::string_view what, Duration wait) {
  auto reply = simulation::json_reply(429, {{"status", "error"},
                                            {"message", fmt::format("You have reached your {} limit.", what)},
                                            {"errorType", "RATE_LIMIT"},
                                            {"correlationId", next_correlation()},
                                            {"policyName", policy}});
  if (simulation::flag_of(setup_, "retry_after", false)) {
    reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(wait));
  }
  return reply;
}

// --- authorisation and limits [2, 5]

std::optional<Reply> Account::authorise(const RawRequest& raw, std::string_view path) {
  const auto given = header(raw.headers, "authorization");
  const auto token = given.starts_with("Bearer ") ? given.substr(7) : std::string_view();
  const auto own = simulation::text_of(setup_, "token", "pat-eu1-baton");
  const auto issued = tokens_.find(token);
  if (token.empty() || (token != own && issued == tokens_.end())) {
    return refuse(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.");
  }
  if (issued != tokens_.end() && issued->second <= raw.received_at) {
    return refuse(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.");
  }
  const auto scope = scope_for(raw.method, path, only_reads(path));
  const auto scopes = simulation::text_of(setup_, "scopes", kAllScopes);
  const auto granted = split(scopes, ' ');
  if (scope.empty() || std::find(granted.begin(), granted.end(), scope) != granted.end()) return std::nullopt;
  json errors = json::array();
  errors.push_back({{"message", "One or more of the following scopes are required."},
                    {"context", {{"requiredGranularScopes", {scope}}}}});
  return refuse(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.",
                errors);
}

std::optional<Reply> Account::over_limit(bool is_search, TimePoint now) {
  const auto daily = simulation::limit_of(setup_, "daily", 1'000'000);
  const auto local = now + kUtcOffset;
  const auto today = std::chrono::floor<std::chrono::days>(local);
  auto& used = by_day_[today.time_since_epoch().count()];
  if (daily > 0 && used >= daily) {
    const auto midnight = std::chrono::time_point_cast<Duration>(today + std::chrono::days(1));
    return limited("DAILY", "daily", midnight - local);
  }
  if (is_search) {
    if (const auto wait = search_.take(now)) return limited("SECONDLY", "secondly", *wait);
  } else if (const auto wait = burst_.take(now)) {
    return limited("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", *wait);
  }
  ++used;
  return std::nullopt;
}

// --- one request

Reply Account::api(const RawRequest& raw) {
  // The vendor's own clients end some addresses in a slash, and HubSpot does not mind.
  auto path = path_of(raw.target);
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  Call call(raw, std::string(path));
  const auto version = "/" + simulation::text_of(setup_, "version", "2026-09") + "/";
  const auto full = call.path + "/";
  if (full.find(version) == std::string::npos) return refuse(404, "OBJECT_NOT_FOUND", "No such path.");
  if (call.path.starts_with("/oauth/")) return token(call);
  if (auto refused = authorise(raw, call.path)) return *std::move(refused);
  const bool is_search = call.path.ends_with("/search") && raw.method == "POST";
  if (auto refused = over_limit(is_search, raw.received_at)) return *std::move(refused);
  auto reply = route(call);
  if (!is_search && burst_.limit() > 0) {  // search answers have no rate headers [5]
    const auto daily = simulation::limit_of(setup_, "daily", 1'000'000);
    reply.headers["x-hubspot-ratelimit-max"] = std::to_string(burst_.limit());
    reply.headers["x-hubspot-ratelimit-remaining"] = std::to_string(burst_.remaining(raw.received_at));
    reply.headers["x-hubspot-ratelimit-interval-milliseconds"] = "10000";
    reply.headers["x-hubspot-ratelimit-daily"] = std::to_string(daily);
    reply.headers["x-hubspot-ratelimit-daily-remaining"] = std::to_string(daily - by_day_.rbegin()->second);
  }
  return reply;
}

Reply Account::route(Call& call) {
  // "{}" is also the version, checked before: the first argument is left out of the handlers' count.
  static constexpr auto kRoutes = std::to_array<simulation::Route<Account>>({
      {"GET", "/account-info/{}/details", &Account::details},
      {"GET", "/crm/owners/{}", &Account::list_owners},
      {"GET", "/crm/owners/{}/{}", &Account::show_owner},
      {"GET", "/crm/pipelines/{}/{}", &Account::list_pipelines},
      {"GET", "/crm/properties/{}/{}", &Account::list_properties},
      {"GET", "/crm/properties/{}/{}/{}", &Account::show_property},
      {"POST", "/crm/properties/{}/{}", &Account::create_property},
      {"POST", "/crm/objects/{}/{}/search", &Account::search},
      {"POST", "/crm/objects/{}/{}/batch/read", &Account::read_batch},
      {"POST", "/crm/objects/{}/{}/batch/upsert", &Account::upsert_batch},
      {"GET", "/crm/objects/{}/{}", &Account::list_objects},
      {"POST", "/crm/objects/{}/{}", &Account::create_object},
      {"GET", "/crm/objects/{}/{}/{}", &Account::show_object},
      {"PATCH", "/crm/objects/{}/{}/{}", &Account::update_object},
      {"DELETE", "/crm/objects/{}/{}/{}", &Account::archive_object},
      {"GET", "/crm/objects/{}/{}/{}/associations/{}", &Account::list_links},
      {"PUT", "/crm/objects/{}/{}/{}/associations/default/{}/{}", &Account::link_default},
      {"PUT", "/crm/objects/{}/{}/{}/associations/{}/{}", &Account::link_typed},
      {"POST", "/crm/associations/{}/{}/{}/batch/read", &Account::read_links},
  });
  for (const auto& candidate : kRoutes) {
    if (candidate.method != call.raw.method) continue;
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args) continue;
    args->erase(args->begin());  // the version
    call.args = *std::move(args);
    const bool has_body = call.raw.method != "GET" && call.raw.method != "DELETE" && !call.raw.body.empty();
    if (has_body) {
      if (!simulation::is_json(call.raw.headers))
        return refuse(415, "INVALID_CONTENT_TYPE", "Unsupported Media Type");
      call.body = json::parse(call.raw.body, nullptr, false);
      if (call.body.is_discarded()) {
        return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: unable to parse the body");
      }
    }
    return (this->*candidate.handler)(call);
  }
  return refuse(404, "OBJECT_NOT_FOUND", "No such path.");
}

// --- OAuth: the refresh of an access token [2]

Reply Account::token(const Call& call) {
  const auto refused = [](std::string_view status, std::string_view error, std::string_view message) {
    return simulation::json_reply(400, {{"status", status}, {"error", error}, {"message", message}});
  };
  if (call.raw.method != "POST" || !call.path.ends_with("/token")) return no_such_object();
  if (!header(call.raw.headers, "content-type").starts_with("application/x-www-form-urlencoded")) {
    return refuse(415, "INVALID_CONTENT_TYPE", "Unsupported Media Type");
  }
  auto form = simulation::form_fields(call.raw.body);
  if (form["client_id"] != simulation::text_of(setup_, "client_id", "hubspot-client-id")) {
    return refused("BAD_CLIENT_ID", "invalid_client", "missing or invalid client id");
  }
  if (form["client_secret"] != simulation::text_of(setup_, "client_secret", "hubspot-client-secret")) {
    return refused("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret");
  }
  if (form["grant_type"] != "refresh_token")
    return refused("BAD_GRANT_TYPE", "unsupported_grant_type", "grant_type");
  if (form["refresh_token"] != refresh_token_) {
    return refused("BAD_REFRESH_TOKEN", "invalid_grant", "missing or invalid refresh token");
  }
  // "It has stayed the same in practice, but may change."
  if (simulation::flag_of(setup_, "refresh_rotates", false))
    refresh_token_ = fmt::format("hsr{:016x}{:016x}", random_.bits(), random_.bits());
  const auto access = fmt::format("hs{:016x}{:016x}", random_.bits(), random_.bits());
  tokens_[access] = call.now() + 30min;
  tally_.effect("tokens_issued");
  return simulation::json_reply(200, {{"access_token", access},
                                      {"refresh_token", refresh_token_},
                                      {"expires_in", 1800},
                                      {"token_type", "bearer"},
                                      {"token_use", "access_token"},
                                      {"hub_id", simulation::number_of(setup_, "portal_id", 62515)},
                                      {"user_id", 123},
                                      {"scopes", {"oauth", "tickets"}}});
}

// --- the account [9, 3.2, 3.4, 4]

Reply Account::details(const Call&) {
  return simulation::json_reply(200, {{"portalId", simulation::number_of(setup_, "portal_id", 62515)},
                                      {"accountType", "STANDARD"},
                                      {"timeZone", "Europe/Berlin"},
                                      {"companyCurrency", "EUR"},
                                      {"additionalCurrencies", json::array()},
                                      {"utcOffset", "+02:00"},
                                      {"utcOffsetMilliseconds", kUtcOffset.count()},
                                      {"uiDomain", "app-eu1.hubspot.com"},
                                      {"dataHostingLocation", "eu1"}});
}

Reply Account::show_owner(const Call& call) {
  const auto key = call.query("idProperty") == "userId" ? "userId" : "id";
  for (const auto& owner : owners_) {
    if (JsonView(owner)[key].id() == call.args[0]) return simulation::json_reply(200, owner);
  }
  return no_such_object();
}

Reply Account::list_owners(const Call& call) {
  const auto email = call.query("email");
  json found = json::array();
  for (const auto& owner : owners_) {
    if (email.empty() || equals_ignoring_case(JsonView(owner)["email"].text(), email)) found.push_back(owner);
  }
  return simulation::json_reply(200, {{"results", found}});
}

Reply Account::list_pipelines(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type || type->plural != "tickets") return simulation::json_reply(200, {{"results", json::array()}});
  return simulation::json_reply(200, {{"results", pipelines_}});
}

const json* Account::definition(const Type& type, std::string_view name) const {
  const auto all = definitions_.find(type.plural);
  if (all == definitions_.end()) return nullptr;
  const auto found = all->second.find(name);
  return found == all->second.end() ? nullptr : &found->second;
}

namespace {

json shown_property(const std::string& name, const json& definition) {
  json shown = {{"name", name},
                {"label", name},
                {"type", "string"},
                {"fieldType", "text"},
                {"groupName", "information"},
                {"description", ""},
                {"options", json::array()},
                {"hasUniqueValue", false},
                {"hidden", false},
                {"archived", false}};
  shown.update(definition);
  shown["modificationMetadata"] = {{"readOnlyValue", definition.value("readOnly", false)},
                                   {"readOnlyDefinition", !definition.value("custom", false)},
                                   {"archivable", definition.value("custom", false)}};
  shown.erase("readOnly");
  shown.erase("custom");
  return shown;
}

}  // namespace

// All at once: this list has no pages.
Reply Account::list_properties(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  auto results = json::array();
  if (const auto all = definitions_.find(type->plural); all != definitions_.end()) {
    for (const auto& [name, definition] : all->second) results.push_back(shown_property(name, definition));
  }
  return simulation::json_reply(200, {{"results", std::move(results)}});
}

Reply Account::show_property(const Call& call) {
  const auto* type = find_type(call.args[0]);
  const auto* found = type ? definition(*type, call.args[1]) : nullptr;
  if (!found) return refuse(404, "OBJECT_NOT_FOUND", fmt::format("Property {} does not exist", call.args[1]));
  return simulation::json_reply(200, shown_property(call.args[1], *found));
}

Reply Account::create_property(const Call& call) {
  const auto* type = find_type(call.args[0]);
  if (!type) return no_such_object();
  const JsonView view(call.body);
  for (const auto* key : {"name", "label", "type", "fieldType", "groupName"}) {
    if (view[key].text().empty()) {
      return refuse(400, "VALIDATION_ERROR",
                    fmt::format("Invalid input JSON: some required fields were not set: [{}]", key));
    }
  }
  const auto name = view["name"].text();
  // The answer for a name that exists is not documented [4].
  if (definition(*type, name))
    return refuse(409, "CONFLICT", fmt::format("A property named '{}' already exists.", name));
  auto& known = definitions_[std::string(type->plural)];
  const bool is_unique = view["hasUniqueValue"].boolean().value_or(false);
  const auto unique = std::count_if(known.begin(), known.end(), [](const auto& entry) {
    return entry.second.value("hasUniqueValue", false) && entry.second.value("custom", false);
  });
  if (is_unique && unique >= kMaxUniqueProperties) {
    return refuse(400, "VALIDATION_ERROR",
                  "The limit of 10 unique properties of this object type is reached");
  }
  auto made = call.body;
  made["custom"] = true;
  known.emplace(name, std::move(made));
  tally_.effect("properties_created");
  auto answer = call.body;
  answer.emplace("options", json::array());
  answer.emplace("description", "");
  return simulation::json_reply(201, answer);
}

// --- what it holds

json Account::ledger() const {
  json all = json::object();
  std::vector<std::string> keys;
  for (const auto& type : kTypes) {
    json list = json::array();
    const auto kept = objects_.find(type.plural);
    if (kept == objects_.end()) {
      all[std::string(type.plural)] = std::move(list);
      continue;
    }
    for (const auto& [number, object] : kept->second) {
      json entry = {{"id", object.id}, {"properties", object.properties}, {"archived", object.archived}};
      for (const auto& link : links_) {
        if (link.from == &type && link.from_id == object.id) {
          auto& ids = entry["associations"][std::string(link.to->plural)];
          if (std::find(ids.begin(), ids.end(), link.to_id) == ids.end()) ids.push_back(link.to_id);
        }
      }
      list.push_back(std::move(entry));
      // Of tickets our own property tells; notes have none, and a step that is sent twice has the same text.
      const JsonView properties(object.properties);
      const auto* key = type.plural == "tickets" ? "baton_handoff_id"
                        : type.plural == "notes" ? "hs_note_body"
                                                 : "";
      const auto value = properties[key].text();
      if (!value.empty()) keys.push_back(std::string(type.plural) + value);
    }
    all[std::string(type.plural)] = std::move(list);
  }
  all.update(tally_.json(simulation::count_duplicates(keys)));
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Account>(setup);
}

}  // namespace baton::hubspot
