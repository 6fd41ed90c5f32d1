// What people do in Freshdesk, and the automation's webhooks that follow (fact sheet, section 7): without a
// signature, with a header that the administrator wrote into the rule. Each rule asks for the tag baton.
#include <fmt/format.h>

#include "connectors/freshdesk/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::freshdesk::simulated {
namespace {

// As the fact sheet has the administrator paste it.
constexpr std::string_view kTemplate =
    R"({"event":"{{rule}}","ticket_id":"{{ticket.id}}","status":"{{ticket.status}}","group":"{{ticket.group.name}}",)"
    R"("agent_email":"{{ticket.agent.email}}","handoff_id":"{{ticket.cf_baton_handoff_id}}",)"
    R"("triggered_event":"{{Triggered event}}","updated_at":"{{ticket.updated_at}}","url":"{{ticket.url}}"})";

// Placeholders are put in as raw text: a quote in a group's name breaks the JSON, as it does there.
std::string fill(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  while (!text.empty()) {
    const auto open = text.find("{{");
    const auto close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) return filled.append(text);
    filled.append(text.substr(0, open));
    const auto value = values.find(std::string(text.substr(open + 2, close - open - 2)));
    if (value != values.end()) filled.append(value->second);
    text.remove_prefix(close + 2);
  }
  return filled;
}

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "freshdesk: " + std::move(why)); }

}  // namespace

std::string_view status_label(std::int64_t status) {
  switch (status) {
    case 2: return "Open";
    case 3: return "Pending";
    case 4: return "Resolved";
    case 5: return "Closed";
    case 6: return "Waiting on Customer";
    case 7: return "Waiting on Third Party";
    default: return "Unknown";
  }
}

std::string_view priority_label(std::int64_t priority) {
  switch (priority) {
    case 2: return "Medium";
    case 3: return "High";
    case 4: return "Urgent";
    default: return "Low";
  }
}

simulation::Outbound Account::event(const Ticket& ticket, std::string_view what, std::string_view change) {
  const JsonView doc(ticket.doc);
  const auto id = doc["id"].id().value_or("");
  const auto url = fmt::format("{}/helpdesk/tickets/{}", self_url_, id);
  const auto status = std::string(status_label(doc["status"].integer().value_or(0)));
  std::string group;
  for (const auto& known : groups_) {
    if (known["id"] == ticket.doc["group_id"]) group = JsonView(known)["name"].text();
  }
  const auto* assignee = find_agent(doc["responder_id"].id().value_or("nobody"));
  std::string body;
  if (simulation::text_of(setup_, "webhook_form", "advanced") == "simple") {
    const auto* contact = find_contact(ticket.doc["requester_id"].get<Id>());
    body = simulation::dump(
        {{"freshdesk_webhook",
          {{"ticket_id", ticket.doc["id"]},
           {"ticket_subject", ticket.doc["subject"]},
           {"ticket_description", ticket.doc["description"]},
           {"ticket_url", url},
           {"ticket_portal_url", fmt::format("https://help.acme.example/support/tickets/{}", id)},
           {"ticket_status", status},
           {"ticket_priority", priority_label(doc["priority"].integer().value_or(1))},
           {"ticket_contact_name", contact ? (*contact)["name"] : json("")}}}});
  } else {
    body = fill(kTemplate,
                {{"rule", std::string(what)},
                 {"ticket.id", id},
                 {"ticket.status", status},
                 {"ticket.group.name", group},
                 {"ticket.agent.email", assignee ? JsonView(*assignee)["email"].text() : ""},
                 {"ticket.cf_baton_handoff_id", doc.at_path("custom_fields.cf_baton_handoff_id").text()},
                 {"Triggered event", std::string(change)},
                 {"ticket.updated_at", doc["updated_at"].text()},
                 {"ticket.url", url}});
  }
  Headers headers = {{"content-type", "application/json"}, {"user-agent", "Freshdesk"}};
  headers["x-baton-secret"] = simulation::text_of(setup_, "webhook_secret", "freshdesk-webhook-secret");
  return simulation::Outbound(
      Request("POST", "", std::move(body), std::move(headers)));  // again: the same bytes
}

// One webhook for each rule that fits.
std::vector<simulation::Outbound> Account::announce(const Ticket& before, const Ticket& after,
                                                    const Actor& actor, TimePoint) {
  std::vector<simulation::Outbound> events;
  if (!has_tag(after, "baton") || after.deleted) return events;  // nothing tells of a deletion
  for (auto i = before.conversations.size(); i < after.conversations.size(); ++i) {
    if (actor.is_staff && after.conversations[i]["private"] == false) {
      events.push_back(event(after, "public_comment", "{note_type:public}"));
    }
  }
  if (before.doc["responder_id"] != after.doc["responder_id"] ||
      before.doc["group_id"] != after.doc["group_id"]) {
    events.push_back(event(after, "assignment_changed", "{responder_id:changed}"));
  }
  if (before.doc["status"] != after.doc["status"]) {
    events.push_back(
        event(after, "status_changed",
              fmt::format("{{ticket_status:{{from:{},to:{}}}}}", status_label(before.doc["status"]),
                          status_label(after.doc["status"]))));
  }
  if (before.doc["priority"] != after.doc["priority"]) {
    events.push_back(event(after, "priority_changed", "{priority:changed}"));
  }
  return events;
}

Result<std::vector<simulation::Outbound>> Account::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  auto* ticket = find_ticket(with["ticket"].id().value_or(""));
  if (!ticket) return cannot("no such ticket");
  const auto by = with["by"].text("Dana Agent");
  const auto* requester = find_contact(ticket->doc["requester_id"].get<Id>());
  const bool is_customer = requester && (by == "requester" || JsonView(*requester)["email"].text() == by ||
                                         JsonView(*requester)["name"].text() == by);
  const json who = is_customer ? *requester : agent(by);
  const Actor actor{who["id"].get<Id>(), JsonView(who)["name"].text(), !is_customer};
  const auto text = with["text"].text();
  const auto before = *ticket;
  if (deed.what == "solve" || deed.what == "close") {
    ticket->doc["status"] = deed.what == "solve" ? 4 : 5;
    if (ticket->doc["responder_id"].is_null()) ticket->doc["responder_id"] = actor.id;
  } else if (deed.what == "assign") {
    ticket->doc["responder_id"] = with["to"].missing() ? json(actor.id) : agent(with["to"].text())["id"];
  } else if (deed.what == "reopen") {
    ticket->doc["status"] = 2;
  } else if (deed.what == "comment") {
    if (text.empty()) return cannot("a comment needs text");
    if (is_customer) ticket->doc["status"] = 2;  // the account's rule [7]
  } else if (deed.what != "delete") {
    return cannot("no such deed: " + deed.what);
  }
  if (!text.empty()) {
    const bool is_public = with["public"].boolean().value_or(true);
    uploads_.clear();
    (void)say(*ticket, {{"body", text}, {"private", !is_public}}, actor, is_public, now);
  }
  ticket->deleted = deed.what == "delete";
  touch(*ticket, now);
  auto events = announce(before, *ticket, actor, now);
  for (std::size_t i = 0; i < events.size(); ++i) tally_.effect("webhooks_sent");
  return events;
}

}  // namespace baton::freshdesk::simulated
