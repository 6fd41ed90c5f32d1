// Tickets, their types and states (fact sheet, section 3.6).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/intercom/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::intercom::simulated {
namespace {

json attribute(const char* id, const char* name, bool required) {
  return {{"type", "ticket_type_attribute"}, {"id", id},         {"name", name}, {"data_type", "string"},
          {"required_to_create", required},  {"archived", false}};
}

const json& ticket_types() {
  static const auto* const types =
      new json(json::array({{{"type", "ticket_type"},
                             {"id", "88"},
                             {"name", "Handoff"},
                             {"category", "Customer"},
                             {"archived", false},
                             {"ticket_type_attributes",
                              {{"type", "list"},
                               {"data", json::array({attribute("196", "_default_title_", true),
                                                     attribute("197", "_default_description_", false),
                                                     attribute("198", "baton_handoff_id", false)})}}}},
                            {{"type", "ticket_type"},
                             {"id", "89"},
                             {"name", "Back office"},
                             {"category", "Back-office"},
                             {"archived", false},
                             {"ticket_type_attributes",
                              {{"type", "list"},
                               {"data", json::array({attribute("201", "_default_title_", true),
                                                     attribute("202", "_default_description_", false),
                                                     attribute("203", "baton_handoff_id", false)})}}}}}));
  return *types;
}

const json& ticket_states() {
  static const auto* const states = [] {
    auto* all = new json(json::array());
    int id = 8497;
    for (const auto& [category, label] :
         std::initializer_list<std::pair<const char*, const char*>>{{"submitted", "Submitted"},
                                                                    {"in_progress", "In progress"},
                                                                    {"waiting_on_customer", "Waiting on you"},
                                                                    {"resolved", "Resolved"}}) {
      all->push_back({{"type", "ticket_state"},
                      {"id", std::to_string(id++)},
                      {"category", category},
                      {"internal_label", label},
                      {"external_label", label}});
    }
    return all;
  }();
  return *states;
}

const json* with(const json& list, const char* key, std::string_view value) {
  for (const auto& one : list) {
    if (one[key] == value) return &one;
  }
  return nullptr;
}

json listed(const json& all) { return {{"type", "list"}, {"data", all}}; }

}  // namespace

Reply Workspace::list_ticket_types(const Call&) {
  return simulation::json_reply(200, listed(ticket_types()));
}

Reply Workspace::list_ticket_states(const Call&) {
  return simulation::json_reply(200, listed(ticket_states()));
}

json Workspace::shown(const Ticket& ticket) const {
  auto all = ticket.doc;
  all["ticket_parts"] = {
      {"type", "ticket_part.list"}, {"ticket_parts", ticket.parts}, {"total_count", ticket.parts.size()}};
  return all;
}

json Workspace::add_ticket_part(Ticket& to, std::string_view type, json body, json author, TimePoint now) {
  const json part = {{"type", "ticket_part"},
                     {"id", std::to_string(200000 + next_id_++)},
                     {"part_type", type},
                     {"body", std::move(body)},
                     {"created_at", simulation::epoch_seconds(now)},
                     {"updated_at", simulation::epoch_seconds(now)},
                     {"author", std::move(author)},
                     {"attachments", json::array()},
                     {"redacted", false},
                     {"app_package_code", nullptr}};
  to.parts.push_back(part);
  remember(to, now);
  return part;
}

Ticket& Workspace::add_ticket(const json& type, const Kept& from, json attributes, TimePoint now) {
  const auto id = new_id();
  auto& made = tickets_[id];
  made.created = now;
  made.doc = {
      {"type", "ticket"},
      {"id", id},
      {"ticket_id", std::to_string(tickets_.size())},  // the number of the inbox, never to be used
      {"ticket_attributes", std::move(attributes)},
      {"ticket_state", ticket_states()[0]},
      {"ticket_type", type},
      {"contacts",
       {{"type", "contact.list"},
        {"contacts",
         json::array(
             {{{"type", "contact"}, {"id", from.doc["id"]}, {"external_id", from.doc["external_id"]}}})}}},
      {"admin_assignee_id", 0},
      {"team_assignee_id", 0},
      {"created_at", simulation::epoch_seconds(now)},
      {"open", true},
      {"linked_objects",
       {{"type", "list"}, {"data", json::array()}, {"total_count", 0}, {"has_more", false}}},
      {"category", type["category"]},
      {"is_shared", type["category"] == "Customer"}};
  remember(made, now);
  return made;
}

std::optional<Reply> Workspace::check_attributes(const json& type, const json& attributes, bool creating) {
  const auto& known = type["ticket_type_attributes"]["data"];
  for (const auto& [key, value] : attributes.items()) {
    const auto* one = with(known, "name", key);
    if (!one) return invalid(fmt::format("Ticket attribute '{}' does not exist", key));
    if (!value.is_string() && !value.is_null())
      return invalid(fmt::format("Ticket attribute '{}' must be a string", key));
    const auto most = key == "_default_title_" ? 250u : 4000u;  // as integrators cap them [8]
    if (value.is_string() && count_code_points(value.get_ref<const std::string&>()) > most) {
      return invalid(fmt::format("Ticket attribute '{}' is too long", key));
    }
  }
  for (const auto& one : known) {
    const auto& key = one["name"].get_ref<const std::string&>();
    if (creating && one["required_to_create"] == true && JsonView(attributes)[key].text().empty()) {
      return invalid(fmt::format("Ticket attribute '{}' is required", key));
    }
  }
  return std::nullopt;
}

Reply Workspace::create_ticket(const Call& call) {
  const JsonView body(call.body);
  const auto* type = with(ticket_types(), "id", body["ticket_type_id"].id().value_or(""));
  if (!type) return not_found("Ticket type not found");
  const auto contacts = body["contacts"].list();
  if (!contacts || contacts->size() != 1) return invalid("contacts must hold exactly one contact");
  const auto given = contacts->front();
  const auto attributes = member(call.body, "ticket_attributes");
  if (auto refused = check_attributes(*type, attributes, true)) return *std::move(refused);
  const auto linked = body["conversation_to_link_id"].text();
  const auto* to_link = linked.empty() ? nullptr : conversation(linked);
  if (!linked.empty() && !to_link) return not_found("Conversation not found");
  // A conversation takes back-office tickets and trackers, no customer ticket.
  if (to_link && (*type)["category"] == "Customer")
    return invalid("Conversation cannot be linked to a customer ticket");
  const auto team_id = JsonView(call.body).at_path("assignment.team_assignee_id").id().value_or("0");
  if (team_id != "0" && !team(team_id)) return refuse(404, "team_not_found", "Team not found");
  auto* who = contact(given["id"].text());
  if (!who) who = contact_by("external_id", given["external_id"].text());
  if (!who) who = contact_by("email", given["email"].text());
  if (!who && given["email"].text().find('@') != std::string::npos) {
    who = &add_contact({{"email", given["email"].text()}}, call.now());
    tally_.effect("contacts_created");
  }
  if (!who) return not_found("User Not Found");
  auto& made = add_ticket(*type, *who, attributes, call.now());
  made.doc["team_assignee_id"] = number_of(team_id);
  if (to_link) {
    made.doc["linked_objects"]["data"].push_back({{"type", "conversation"}, {"id", linked}});
    made.doc["linked_objects"]["total_count"] = 1;
  }
  remember(made, call.now());
  tally_.effect("tickets_created");
  return simulation::json_reply(200, shown(made));
}

Reply Workspace::show_ticket(const Call& call) {
  const auto found = tickets_.find(call.args[0]);
  return found == tickets_.end() ? not_found("Ticket not found")
                                 : simulation::json_reply(200, shown(found->second));
}

void Workspace::set_state(Ticket& ticket, const json& state, json author, TimePoint now) {
  ticket.doc["ticket_state"] = state;
  ticket.doc["open"] = state["category"] != "resolved";
  (void)add_ticket_part(ticket, "ticket_state_updated_by_admin", nullptr, std::move(author), now);
}

Reply Workspace::update_ticket(const Call& call) {
  const auto found = tickets_.find(call.args[0]);
  if (found == tickets_.end()) return not_found("Ticket not found");
  auto& ticket = found->second;
  const JsonView body(call.body);
  const auto attributes = member(call.body, "ticket_attributes");
  if (auto refused = check_attributes(ticket.doc["ticket_type"], attributes, false))
    return *std::move(refused);
  const json* state = nullptr;
  if (!body["ticket_state_id"].missing()) {
    state = with(ticket_states(), "id", body["ticket_state_id"].id().value_or(""));
    if (!state) {
      return refuse(400, "ticket_state_id_invalid",
                    "Ticket state id is not valid or is not associated with the ticket type");
    }
    // The state that it has already is refused [3.6, 10.3].
    if (ticket.doc["ticket_state"]["id"] == (*state)["id"]) {
      return invalid("Ticket cannot transition to the same state");
    }
  }
  if (!body["admin_id"].missing() && !admin(body["admin_id"].id().value_or(""))) {
    return refuse(404, "assignee_not_found", "Assignee not found");
  }
  for (const auto& [key, value] : attributes.items()) ticket.doc["ticket_attributes"][key] = value;
  if (const auto open = body["open"].boolean()) ticket.doc["open"] = *open;
  if (state) {
    // Whose doing it is says admin_id; without it nobody knows that it was ours.
    const auto* by = admin(body["admin_id"].id().value_or(""));
    const json nobody = {{"type", "bot"}, {"id", "991267998"}, {"name", "Operator"}, {"email", nullptr}};
    set_state(ticket, *state, by ? author_of(*by, "admin") : nobody, call.now());
    if (simulation::flag_of(setup_, "echo", false))
      outbox_.push_back(event("ticket.state.updated", item_of(ticket, ticket.parts.back()), call.now()));
  }
  remember(ticket, call.now());
  tally_.effect("tickets_updated");
  return simulation::json_reply(200, shown(ticket));
}

// Answers the part alone, unlike the reply to a conversation.
Reply Workspace::reply_to_ticket(const Call& call) {
  const auto found = tickets_.find(call.args[0]);
  if (found == tickets_.end()) return not_found();
  const JsonView body(call.body);
  const auto kind = body["message_type"].text();
  if (kind != "note" && kind != "comment") return invalid("message_type must be comment or note");
  if (body["type"].text() != "admin") {
    return refuse(400, "parameter_mismatch", "User replies are not allowed on Backoffice tickets");
  }
  if (auto refused = check_admin(call.body)) return *std::move(refused);
  json files = json::array();
  if (auto refused = check_files(call.body, files)) return *std::move(refused);
  if (trim(body["body"].text()).empty())
    return refuse(400, "parameter_not_found", "body not specified", "body");
  auto part = add_ticket_part(found->second, kind, body["body"].text(),
                              author_of(*admin(body["admin_id"].text()), "admin"), call.now());
  part["attachments"] = files;
  found->second.parts.back()["attachments"] = files;
  tally_.effect(kind == "note" ? "ticket_notes_added" : "ticket_comments_added");
  return simulation::json_reply(200, part);
}

// A conversation becomes a customer ticket of the same id [3.6].
Reply Workspace::convert(const Call& call) {
  auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  const auto* type = with(ticket_types(), "id", JsonView(call.body)["ticket_type_id"].id().value_or(""));
  if (!type) return not_found("Ticket type not found");
  if ((*type)["category"] != "Customer") return invalid("Ticket type is not a customer ticket type");
  if (tickets_.contains(call.args[0])) return invalid("Conversation is already a ticket");
  const auto attributes = member(call.body, "attributes");
  if (auto refused = check_attributes(*type, attributes, false)) return *std::move(refused);
  const auto* who = contact(one->doc["contacts"]["contacts"][0]["id"].get<std::string>());
  auto& made = add_ticket(*type, *who, attributes, call.now());
  auto moved = tickets_.extract(made.doc["id"].get<std::string>());
  moved.key() = call.args[0];
  moved.mapped().doc["id"] = call.args[0];
  moved.mapped().history.clear();
  remember(moved.mapped(), call.now());
  const auto& placed = tickets_.insert(std::move(moved)).position->second;
  tally_.effect("conversations_converted");
  return simulation::json_reply(200, shown(placed));
}

}  // namespace baton::intercom::simulated
