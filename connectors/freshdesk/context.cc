#include "connectors/freshdesk/context.h"

#include <algorithm>
#include <vector>

#include "connectors/freshdesk/wire.h"
#include "connectors/sdk/vendor_clock.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace {

using nlohmann::json;

constexpr std::size_t kLongest = 300;

// Freshdesk's times are UTC (section 2), also where one comes without a zone. Compared as instants: as texts
// "...07Z" and "...07.120Z" or "...07+05:30" would stand in the wrong order.
std::optional<TimePoint> read_time(JsonView value) {
  const auto text = std::string(trim(value.text()));
  const auto at = parse_rfc3339(text);
  return at ? at : parse_rfc3339(text + "Z");
}
TimePoint time_or_epoch(JsonView value) { return read_time(value).value_or(TimePoint{}); }

// Leaves out what is not there.
void put(json& to, const char* key, std::string_view text) {
  if (!trim(text).empty()) to[key] = clip_utf8(trim(text), kLongest);
}

// A value as text, whether Freshdesk keeps it as text, number or choice.
std::string said(JsonView value) { return value.string() ? value.text() : value.id().value_or(""); }

bool is_done(std::int64_t status, const sdk::Settings* settings = nullptr) {
  if (status == 4 || status == 5) return true;
  return settings && (*settings)["status_solved"] == std::to_string(status);
}

std::string status_name(std::int64_t status) {
  switch (status) {
    case 2: return "open";
    case 3: return "pending";
    case 4: return "resolved";
    case 5: return "closed";
    default: return "status " + std::to_string(status);
  }
}

json ticket_json(JsonView ticket, const std::string& id, std::string_view base_url) {
  json made = json::object();
  made["id"] = id;
  put(made, "title", ticket["subject"].text());
  if (const auto status = ticket["status"].integer()) made["status"] = status_name(*status);
  if (const auto at = read_time(ticket["created_at"])) made["at"] = to_rfc3339(*at);
  put(made, "url", agent_link(base_url, id));
  return made;
}

// What the customer hears: neither a private note, nor their own words, nor what went to somebody else (a
// forwarded mail is 8), nor a survey's answer (6).
bool is_answer(JsonView said) {
  const auto source = said["source"].integer().value_or(0);
  return said["private"].boolean() == false && said["incoming"].boolean() == false && source != 8 &&
         source != 6;
}

bool bears_address(JsonView contact, std::string_view email) {
  if (equals_ignoring_case(contact["email"].text(), email)) return true;
  const auto others = items(contact["other_emails"]);
  return std::ranges::any_of(others, [&](JsonView one) { return equals_ignoring_case(one.text(), email); });
}

}  // namespace

std::optional<sdk::Read> find_contact(JsonView customer) {
  const auto email = customer["email"].text();
  if (plain_email(email))
    return sdk::Read::get("/api/v2/contacts?email=" + percent_encode(email), accept_json());
  const auto id = customer["id"].id().value_or("");
  if (id.empty()) return std::nullopt;
  return sdk::Read::get("/api/v2/contacts?unique_external_id=" + percent_encode(id), accept_json());
}

// By itself Freshdesk lists the last 30 days only (sections 3.5 and 10.3), and a ticket that is open for
// longer tells more than any other.
sdk::Read list_history(std::string_view contact_id) {
  constexpr auto kSinceEver = "2010-01-01T00%3A00%3A00Z";
  return sdk::Read::get("/api/v2/tickets?requester_id=" + percent_encode(contact_id) + "&updated_since=" +
                            kSinceEver + "&order_by=created_at&order_type=desc&per_page=100",
                        accept_json());
}

sdk::Read show_company(std::string_view company_id) {
  return sdk::Read::get("/api/v2/companies/" + percent_encode(company_id), accept_json());
}

Result<std::optional<Contact>> read_contact(const Reply& reply, JsonView customer) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Freshdesk's list of contacts");
  if (!body) return body.error();
  const auto contacts = JsonView(*body).list();
  if (!contacts) return Failure(FailureKind::retryable, "Freshdesk's search for a contact carries no list");
  const auto email = customer["email"].text();
  std::optional<Contact> best;
  TimePoint changed;
  int matches = 0;
  for (const auto& one : *contacts) {
    const auto id = one["id"].id();
    if (!id || (plain_email(email) && !bears_address(one, email))) continue;
    ++matches;
    const auto at = time_or_epoch(one["updated_at"]);
    if (best && at <= changed) continue;
    changed = at;
    best.emplace();
    best->id = *id;
    best->name = one["name"].text();
    best->email = one["email"].text();
    best->title = one["job_title"].text();
    best->company = one["company_id"].id().value_or("");
  }
  if (best) best->matches = matches;
  return best;
}

json people_of(const Contact& contact, std::string_view base_url) {
  json person = json::object();
  put(person, "id", contact.id);
  put(person, "name", contact.name);
  put(person, "email", contact.email);
  put(person, "role", contact.title);
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  if (!base_url.empty())
    put(person, "url", std::string(base_url) + "/a/contacts/" + percent_encode(contact.id));
  return json::array({std::move(person)});
}

Result<json> read_history(const Reply& reply, std::string_view base_url) {
  constexpr std::size_t kMost = 5;
  const auto body =
      parse_json(reply.body, FailureKind::retryable, "Freshdesk's list of a customer's tickets");
  if (!body) return body.error();
  auto tickets = JsonView(*body).list();
  if (!tickets) return Failure(FailureKind::retryable, "Freshdesk's tickets of a customer carry no list");
  std::ranges::sort(*tickets, std::greater(), [](JsonView t) { return time_or_epoch(t["created_at"]); });
  json history = {{"open_tickets", json::array()}, {"recent_tickets", json::array()}};
  std::vector<std::optional<TimePoint>> opened;
  for (const auto& ticket : *tickets) {
    const auto id = ticket["id"].id();
    if (!id) continue;
    const auto made = ticket_json(ticket, *id, base_url);
    auto& open = history["open_tickets"];
    if (open.size() < kMost && !is_done(ticket["status"].integer().value_or(4))) open.push_back(made);
    auto& recent = history["recent_tickets"];
    if (recent.size() < kMost) recent.push_back(made);
    opened.push_back(read_time(ticket["created_at"]));
  }
  sdk::count_contacts(opened, sdk::vendor_now(reply), history);
  return history;
}

Result<json> read_company(const Reply& reply, const sdk::Settings& settings) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Freshdesk's answer to a company");
  if (!body) return body.error();
  const JsonView company(*body);
  const auto id = company["id"].id();
  if (!id) return Failure(FailureKind::retryable, "Freshdesk answered a company without an id");
  // A standard field, or one that the account added.
  const auto field = [&](std::string_view name) {
    const auto own = said(company[name]);
    return own.empty() ? said(company["custom_fields"][name]) : own;
  };
  json account = json::object();
  account["id"] = *id;
  put(account, "name", company["name"].text());
  put(account, "tier", field(settings["tier_field"]));
  put(account, "health", field(settings["health_field"]));
  const auto renewal = field(settings["renewal_field"]).substr(0, 10);
  if (parse_rfc3339(renewal + "T00:00:00Z")) account["renewal_date"] = renewal;
  return account;
}

Result<json> read_state(const Reply& reply, const sdk::Settings& settings) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Freshdesk's answer to a ticket");
  if (!body) return body.error();
  const JsonView ticket(*body);
  const auto status = ticket["status"].integer();
  if (!ticket["id"].id() || !status)
    return Failure(FailureKind::retryable, "Freshdesk answered a ticket without its status");
  if (ticket["deleted"].boolean() == true) return json{{"state", "gone"}};
  if (!is_done(*status, &settings)) return json{{"state", "open"}};
  json state = {{"state", "solved"}};
  auto at = read_time(ticket.at_path("stats.resolved_at"));
  if (!at) at = read_time(ticket["updated_at"]);
  if (at) state["at"] = to_rfc3339(*at);
  return state;
}

Result<Done> Talk::add(const Reply& page) {
  const auto body = parse_json(page.body, FailureKind::retryable, "Freshdesk's list of conversations");
  if (!body) return body.error();
  const auto said = JsonView(*body).list();
  if (!said) return Failure(FailureKind::retryable, "Freshdesk's conversations of a ticket carry no list");
  for (const auto& one : *said) {
    const auto by = one["user_id"].id().value_or("");
    if (one["private"].boolean() == true && bears_footer(one["body"].text())) our_id = by;
    const auto id = one["id"].id();
    if (!id || !is_answer(one) || trim(one["body_text"].text()).empty()) continue;
    answers_.emplace_back(*id, by, std::string(trim(one["body_text"].text())),
                          time_or_epoch(one["created_at"]));
  }
  return Done{};
}

std::vector<Answer> Talk::answers() const {
  constexpr std::size_t kMost = 20;
  auto all = answers_;
  std::erase_if(all, [&](const Answer& one) { return !our_id.empty() && one.by == our_id; });
  // Ids count upwards, and two answers may be of one second.
  std::ranges::sort(all, [](const Answer& a, const Answer& b) {
    if (a.at != b.at) return a.at < b.at;
    return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id;
  });
  if (all.size() > kMost) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(kMost));
  return all;
}

sdk::Read find_agent(std::string_view email) {
  return sdk::Read::get("/api/v2/agents?email=" + percent_encode(email), accept_json());
}

sdk::Read show_agent(std::string_view id) {
  return sdk::Read::get("/api/v2/agents/" + percent_encode(id), accept_json());
}

Result<json> read_agent(const Reply& reply, std::string_view email) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Freshdesk's answer to an agent");
  if (!body) return body.error();
  const auto listed = JsonView(*body).list();
  const auto all = listed ? *listed : std::vector<JsonView>{JsonView(*body)};
  json found = json::object();
  for (const auto& agent : all) {
    const auto contact = agent["contact"];
    if (!email.empty() && !equals_ignoring_case(contact["email"].text(), email)) continue;
    put(found, "id", agent["id"].id().value_or(""));
    put(found, "name", contact["name"].text());
    put(found, "email", contact["email"].text());
    break;
  }
  return found;
}

Result<std::string> responder_of(const Reply& ticket) {
  const auto body = parse_json(ticket.body, FailureKind::retryable, "Freshdesk's answer to a ticket");
  if (!body) return body.error();
  return JsonView(*body)["responder_id"].id().value_or("");
}

}  // namespace baton::freshdesk
