// What people do in HubSpot, and the webhook batches that follow (fact sheet, section 7).
#include <array>

#include "connectors/hubspot/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"
#include "secrets/crypto.h"

namespace baton::hubspot::simulated {
namespace {

struct Escape {
  std::string_view escaped;
  char plain;
};
// These twelve and no others.
constexpr auto kDecoded = std::to_array<Escape>({{"%3A", ':'},
                                                 {"%2F", '/'},
                                                 {"%3F", '?'},
                                                 {"%40", '@'},
                                                 {"%21", '!'},
                                                 {"%24", '$'},
                                                 {"%27", '\''},
                                                 {"%28", '('},
                                                 {"%29", ')'},
                                                 {"%2A", '*'},
                                                 {"%2C", ','},
                                                 {"%3B", ';'}});

std::string decode_some(std::string_view url) {
  std::string decoded;
  for (std::size_t i = 0; i < url.size();) {
    const auto three = url.substr(i, 3);
    const Escape* hit = nullptr;
    for (const auto& escape : kDecoded) {
      if (equals_ignoring_case(escape.escaped, three)) hit = &escape;
    }
    decoded += hit ? hit->plain : url[i];
    i += hit ? 3 : 1;
  }
  return decoded;
}

constexpr auto kWatched = std::to_array<std::string_view>({"hs_pipeline_stage", "hubspot_owner_id"});

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "hubspot: " + std::move(why)); }

}  // namespace

std::string webhook_signature(std::string_view secret, std::string_view method, std::string_view url,
                              std::string_view body, std::string_view timestamp) {
  return to_base64(simulation::hmac_sha256(secret, {method, decode_some(url), body, timestamp}));
}

json Account::event(std::string_view kind, const Object& ticket, std::string_view property,
                    std::string_view source, TimePoint now) {
  json made = {{"eventId", next_event_++},
               {"subscriptionId", property == "hubspot_owner_id" ? 26
                                  : property.empty()             ? 27
                                                                 : 25},
               {"portalId", simulation::number_of(setup_, "portal_id", 62515)},
               {"appId", simulation::number_of(setup_, "app_id", 1160452)},
               {"occurredAt", now.time_since_epoch().count()},
               {"subscriptionType", kind},
               {"attemptNumber", 0},
               {"objectId", std::stol(ticket.id)},
               {"changeSource", source},
               {"sourceId",
                source == "CRM_UI" ? "userId:" + user_ : simulation::text_of(setup_, "app_id", "1160452")}};
  if (!property.empty()) {
    made["propertyName"] = property;
    made["propertyValue"] = JsonView(ticket.properties)[property].text();
  }
  return made;
}

simulation::Outbound Account::announce(json events, TimePoint now) {
  const auto secret = simulation::text_of(setup_, "client_secret", "hubspot-client-secret");
  const auto url = simulation::text_of(setup_, "hook_url", "https://baton.example.com/hooks/hubspot");
  const auto signed_at = [secret, url, events = std::move(events)](int attempt, TimePoint at) {
    auto counted = events;
    for (auto& one : counted) one["attemptNumber"] = attempt - 1;
    const auto body = simulation::dump(counted);
    const auto timestamp = std::to_string(at.time_since_epoch().count());
    const auto old = secrets::sha256({secret, body});
    Headers headers = {{"content-type", "application/json"},
                       {"user-agent", "HubSpot Connect 2.0 (http://dev.hubspot.com/) - Webhooks"},
                       {"x-hubspot-signature", old ? to_hex(*old) : ""},
                       {"x-hubspot-signature-version", "v1"},
                       {"x-hubspot-request-timestamp", timestamp},
                       {"x-hubspot-signature-v3", webhook_signature(secret, "POST", url, body, timestamp)}};
    return Request("POST", "", body, std::move(headers));
  };
  tally_.effect("webhooks_sent");
  simulation::Outbound outbound(signed_at(1, now));
  outbound.again = signed_at;
  outbound.attempts = 10;
  return outbound;
}

void Account::keep_changes(const json& before, Object& ticket, TimePoint now) {
  for (const auto property : kWatched) {
    const auto value = JsonView(ticket.properties)[property].text();
    if (JsonView(before)[property].text() == value) continue;
    json change = {{"value", value}, {"timestamp", simulation::iso_millis(now)}};
    change["sourceType"] = by_person_ ? "CRM_UI" : "INTEGRATION";
    change["sourceId"] = by_person_ ? "userId:" + user_ : simulation::text_of(setup_, "app_id", "1160452");
    if (by_person_) change["updatedByUserId"] = std::stol(user_);
    auto& all = ticket.changes[std::string(property)];
    if (!all.is_array()) all = json::array();
    all.insert(all.begin(), std::move(change));
  }
}

// Baton's own writes come back as events, too.
void Account::echo(const Type& type, const json& before, const Object& after, TimePoint now) {
  if (type.plural != "tickets" || !simulation::flag_of(setup_, "echo", false)) return;
  json events = json::array();
  for (const auto property : kWatched) {
    if (JsonView(before)[property].text() == JsonView(after.properties)[property].text()) continue;
    events.push_back(event("ticket.propertyChange", after, property, "INTEGRATION", now));
  }
  if (!events.empty()) outbox_.push_back(announce(std::move(events), now));
}

// A person changes one property of a contact or a company.
Result<std::vector<simulation::Outbound>> Account::change_customer(std::string_view kind, JsonView with,
                                                                   TimePoint now) {
  const auto& type = *find_type(kind == "contact" ? "contacts" : "companies");
  auto* object = find_object(type, with["id"].id().value_or(""));
  if (!object) return cannot("no such " + std::string(kind));
  const auto property = with["property"].text();
  const json change = {{property, with["value"].id().value_or("")}};
  const auto faults = check(type, change, object);
  if (!faults.empty()) return cannot(faults.front().message);
  (void)write(type, object, change, now);
  std::vector<simulation::Outbound> sent;
  sent.push_back(announce(
      json::array({event(std::string(kind) + ".propertyChange", *object, property, "CRM_UI", now)}), now));
  return sent;
}

void Account::archive(Object& object, TimePoint now) {
  object.archived = true;
  object.history.emplace_back(now, nullptr);
}

// One becomes part of the other, or both of a new one; what hangs on it hangs on that one then [7].
Result<std::vector<simulation::Outbound>> Account::merge(Object& ticket, JsonView with, TimePoint now) {
  const auto& tickets = *find_type("tickets");
  auto* into = find_object(tickets, with["into"].id().value_or(""));
  if (!into || into == &ticket) return cannot("no such ticket to merge into");
  auto* remains = into;
  if (with["new"].boolean() == true) {
    auto properties = into->properties;
    properties.erase("baton_handoff_id");  // unique
    remains = &write(tickets, nullptr, properties, now);
  }
  json merged = json::array({std::stol(ticket.id)});
  for (auto* gone : {&ticket, into}) {
    if (gone == remains) continue;
    for (auto& link : links_) {
      if (link.from->plural == "tickets" && link.from_id == gone->id) link.from_id = remains->id;
      if (link.to->plural == "tickets" && link.to_id == gone->id) link.to_id = remains->id;
    }
    archive(*gone, now);
  }
  auto told = event("ticket.merge", *remains, "", "CRM_UI", now);
  told["primaryObjectId"] = std::stol(into->id);
  told["mergedObjectIds"] = merged;
  told["newObjectId"] = remains == into ? json() : json(std::stol(remains->id));
  std::vector<simulation::Outbound> sent;
  sent.push_back(announce(json::array({std::move(told)}), now));
  return sent;
}

Result<std::vector<simulation::Outbound>> Account::delete_for_privacy(JsonView with, TimePoint now) {
  auto* contact = find_object(*find_type("contacts"), with["contact"].id().value_or(""));
  if (!contact) return cannot("no such contact");
  archive(*contact, now);
  std::vector<simulation::Outbound> sent;
  sent.push_back(announce(json::array({event("contact.privacyDeletion", *contact, "", "CRM_UI", now)}), now));
  return sent;
}

Result<std::vector<simulation::Outbound>> Account::act(const simulation::Deed& deed, TimePoint now) {
  seed(now);
  user_ = JsonView(deed.with)["by"].id().value_or("882761034");
  if (deed.what == "expire_tokens") {
    for (auto& [token, until] : tokens_) until = now;
    return std::vector<simulation::Outbound>();
  }
  if (deed.what == "delete_for_privacy") return delete_for_privacy(JsonView(deed.with), now);
  if (deed.what == "change_contact") return change_customer("contact", JsonView(deed.with), now);
  if (deed.what == "change_company") return change_customer("company", JsonView(deed.with), now);
  const auto& tickets = *find_type("tickets");
  const JsonView with(deed.with);
  auto* ticket = find_object(tickets, with["ticket"].id().value_or(""));
  if (!ticket) return cannot("no such ticket");
  json change = json::object();
  if (deed.what == "move_stage") change["hs_pipeline_stage"] = with["stage"].id().value_or("");
  if (deed.what == "assign") change["hubspot_owner_id"] = with["owner"].id().value_or("");
  std::vector<simulation::Outbound> sent;
  if (deed.what == "merge") return merge(*ticket, with, now);
  if (deed.what == "delete") {
    archive(*ticket, now);
    sent.push_back(announce(json::array({event("ticket.deletion", *ticket, "", "CRM_UI", now)}), now));
    return sent;
  }
  if (change.empty()) return cannot("no such deed: " + deed.what);
  const auto faults = check(tickets, change, ticket);
  if (!faults.empty()) return cannot(faults.front().message);
  const auto before = ticket->properties;
  const auto pending = std::exchange(outbox_, {});
  by_person_ = true;
  (void)write(tickets, ticket, change, now);
  by_person_ = false;
  outbox_ = pending;  // a person's change is no echo
  const auto property = change.begin().key();
  if (JsonView(before)[property].text() == JsonView(ticket->properties)[property].text()) return sent;
  sent.push_back(
      announce(json::array({event("ticket.propertyChange", *ticket, property, "CRM_UI", now)}), now));
  return sent;
}

}  // namespace baton::hubspot::simulated
