// What people and Fin do in Intercom, and the signed notifications that follow (fact sheet, section 7;
// fact sheet ingress, section 4.2a).
#include <fmt/format.h>

#include "connectors/intercom/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"
#include "secrets/crypto.h"

namespace baton::intercom::simulated {

std::string webhook_signature(std::string_view secret, std::string_view body) {
  const auto key = secrets::MacKey::make(secrets::Digest::sha1, secret);
  if (!key) return {};
  const auto mac = key->mac({body});
  return mac ? "sha1=" + to_hex(*mac) : std::string();
}

namespace {

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "intercom: " + std::move(why)); }

constexpr std::string_view kFinId = "991267999";

json fin() {
  return {{"type", "bot"},    {"id", kFinId},          {"name", "Fin"},
          {"email", nullptr}, {"from_ai_agent", true}, {"is_ai_answer", true}};
}

}  // namespace

// The same bytes and signature at each attempt: nothing of the time is signed.
simulation::Outbound Workspace::event(std::string_view topic, json item, TimePoint now) {
  const auto at = simulation::epoch_seconds(now);
  const json envelope = {{"type", "notification_event"},
                         {"app_id", simulation::text_of(setup_, "app_id", "abc123de")},
                         {"data", {{"type", "notification_event_data"}, {"item", std::move(item)}}},
                         {"links", json::object()},
                         {"id", "notif_" + simulation::make_uuid(random_)},
                         {"topic", topic},
                         {"delivery_status", "pending"},
                         {"delivery_attempts", 1},
                         {"delivered_at", 0},
                         {"first_sent_at", at},
                         {"created_at", at},
                         {"self", nullptr}};
  const auto body = simulation::dump(envelope);
  const auto secret = simulation::text_of(setup_, "client_secret", "intercom-client-secret");
  tally_.effect("webhooks_sent");
  return simulation::Outbound(Request("POST", "", body,
                                      {{"content-type", "application/json; charset=utf-8"},
                                       {"accept", "*/*"},
                                       {"user-agent", "intercom-parrot-service-client/1.0"},
                                       {"x-hub-signature", webhook_signature(secret, body)}}));
}

// A conversation with only the part that caused the event; plain text from version 2.15 on [1].
json Workspace::item_of(const Conversation& conversation, const json& part) const {
  auto item = conversation.doc;
  auto own = part;
  if (!simulation::flag_of(setup_, "webhook_html", false)) {
    item["source"]["body"] = plain_of(item["source"]["body"].get<std::string>());
    if (own.is_object() && own["body"].is_string()) own["body"] = plain_of(own["body"].get<std::string>());
  }
  json parts = json::array();
  if (own.is_object()) parts.push_back(std::move(own));
  const auto count = parts.size();
  item["conversation_parts"] = {
      {"type", "conversation_part.list"}, {"conversation_parts", std::move(parts)}, {"total_count", count}};
  return item;
}

void Workspace::echo(std::string_view topic, const Conversation& conversation, const json& part,
                     TimePoint now) {
  if (simulation::flag_of(setup_, "echo", false))
    outbox_.push_back(event(topic, item_of(conversation, part), now));
}

// A ticket with only the part that caused the event.
json Workspace::item_of(const Ticket& ticket, const json& part) const {
  auto item = shown(ticket);
  item["ticket_parts"]["ticket_parts"] = json::array({part});
  return item;
}

Result<std::vector<simulation::Outbound>> Workspace::act_on_ticket(const simulation::Deed& deed,
                                                                   TimePoint now) {
  const JsonView with(deed.with);
  const auto found = tickets_.find(with["ticket"].id().value_or(""));
  if (found == tickets_.end()) return cannot("no such ticket");
  auto& ticket = found->second;
  const auto author = author_of(person(with["by"].text("Dana Agent")), "admin");
  std::string topic;
  json part;
  if (deed.what == "reply" || deed.what == "note") {
    topic = deed.what == "reply" ? "ticket.admin.replied" : "ticket.note.created";
    part = add_ticket_part(ticket, deed.what == "reply" ? "comment" : "note",
                           "<p>" + with["text"].text() + "</p>", author, now);
  } else if (deed.what == "assign") {
    const auto to = person(with["to"].text("Dana Agent"))["id"].get<std::string>();
    ticket.doc["admin_assignee_id"] = number_of(to);
    topic = "ticket.admin.assigned";
    part = add_ticket_part(ticket, "assignment", nullptr, author, now);
    part["assigned_to"] = {{"type", "admin"}, {"id", to}};
  } else if (deed.what == "close" || deed.what == "state") {
    const auto category = deed.what == "close" ? std::string("resolved") : with["category"].text();
    topic = deed.what == "close" ? "ticket.closed" : "ticket.state.updated";
    auto state = ticket.doc["ticket_state"];
    state["category"] = category;
    set_state(ticket, state, author, now);
    part = ticket.parts.back();
  } else {
    return cannot("no such deed: " + deed.what);
  }
  auto item = item_of(ticket, part);
  // Of this topic the ticket stands one deeper, from version 2.15 on (the vendor's page on webhook models).
  if (topic == "ticket.closed") item = {{"type", "ticket"}, {"ticket", std::move(item)}};
  std::vector<simulation::Outbound> sent;
  sent.push_back(event(topic, std::move(item), now));
  return sent;
}

Result<std::vector<simulation::Outbound>> Workspace::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  std::vector<simulation::Outbound> sent;
  if (deed.what == "ping") {
    sent.push_back(event("ping", {{"type", "ping"}, {"message", "something something interzen"}}, now));
    return sent;
  }
  if (!with["ticket"].missing()) return act_on_ticket(deed, now);
  auto* one = conversation(with["conversation"].id().value_or(""));
  if (!one) return cannot("no such conversation");
  auto& doc = one->doc;
  const auto text = with["text"].text();
  const json body = text.empty() ? json() : json("<p>" + text + "</p>");
  const auto author = author_of(person(with["by"].text("Dana Agent")), "admin");
  const auto tell = [&](std::string_view topic, const json& part) {
    sent.push_back(event(topic, item_of(*one, part), now));
  };
  if (deed.what == "reply" || deed.what == "note") {
    const auto file = with["file"].text();
    if (text.empty() && file.empty()) return cannot("a " + deed.what + " needs text");
    const bool note = deed.what == "note";
    auto part = add_part(*one, note ? "note" : "comment", body, author, now);
    if (!file.empty()) {
      part["attachments"] = json::array({{{"type", "upload"},
                                          {"name", file},
                                          {"url", "https://downloads.intercomcdn.example/" + file},
                                          {"content_type", "text/plain"}}});
      one->parts.back() = part;
    }
    tell(note ? "conversation.admin.noted" : "conversation.admin.replied", part);
  } else if (deed.what == "say") {
    const bool opens = doc["state"] != "open";
    doc["state"] = "open";
    doc["open"] = true;
    const auto* who = contact(doc["contacts"]["contacts"][0]["id"].get<std::string>());
    tell("conversation.user.replied",
         add_part(*one, opens ? "open" : "comment", body, author_of(who->doc, "user"), now));
  } else if (deed.what == "fin") {
    doc["ai_agent_participated"] = true;
    if (!doc["ai_agent"].is_object()) {
      doc["ai_agent"] = {
          {"source_type", "workflow"}, {"last_answer_type", "ai_answer"}, {"resolution_state", nullptr}};
    }
    tell("conversation.operator.replied", add_part(*one, "comment", body, fin(), now));
  } else if (deed.what == "escalate") {
    // The usual sign that Fin gave up: it assigns, and its state says why (ingress, 4.2a).
    const auto to =
        with["team"].id().value_or(teams_.empty() ? "0" : teams_.front()["id"].get<std::string>());
    doc["ai_agent_participated"] = true;
    if (!doc["ai_agent"].is_object())
      doc["ai_agent"] = {{"source_type", "workflow"}, {"last_answer_type", "ai_answer"}};
    doc["ai_agent"]["resolution_state"] = with["state"].text("escalated");
    doc["team_assignee_id"] = number_of(to);
    auto part = add_part(*one, "assignment", body, fin(), now);
    part["assigned_to"] = {{"type", "team"}, {"id", to}};
    tell("conversation.admin.assigned", part);
  } else if (deed.what == "assign") {
    const bool to_team = !with["team"].missing();
    const auto to = to_team ? with["team"].id().value_or("0")
                            : person(with["to"].text(with["by"].text("Dana Agent")))["id"].get<std::string>();
    doc[to_team ? "team_assignee_id" : "admin_assignee_id"] = number_of(to);
    if (to_team) doc["admin_assignee_id"] = 0;  // the team's, until somebody of it takes it
    auto part = add_part(*one, "assignment", body, author, now);
    part["assigned_to"] = {{"type", to_team ? "team" : "admin"}, {"id", to}};
    tell("conversation.admin.assigned", part);
  } else if (deed.what == "unassign") {
    doc["admin_assignee_id"] = 0;
    tell("conversation.admin.assigned", add_part(*one, "assignment", body, author, now));
  } else if (deed.what == "close" || deed.what == "reopen" || deed.what == "snooze") {
    doc["state"] = deed.what == "close" ? "closed" : deed.what == "snooze" ? "snoozed" : "open";
    doc["open"] = deed.what != "close";
    const auto type = deed.what == "reopen" ? "open" : deed.what == "snooze" ? "snoozed" : "close";
    tell(deed.what == "close"    ? "conversation.admin.closed"
         : deed.what == "snooze" ? "conversation.admin.snoozed"
                                 : "conversation.admin.opened",
         add_part(*one, type, body, author, now));
  } else if (deed.what == "delete") {
    one->deleted = true;
    tell("conversation.deleted", json());
  } else {
    return cannot("no such deed: " + deed.what);
  }
  return sent;
}

}  // namespace baton::intercom::simulated
