#include "connectors/zendesk/context.h"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "connectors/sdk/vendor_clock.h"
#include "connectors/zendesk/wire.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::zendesk {
namespace {

using nlohmann::json;

void put(json& to, const char* key, std::string_view text) {
  constexpr std::size_t kLongest = 300;
  if (!text.empty()) to[key] = clip_utf8(text, kLongest);
}

json ticket_json(JsonView ticket, const std::string& id, std::string_view base_url) {
  json made = json::object();
  put(made, "id", id);
  put(made, "title", ticket["subject"].text());
  put(made, "status", ticket["status"].text());
  put(made, "at", ticket["updated_at"].text());
  put(made, "url", agent_link(base_url, id, ticket["url"].text()));
  return made;
}

}  // namespace

Result<Person> read_user(const Reply& reply, std::string_view member, std::string_view value) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Zendesk's list of users");
  if (!body) return body.error();
  const auto users = JsonView(*body)["users"].list();
  if (!users) return Failure(FailureKind::retryable, "Zendesk's search for a user carries no list");
  Person person;
  for (const auto& user : *users) {
    const auto id = user["id"].id();
    if (!id || !equals_ignoring_case(user[member].id().value_or(""), value)) continue;
    if (person.matches++ > 0) continue;
    person.id = *id;
    person.name = user["name"].text();
    person.email = user["email"].text();
  }
  return person;
}

Result<json> read_history(const Reply& reply, std::string_view base_url) {
  constexpr std::size_t kMost = 5;
  const auto body = parse_json(reply.body, FailureKind::retryable, "Zendesk's list of requested tickets");
  if (!body) return body.error();
  auto tickets = JsonView(*body)["tickets"].list();
  if (!tickets) return Failure(FailureKind::retryable, "Zendesk's requested tickets carry no list");
  // Times are UTC in one format: the order of their text is the order of time.
  std::ranges::sort(*tickets, std::greater(), [](JsonView t) { return t["updated_at"].text(); });
  json history = {{"open_tickets", json::array()}, {"recent_tickets", json::array()}};
  for (const auto& ticket : *tickets) {
    const auto id = ticket["id"].id();
    if (!id) continue;
    auto& shown = history[is_open(ticket["status"].text()) ? "open_tickets" : "recent_tickets"];
    if (shown.size() < kMost) shown.push_back(ticket_json(ticket, *id, base_url));
  }
  std::vector<std::optional<TimePoint>> opened;
  for (const auto& ticket : *tickets) opened.push_back(parse_rfc3339(ticket["created_at"].text()));
  sdk::count_contacts(opened, sdk::vendor_now(reply), history);
  return history;
}

json make_context(const Person& person, const json& history, std::string_view why,
                  std::string_view base_url) {
  json context = {{"matches", person.matches}};
  if (person.id.empty()) return context;
  json shown = {{"role", "requester"}};
  put(shown, "id", person.id);
  put(shown, "name", person.name);
  put(shown, "email", person.email);
  put(shown, "url", user_link(base_url, person.id));
  context["people"] = json::array({std::move(shown)});
  if (history.is_object()) context["history"] = history;
  else context["missing"] = json::array({{{"part", "history"}, {"why", why}}});
  return context;
}

bool plain_email(std::string_view email) {
  constexpr std::string_view kNever = " \t\r\n\"'()<>:;,\\*";
  const auto at = email.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < email.size() && email.size() <= 254 &&
         email.find_first_of(kNever) == std::string_view::npos;
}

// "Fri, 20 Nov 2026 12:00:00 GMT"
}  // namespace baton::zendesk
