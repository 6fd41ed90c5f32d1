#include "connectors/intercom/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::intercom {
namespace simulated {
namespace {

constexpr std::string_view kSeed = R"({
  "admins": [{"id": "991267001", "name": "Dana Agent", "email": "dana@acme.example"},
             {"id": "991267002", "name": "Lee Agent", "email": "lee@acme.example"}],
  "teams": [{"id": "5017691", "name": "Support"}, {"id": "5017692", "name": "Billing"}],
  "contacts": [{"id": "6762f11b1bb69f9f2193bba3", "role": "user", "external_id": "crm-8841",
                "email": "ada@example.com", "name": "Ada Byron"}],
  "conversations": []})";

// What the app's permissions are called for the ledger and for "scopes"; by path [2].
struct Right {
  std::string_view prefix, noun;
};
constexpr auto kRights = std::to_array<Right>({{"/contacts", "contacts"},
                                               {"/conversations", "conversations"},
                                               {"/tickets", "tickets"},
                                               {"/ticket_", "tickets"},
                                               {"/admins", "admins"},
                                               {"/teams", "admins"}});

}  // namespace

json member(const json& body, const char* name) {
  const auto found = body.is_object() ? body.find(name) : body.end();
  return found != body.end() && found->is_object() ? *found : json::object();
}

Workspace::Workspace(const simulation::Setup& setup)
    : setup_(setup), token_(simulation::text_of(setup, "token", "intercom-token")),
      baton_id_(simulation::text_of(setup, "baton_admin", "991267696")),
      search_lag_(simulation::seconds_of(setup, "search_lag", 60)),
      contact_lag_(simulation::seconds_of(setup, "contact_lag", 5)),
      calls_(simulation::limit_of(setup, "rate_per_10s", 1666), 10s) {
  const auto seed = simulation::seed_of(setup, kSeed);
  admins_.push_back({{"id", baton_id_},
                     {"name", simulation::text_of(setup, "baton_name", "Baton")},
                     {"email", "baton@acme.example"}});
  for (const auto& one : seed.value("admins", json::array())) admins_.push_back(one);
  for (const auto& one : seed.value("teams", json::array())) teams_.push_back(one);
  for (const auto& one : seed.value("contacts", json::array())) add_contact(one, TimePoint{});
  const auto names = simulation::text_of(setup, "attributes", "");
  for (const auto attribute : split(names, ',')) {
    if (!trim(attribute).empty())
      attributes_.push_back({{"id", attributes_.size() + 1}, {"name", trim(attribute)}});
  }
  for (const auto& one : seed.value("conversations", json::array())) {
    const auto* from = contact(one.value("contact", "6762f11b1bb69f9f2193bba3"));
    if (!from) continue;
    const auto at = simulation::read_iso(one.value("created_at", "")).value_or(TimePoint{});
    auto& made = add_conversation(*from, one.value("body", "Hello"), at);
    const auto ai = member(one, "ai");
    for (const auto& [key, value] : ai.items()) made.doc["ai_agent"][key] = value;
    if (one.contains("ai")) made.doc["ai_agent_participated"] = true;
    for (const auto& part : one.value("parts", json::array())) {
      const auto by = part.value("by", "user");
      const auto* who = admin(by);
      const auto author =
          by == "fin" ? json{{"type", "bot"}, {"id", "991267999"}, {"name", "Fin"}, {"from_ai_agent", true}}
          : by == "user" ? author_of(from->doc, "user")
                         : author_of(who ? *who : admins_.front(), "admin");
      add_part(made, part.value("type", "comment"), "<p>" + part.value("body", "") + "</p>", author, at);
    }
  }
  tally_ = {};  // what was there before is nobody's effect
}

Reply Workspace::handle(const RawRequest& raw) {
  tally_.request();
  ++requests_;
  auto reply = answer(raw);
  if (reply.status >= 400) {
    const auto body = json::parse(reply.body, nullptr, false);
    const auto errors = JsonView(body)["errors"].list();
    tally_.refuse(errors && !errors->empty() ? errors->front()["code"].text() : std::to_string(reply.status));
  }
  return reply;
}

// --- answers [6]

Reply Workspace::refuse(int status, std::string_view code, std::string_view message, json field) {
  json error = {{"code", code}, {"message", message}};
  if (!field.is_null()) error["field"] = std::move(field);
  return simulation::json_reply(status, {{"type", "error.list"},
                                         {"request_id", simulation::make_uuid(random_)},
                                         {"errors", json::array({std::move(error)})}});
}

Reply Workspace::not_found(std::string_view message) { return refuse(404, "not_found", message); }

Reply Workspace::invalid(std::string_view message) { return refuse(400, "parameter_invalid", message); }

// --- authorisation [2]

std::optional<Reply> Workspace::authorise(const RawRequest& raw) {
  const auto given = header(raw.headers, "authorization");
  if (given.empty()) return refuse(401, "missing_authorization", "Missing Authorization");
  if (given != "Bearer " + token_) return refuse(401, "unauthorized", "Access Token Invalid");
  return std::nullopt;
}

bool Workspace::may(std::string_view method, std::string_view path) const {
  const auto granted = simulation::text_of(setup_, "scopes", "");
  if (granted.empty()) return true;
  const bool reads = method == "GET" || path.ends_with("/search");
  for (const auto& right : kRights) {
    if (!path.starts_with(right.prefix)) continue;
    const auto wanted = std::string(reads ? "read_" : "write_") + std::string(right.noun);
    const auto all = split(granted, ' ');
    return std::find(all.begin(), all.end(), wanted) != all.end();
  }
  return true;
}

Reply Workspace::answer(const RawRequest& raw) {
  const std::string path(path_of(raw.target));
  if (auto refused = authorise(raw)) return *std::move(refused);
  // Windows of ten seconds: an app's calls of a minute are spread over them [5].
  const auto wait = calls_.take(raw.received_at);
  auto reply = [&] {
    if (wait) return refuse(429, "rate_limit_exceeded", "Exceeded rate limit of calls per 10 seconds");
    if (header(raw.headers, "accept").find("json") == std::string_view::npos) {
      return refuse(406, "not_acceptable", "The Accept header should send a media type of application/json");
    }
    if (header(raw.headers, "intercom-version") != simulation::text_of(setup_, "version", "2.16")) {
      return refuse(400, "intercom_version_invalid", "The requested version could not be found");
    }
    if (!may(raw.method, path))
      return refuse(403, "action_forbidden", "The app lacks the permission for this");
    Call call(raw, path);
    return route(call);
  }();
  if (calls_.limit() > 0) {
    reply.headers["x-ratelimit-limit"] = std::to_string(calls_.limit());
    reply.headers["x-ratelimit-remaining"] = std::to_string(calls_.remaining(raw.received_at));
    // The end of the window in Unix seconds; there is no Retry-After [5].
    const auto resets = raw.received_at + (wait ? *wait : calls_.resets_in(raw.received_at));
    reply.headers["x-ratelimit-reset"] = std::to_string(simulation::epoch_seconds(resets + 999ms));
  }
  return reply;
}

Reply Workspace::route(Call& call) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Workspace>>({
      {"GET", "/me", &Workspace::me},
      {"GET", "/admins", &Workspace::list_admins},
      {"GET", "/teams", &Workspace::list_teams},
      {"GET", "/contacts/find_by_external_id/{}", &Workspace::find_contact},
      {"POST", "/contacts/search", &Workspace::search_contacts},
      {"POST", "/contacts", &Workspace::create_contact},
      {"GET", "/contacts/{}", &Workspace::show_contact},
      {"PUT", "/contacts/{}", &Workspace::update_contact},
      {"POST", "/contacts/{}/unarchive", &Workspace::unarchive_contact},
      {"POST", "/conversations/search", &Workspace::search_conversations},
      {"GET", "/conversations/attributes", &Workspace::list_attributes},
      {"POST", "/conversations/attributes", &Workspace::create_attribute},
      {"POST", "/conversations", &Workspace::create_conversation},
      {"GET", "/conversations/{}", &Workspace::show_conversation},
      {"PUT", "/conversations/{}", &Workspace::update_conversation},
      {"POST", "/conversations/{}/reply", &Workspace::reply_to},
      {"POST", "/conversations/{}/parts", &Workspace::manage},
      {"POST", "/conversations/{}/tags", &Workspace::tag_conversation},
      {"DELETE", "/conversations/{}/tags/{}", &Workspace::untag_conversation},
      {"POST", "/conversations/{}/convert", &Workspace::convert},
      {"GET", "/tags", &Workspace::list_tags},
      {"POST", "/tags", &Workspace::create_tag},
      {"GET", "/ticket_types", &Workspace::list_ticket_types},
      {"GET", "/ticket_states", &Workspace::list_ticket_states},
      {"POST", "/tickets/search", &Workspace::search_tickets},
      {"POST", "/tickets", &Workspace::create_ticket},
      {"GET", "/tickets/{}", &Workspace::show_ticket},
      {"PUT", "/tickets/{}", &Workspace::update_ticket},
      {"POST", "/tickets/{}/reply", &Workspace::reply_to_ticket},
  });
  for (const auto& candidate : kRoutes) {
    if (candidate.method != call.raw.method) continue;
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args) continue;
    call.args = *std::move(args);
    if (call.raw.method != "GET" && !call.raw.body.empty()) {
      if (!simulation::is_json(call.raw.headers))
        return refuse(415, "media_type_not_acceptable", "Send application/json");
      call.body = json::parse(call.raw.body, nullptr, false);
      if (!call.body.is_object()) return refuse(400, "bad_request", "The request body is not a JSON object");
    }
    if (!call.body.is_object()) call.body = json::object();
    return (this->*candidate.handler)(call);
  }
  return not_found();  // also for a method that the path does not have [6]
}

void Workspace::remember(Kept& kept, TimePoint now) {
  kept.doc["updated_at"] = simulation::epoch_seconds(now);
  kept.history.emplace_back(now, kept.doc);
}

// --- what it holds

json Workspace::ledger() const {
  json conversations = json::array(), tickets = json::array(), contacts = json::array();
  // Intercom knows no key of ours. What a person would call a duplicate: two conversations of a contact with
  // one text, two parts of a conversation with one text, two tickets whose attributes are the same.
  std::vector<std::string> keys;
  for (const auto& [id, one] : conversations_) {
    auto entry = shown(one);
    entry["deleted"] = one.deleted;
    const auto contact = entry["contacts"]["contacts"][0]["id"].get<std::string>();
    if (one.created != TimePoint{}) keys.push_back("c" + contact + simulation::dump(entry["source"]["body"]));
    for (const auto& part : one.parts) {
      if (part["author"]["id"] == baton_id_ && part["body"].is_string() &&
          part["part_type"] != "assignment") {
        keys.push_back("p" + id + part["body"].get<std::string>());
      }
    }
    conversations.push_back(std::move(entry));
  }
  for (const auto& [id, one] : tickets_) {
    const auto attributes = JsonView(one.doc)["ticket_attributes"];
    if (attributes.object() && !attributes.raw()->empty())
      keys.push_back("t" + simulation::dump(*attributes.raw()));
    for (const auto& part : one.parts) {
      if (part["author"]["id"] == baton_id_ && part["body"].is_string()) {
        keys.push_back("q" + id + part["body"].get<std::string>());
      }
    }
    tickets.push_back(shown(one));
  }
  for (const auto& [id, one] : contacts_) contacts.push_back(one.doc);
  auto all = tally_.json(simulation::count_duplicates(keys));
  all["conversations"] = std::move(conversations);
  all["tickets"] = std::move(tickets);
  all["contacts"] = std::move(contacts);
  all["tags"] = tags_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Workspace>(setup);
}

}  // namespace baton::intercom
