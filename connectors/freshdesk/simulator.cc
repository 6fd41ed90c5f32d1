#include "connectors/freshdesk/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace simulated {
namespace {

constexpr std::string_view kSeed = R"({
  "groups": [{"id": 1060000223277, "name": "Support"}, {"id": 1060000223278, "name": "Tier 2"}],
  "agents": [{"id": 1060000400001, "name": "Dana Agent", "email": "dana@acme.example"},
             {"id": 1060000400002, "name": "Lee Agent", "email": "lee@acme.example"}],
  "companies": [{"id": 1060000300001, "name": "Example Ltd", "domains": ["example.com"], "health_score": "Happy",
                 "account_tier": "Premium", "renewal_date": "2027-01-31T00:00:00Z", "custom_fields": {}}],
  "ticket_fields": [
    {"name": "cf_baton_handoff_id", "type": "custom_text"}, {"name": "cf_ai_confidence", "type": "custom_decimal"},
    {"name": "cf_ai_category", "type": "custom_dropdown", "choices": ["Billing", "Technical"]},
    {"name": "ticket_type", "type": "default_ticket_type", "default": true,
     "choices": ["Question", "Incident", "Problem", "Feature Request"]}],
  "contacts": [], "tickets": []})";

// For the ledger: the first code of a validation, or the code itself [6].
std::string error_name(const Reply& reply) {
  const auto body = json::parse(reply.body, nullptr, false);
  const JsonView view(body);
  const auto errors = view["errors"].list();
  if (errors && !errors->empty()) return errors->front()["code"].text();
  return view["code"].text(std::to_string(reply.status));
}

}  // namespace

Account::Account(const simulation::Setup& setup)
    : setup_(setup), self_url_(simulation::text_of(setup, "self_url", "https://acme.freshdesk.com")),
      all_(simulation::limit_of(setup, "rate_per_minute", 400), 1min),
      creates_(simulation::limit_of(setup, "create_per_minute", 160), 1min),
      updates_(simulation::limit_of(setup, "update_per_minute", 160), 1min),
      ticket_lists_(simulation::limit_of(setup, "tickets_list_per_minute", 100), 1min),
      contact_lists_(simulation::limit_of(setup, "contacts_list_per_minute", 100), 1min) {
  const auto seed = simulation::seed_of(setup, kSeed);
  agents_.push_back({{"id", baton_agent_ = next_id_++},
                     {"name", "Baton"},
                     {"email", simulation::text_of(setup, "baton_email", "baton@acme.example")}});
  const auto load = [&](const char* key, std::vector<json>& into) {
    for (const auto& item : seed.value(key, json::array())) into.push_back(item);
  };
  load("agents", agents_);
  load("groups", groups_);
  load("companies", companies_);
  load("ticket_fields", ticket_fields_);
  for (const auto& contact : seed.value("contacts", json::array())) add_contact(contact, TimePoint{});
  for (const auto& fields : seed.value("tickets", json::array())) {
    (void)make_ticket(fields, simulation::read_iso(fields.value("created_at", "")).value_or(TimePoint{}));
  }
  tally_ = {};  // what was there before is nobody's effect
}

Reply refuse(int status, std::string_view code, std::string_view message) {
  return simulation::json_reply(status, {{"code", code}, {"message", message}});
}

Reply invalid(int status, std::string_view field, std::string_view message, std::string_view code) {
  return simulation::json_reply(
      status, {{"description", "Validation failed"},
               {"errors", json::array({{{"field", field}, {"message", message}, {"code", code}}})}});
}

// --- authorisation [2]

std::optional<Reply> Account::authorise(const RawRequest& raw) {
  const auto limit = simulation::number_of(setup_, "lock_after", 10);
  const auto locked = [&] { return limit > 0 && wrong_keys_ >= limit; };
  if (locked()) return refuse(403, "password_lockout", "The account is locked after too many failed logins");
  const auto given = header(raw.headers, "authorization");
  const auto key = simulation::text_of(setup_, "api_key", "fdApiKey123");
  const auto pair = given.starts_with("Basic ") ? from_base64(given.substr(6)) : std::nullopt;
  if (pair && pair->find(':') != std::string::npos && pair->substr(0, pair->find(':')) == key) {
    wrong_keys_ = 0;
    return std::nullopt;
  }
  ++wrong_keys_;
  return refuse(401, "invalid_credentials", "You have to be logged in to perform this action.");
}

// --- limits [5]

std::optional<Reply> Account::over_limit(simulation::Window& window, TimePoint now) {
  const auto wait = window.take(now);
  if (!wait) return std::nullopt;
  auto reply =
      simulation::json_reply(429, {{"message", "You have exceeded the limit of requests per minute"}});
  reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(*wait));
  return reply;
}

void Account::charge_includes(const Call& call) {
  const auto include = call.query("include");
  if (include.empty()) return;
  for (std::size_t i = 0; i < split(include, ',').size(); ++i) {
    credits_ += 2;
    (void)all_.take(call.now());
    (void)all_.take(call.now());
  }
}

// --- one request

Reply Account::handle(const RawRequest& raw) {
  tally_.request();
  uploads_.clear();
  credits_ = 1;
  auto reply = answer(raw);
  if (all_.limit() > 0) {
    reply.headers["x-ratelimit-total"] = std::to_string(all_.limit());
    reply.headers["x-ratelimit-remaining"] = std::to_string(all_.remaining(raw.received_at));
    reply.headers["x-ratelimit-used-currentrequest"] = std::to_string(credits_);
  }
  if (reply.status >= 400) tally_.refuse(error_name(reply));
  return reply;
}

// Refused and invalid requests count too, so the limit comes first [5].
Reply Account::answer(const RawRequest& raw) {
  if (auto refused = over_limit(all_, raw.received_at)) return *std::move(refused);
  if (auto refused = authorise(raw)) return *std::move(refused);
  Call call(raw, std::string(path_of(raw.target)));
  return route(call);
}

std::optional<Reply> Account::read_body(Call& call) {
  if (call.raw.method == "GET") return std::nullopt;
  if (header(call.raw.headers, "content-type").starts_with("multipart/form-data")) {
    const bool takes_files =
        call.path == "/api/v2/tickets" || call.path.ends_with("/notes") || call.path.ends_with("/reply");
    auto fields = takes_files ? read_multipart(call.raw, uploads_) : std::nullopt;
    if (!fields) return refuse(400, "invalid_multipart", "The multipart body cannot be read");
    call.body = *std::move(fields);
    return std::nullopt;
  }
  if (!simulation::is_json(call.raw.headers)) {
    return refuse(415, "invalid_content_type", "Content-Type header is set to an unsupported type");
  }
  call.body = json::parse(call.raw.body, nullptr, false);
  if (call.body.is_object()) return std::nullopt;
  return refuse(400, "invalid_json", "Request body has invalid json format");
}

Reply Account::route(Call& call) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Account>>({
      {"GET", "/api/v2/contacts", &Account::list_contacts},
      {"POST", "/api/v2/contacts", &Account::create_contact},
      {"GET", "/api/v2/contacts/{}", &Account::show_contact},
      {"PUT", "/api/v2/contacts/{}", &Account::update_contact},
      {"GET", "/api/v2/search/contacts", &Account::search_contacts},
      {"GET", "/api/v2/tickets", &Account::list_tickets},
      {"POST", "/api/v2/tickets", &Account::create_ticket},
      {"GET", "/api/v2/tickets/{}", &Account::show_ticket},
      {"PUT", "/api/v2/tickets/{}", &Account::update_ticket},
      {"GET", "/api/v2/tickets/{}/conversations", &Account::list_conversations},
      {"POST", "/api/v2/tickets/{}/notes", &Account::add_note},
      {"POST", "/api/v2/tickets/{}/reply", &Account::add_reply},
      {"GET", "/api/v2/search/tickets", &Account::search_tickets},
      {"GET", "/api/v2/agents/me", &Account::me},
      {"GET", "/api/v2/agents", &Account::list_agents},
      {"GET", "/api/v2/agents/{}", &Account::show_agent},
      {"GET", "/api/v2/groups", &Account::list_groups},
      {"GET", "/api/v2/ticket_fields", &Account::list_ticket_fields},
      {"GET", "/api/v2/companies/{}", &Account::show_company},
  });
  bool known = false;
  for (const auto& candidate : kRoutes) {
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args) continue;
    known = true;
    if (candidate.method != call.raw.method) continue;
    call.args = *std::move(args);
    if (auto refused = read_body(call)) return *std::move(refused);
    return (this->*candidate.handler)(call);
  }
  if (known) return simulation::json_reply(405, {{"message", call.raw.method + " method is not allowed"}});
  return Reply(404);  // without a body
}

// --- what it holds

json Account::ledger() const {
  json tickets = json::array();
  std::vector<std::string> handoffs, said;
  for (const auto& [id, ticket] : tickets_) {
    auto entry = ticket.doc;
    entry["conversations"] = ticket.conversations;
    entry["deleted"] = ticket.deleted;
    tickets.push_back(std::move(entry));
    const auto key = JsonView(ticket.doc).at_path("custom_fields.cf_baton_handoff_id").text();
    if (!key.empty()) handoffs.push_back(key);
    // What people say twice they mean; Baton signs what it says.
    for (const auto& part : ticket.conversations) {
      if (part["user_id"] == baton_agent_)
        said.push_back(std::to_string(id) + part["body"].get<std::string>());
    }
  }
  auto all = tally_.json(simulation::count_duplicates(handoffs) + simulation::count_duplicates(said));
  all["tickets"] = std::move(tickets);
  all["contacts"] = contacts_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Account>(setup);
}

}  // namespace baton::freshdesk
