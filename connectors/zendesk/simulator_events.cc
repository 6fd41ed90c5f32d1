// What people do in Zendesk, and the event subscription webhooks that follow (fact sheet, section 7.1).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/zendesk/simulator.h"
#include "gateway/base/text.h"

namespace baton::zendesk::simulated {

std::string upper(std::string_view text) {
  std::string shouted(text);
  for (auto& c : shouted) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return shouted;
}

json text_or_null(const json& id) {
  const auto text = JsonView(id).id();
  return text ? json(*text) : json();
}

std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  return to_base64(simulation::hmac_sha256(secret, {timestamp, body}));
}

namespace {

json upper_or_null(const json& text) {
  return text.is_string() ? json(upper(text.get<std::string>())) : json();
}

json detail_of(const Ticket& ticket, const Actor& actor) {
  const auto& doc = ticket.doc;
  return {{"id", text_or_null(doc["id"])},
          {"external_id", doc["external_id"]},
          {"status", ticket.deleted ? json("DELETED") : upper_or_null(doc["status"])},
          {"custom_status", nullptr},
          {"priority", upper_or_null(doc["priority"])},
          {"type", upper_or_null(doc["type"])},
          {"subject", doc["subject"]},
          {"description", doc["description"]},
          {"requester_id", text_or_null(doc["requester_id"])},
          {"assignee_id", text_or_null(doc["assignee_id"])},
          {"group_id", text_or_null(doc["group_id"])},
          {"brand_id", nullptr},
          {"form_id", nullptr},
          {"organization_id", text_or_null(doc["organization_id"])},
          {"submitter_id", text_or_null(doc["submitter_id"])},
          {"actor_id", std::to_string(actor.id)},
          {"tags", doc["tags"]},
          {"is_public", doc["is_public"]},
          {"created_at", doc["created_at"]},
          {"updated_at", doc["updated_at"]},
          {"via", {{"channel", "web_service"}}}};
}

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "zendesk: " + std::move(why)); }

}  // namespace

simulation::Outbound Account::event(const Ticket& ticket, std::string_view type, json what,
                                    const Actor& actor, int position, TimePoint now) {
  what["meta"]["sequence"] = {{"id", sequence_}, {"position", position}};
  auto time = simulation::iso_millis(now);
  time.insert(time.size() - 1, "456789");  // the vendor writes nanoseconds
  const json envelope = {{"account_id", simulation::number_of(setup_, "account_id", 22129848)},
                         {"id", simulation::make_uuid(random_)},
                         {"type", "zen:event-type:ticket." + std::string(type)},
                         {"subject", "zen:ticket:" + std::to_string(ticket.doc["id"].get<Id>())},
                         {"time", time},
                         {"zendesk_event_version", "2022-11-06"},
                         {"event", std::move(what)},
                         {"detail", detail_of(ticket, actor)}};
  const auto body = simulation::dump(envelope);
  const auto secret = simulation::text_of(setup_, "webhook_secret", "zendesk-webhook-secret");
  Headers fixed = {{"content-type", "application/json; charset=utf-8"},
                   {"user-agent", "Zendesk Webhook"},
                   {"x-zendesk-account-id", simulation::text_of(setup_, "account_id", "22129848")},
                   {"x-zendesk-webhook-id", simulation::text_of(setup_, "webhook_id", "01HANDOFFWEBHOOK")},
                   {"x-zendesk-webhook-invocation-id", simulation::make_uuid(random_)}};
  const auto signed_at = [secret, body, fixed](int, TimePoint at) {
    auto headers = fixed;
    const auto timestamp = simulation::iso_seconds(at);
    headers["x-zendesk-webhook-signature-timestamp"] = timestamp;
    headers["x-zendesk-webhook-signature"] = webhook_signature(secret, timestamp, body);
    return Request("POST", "", body, std::move(headers));
  };
  simulation::Outbound outbound(signed_at(1, now));
  outbound.again = signed_at;
  return outbound;
}

// One webhook for each thing that changed, in one sequence.
std::vector<simulation::Outbound> Account::announce(const Ticket& before, const Ticket& after,
                                                    const Actor& actor, TimePoint now) {
  std::vector<simulation::Outbound> events;
  sequence_ = fmt::format("{:016X}", random_.bits());
  const auto add = [&](std::string_view type, json what) {
    events.push_back(event(after, type, std::move(what), actor, static_cast<int>(events.size()) + 1, now));
  };
  for (auto i = before.comments.size(); i < after.comments.size(); ++i) {
    const auto& comment = after.comments[i];
    const auto* author = find_user(comment["author_id"].get<Id>());
    add("comment_added", {{"comment",
                           {{"id", text_or_null(comment["id"])},
                            {"body", comment["body"]},
                            {"is_public", comment["public"]},
                            {"author",
                             {{"id", text_or_null(comment["author_id"])},
                              {"is_staff", author && (*author)["role"] != "end-user"},
                              {"name", author ? (*author)["name"] : json("")}}}}}});
  }
  if (before.doc["assignee_id"] != after.doc["assignee_id"]) {
    add("agent_assignment_changed", {{"current", text_or_null(after.doc["assignee_id"])},
                                     {"previous", text_or_null(before.doc["assignee_id"])}});
  }
  if (before.doc["group_id"] != after.doc["group_id"]) {
    add("group_assignment_changed", {{"current", text_or_null(after.doc["group_id"])},
                                     {"previous", text_or_null(before.doc["group_id"])}});
  }
  if (before.doc["priority"] != after.doc["priority"]) {
    add("priority_changed", {{"current", upper_or_null(after.doc["priority"])},
                             {"previous", upper_or_null(before.doc["priority"])}});
  }
  if (before.doc["status"] != after.doc["status"]) {
    add("status_changed",
        {{"current", upper_or_null(after.doc["status"])}, {"previous", upper_or_null(before.doc["status"])}});
  }
  if (!before.deleted && after.deleted) add("soft_deleted", json::object());
  return events;
}

// An agent makes one of two tickets: the first is closed, with a private comment in both [3.8].
Result<std::vector<simulation::Outbound>> Account::merge(Ticket& ticket, JsonView with, const Actor& actor,
                                                         TimePoint now) {
  const auto target = with["into"].id().value_or("");
  auto* into = find_ticket(target);
  if (!into || into == &ticket || into->doc["status"] == "closed")
    return cannot("no such ticket to merge into");
  const auto tells = "," + simulation::text_of(setup_, "merges_tell", "event") + ",";
  const auto source = ticket.doc["id"].get<Id>();
  const auto before = ticket, target_before = *into;
  const auto said = [](std::string text) { return json{{"body", std::move(text)}, {"public", false}}; };
  (void)change(ticket,
               {{"status", "closed"},
                {"comment", said("This request was closed and merged into request #" + target + ".")}},
               actor, now);
  if (tells.find(",comment,") != std::string::npos) {
    ticket.comments.back()["via"] = {
        {"channel", "system"},
        {"source", {{"from", json::object()}, {"to", {{"ticket_id", into->doc["id"]}}}, {"rel", "merge"}}}};
  }
  (void)change(
      *into, {{"comment", said(fmt::format("Request #{} was closed and merged into this request.", source))}},
      actor, now);
  auto events = announce(before, ticket, actor, now);
  const auto position = static_cast<int>(events.size()) + 1;
  if (tells.find(",event,") != std::string::npos)
    events.push_back(event(ticket, "merged", {{"target_ticket_id", target}}, actor, position, now));
  if (tells.find(",bare_event,") != std::string::npos)
    events.push_back(event(ticket, "merged", json::object(), actor, position, now));
  for (auto& one : announce(target_before, *into, actor, now)) events.push_back(std::move(one));
  for (std::size_t i = 0; i < events.size(); ++i) tally_.effect("webhooks_sent");
  return events;
}

Result<std::vector<simulation::Outbound>> Account::act(const simulation::Deed& deed, TimePoint now) {
  if (deed.what == "expire_tokens") {
    tokens_.clear();
    return std::vector<simulation::Outbound>();
  }
  const JsonView with(deed.with);
  auto* ticket = find_ticket(with["ticket"].id().value_or(""));
  if (!ticket) return cannot("no such ticket");
  if (ticket->doc["status"] == "closed" && deed.what != "delete") return cannot("the ticket is closed");
  // Who does it: the requester by name or address, everybody else is an agent.
  const auto by = with["by"].text("Dana Agent");
  const auto* requester = find_user(ticket->doc["requester_id"].get<Id>());
  const bool is_customer = requester && (by == "requester" || JsonView(*requester)["email"].text() == by ||
                                         JsonView(*requester)["name"].text() == by);
  const json user = is_customer ? *requester : agent(by, now);
  const Actor actor{user["id"].get<Id>(), user["name"].get<std::string>(), !is_customer};

  if (deed.what == "merge") return merge(*ticket, with, actor, now);
  json fields = json::object();
  if (const auto text = with["text"].text(); !text.empty()) {
    fields["comment"] = {{"body", text}, {"public", with["public"].boolean().value_or(true)}};
  }
  const auto status = ticket->doc["status"].get<std::string>();
  if (deed.what == "solve" || deed.what == "close") {
    // A ticket cannot be solved without an assignee.
    if (ticket->doc["assignee_id"].is_null()) fields["assignee_id"] = actor.id;
    fields["status"] = deed.what == "solve" ? "solved" : "closed";
  } else if (deed.what == "assign") {
    fields["assignee_id"] = with["to"].missing() ? json(actor.id) : agent(with["to"].text(), now)["id"];
    if (status == "new") fields["status"] = "open";
  } else if (deed.what == "reopen") {
    fields["status"] = "open";
  } else if (deed.what == "comment") {
    if (fields.empty()) return cannot("a comment needs text");
    if (is_customer && (status == "solved" || status == "pending")) fields["status"] = "open";
  } else if (deed.what != "delete") {
    return cannot("no such deed: " + deed.what);
  }
  const auto before = *ticket;
  (void)change(*ticket, fields, actor, now);
  ticket->deleted = deed.what == "delete";
  auto events = announce(before, *ticket, actor, now);
  for (std::size_t i = 0; i < events.size(); ++i) tally_.effect("webhooks_sent");
  return events;
}

}  // namespace baton::zendesk::simulated
