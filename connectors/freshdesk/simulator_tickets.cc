// Tickets and what is said on them (fact sheet, sections 3.2 to 3.6).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/freshdesk/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::freshdesk::simulated {
namespace {

// The fields that are kept as they come. custom_fields too: whether an update merges them is unconfirmed
// [3.4], so here it replaces them.
constexpr auto kPlainFields = std::to_array<std::string_view>(
    {"subject", "status", "priority", "source", "type", "group_id", "responder_id", "company_id",
     "product_id", "email_config_id", "cc_emails", "tags", "due_by", "fr_due_by", "custom_fields"});

bool includes(const Call& call, std::string_view what) {
  const auto include = call.query("include");
  const auto parts = split(include, ',');
  return std::find(parts.begin(), parts.end(), what) != parts.end();
}

bool is_done(const json& doc) { return doc["status"] == 4 || doc["status"] == 5; }

}  // namespace

std::string without_tags(std::string_view html) {
  std::string text;
  bool inside = false;
  for (const char c : html) {
    if (c == '<') inside = true;
    if (!inside) text += c;
    if (c == '>') inside = false;
  }
  return text;
}

std::string without_scripts(std::string_view html) {
  std::string kept(html);
  constexpr std::pair<std::string_view, std::string_view> kOut[] = {
      {"<script", "</script>"}, {"<style", "</style>"}, {"<!--", "-->"}};
  for (const auto& [open, close] : kOut) {
    for (auto at = to_lower(kept).find(open); at != std::string::npos; at = to_lower(kept).find(open)) {
      const auto end = to_lower(kept).find(close, at);
      kept.erase(at, end == std::string::npos ? std::string::npos : end + close.size() - at);
    }
  }
  return kept;
}

bool has_tag(const Ticket& ticket, std::string_view tag) {
  const auto& tags = ticket.doc["tags"];
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

Ticket* Account::find_ticket(std::string_view id) {
  for (auto& [number, ticket] : tickets_) {
    if (!ticket.deleted && std::to_string(number) == id) return &ticket;
  }
  return nullptr;
}

void Account::touch(Ticket& ticket, TimePoint now) {
  ticket.doc["updated_at"] = simulation::iso_seconds(now);
  ticket.history.emplace_back(now, ticket.doc);
}

// unique_external_id is the requester's; who is not known yet becomes a contact [3.2].
Id Account::requester_of(const json& fields, TimePoint now) {
  const JsonView view(fields);
  if (const auto id = view["requester_id"].integer()) return *id;
  json person = json::object();
  for (const auto* key : {"unique_external_id", "email", "phone", "twitter_id"}) {
    const auto value = view[key].text();
    if (const auto* known = find_contact_by(key, value)) return (*known)["id"];
    if (!value.empty()) person[key] = value;
  }
  person["name"] = view["name"].text(view["email"].text("Unknown"));
  tally_.effect("contacts_created");
  return add_contact(std::move(person), now)["id"];
}

json Account::keep_uploads(Ticket& ticket, TimePoint now) {
  json kept = json::array();
  for (const auto& upload : uploads_) {
    const auto id = next_id_++;
    ticket.attached_bytes += upload.bytes;
    tally_.effect("files_attached");
    kept.push_back({{"id", id},
                    {"name", upload.name},
                    {"content_type", upload.type},
                    {"size", upload.bytes},
                    {"attachment_url", fmt::format("{}/helpdesk/attachments/{}", self_url_, id)},
                    {"created_at", simulation::iso_seconds(now)}});
  }
  return kept;
}

// Precondition: the fields were checked, or come from the seed.
Ticket& Account::make_ticket(const json& fields, TimePoint now) {
  const JsonView view(fields);
  const auto id = view["id"].integer().value_or(next_ticket_++);
  const auto requester = requester_of(fields, now);
  const auto html = without_scripts(view["description"].text());
  auto& ticket = tickets_[id];
  ticket.web_chat = view["web_chat"].boolean().value_or(false);
  ticket.doc = {{"id", id},
                {"requester_id", requester},
                {"subject", nullptr},
                {"description", html},
                {"description_text", without_tags(html)},
                {"status", 2},
                {"priority", 1},
                {"source", 2},
                {"type", nullptr},
                {"group_id", nullptr},
                {"responder_id", nullptr},
                {"company_id", nullptr},
                {"product_id", nullptr},
                {"tags", json::array()},
                {"cc_emails", json::array()},
                {"custom_fields", json::object()},
                {"spam", false},
                {"created_at", simulation::iso_seconds(now)}};
  for (const auto key : kPlainFields) {
    if (const auto* value = view[key].raw(); value && !value->is_null())
      ticket.doc[std::string(key)] = *value;
  }
  ticket.doc["attachments"] = keep_uploads(ticket, now);
  touch(ticket, now);
  return ticket;
}

json Account::say(Ticket& ticket, const json& fields, const Actor& actor, bool is_reply, TimePoint now) {
  const JsonView view(fields);
  auto html = without_scripts(view["body"].text());
  if (const auto parts = view.at_path("structured_body.body_contents").list()) {
    for (const auto part : *parts) html += part["data"].text();
  }
  const bool is_private = !is_reply && view["private"].boolean().value_or(true);
  const json part = {{"id", next_id_++},
                     {"ticket_id", ticket.doc["id"]},
                     {"body", html},
                     {"body_text", without_tags(html)},
                     {"incoming", view["incoming"].boolean().value_or(!actor.is_staff)},
                     {"private", is_private},
                     {"user_id", view["user_id"].integer().value_or(actor.id)},
                     {"source", is_reply || !actor.is_staff ? 0 : 2},
                     {"attachments", keep_uploads(ticket, now)},
                     {"created_at", simulation::iso_seconds(now)},
                     {"updated_at", simulation::iso_seconds(now)}};
  ticket.conversations.push_back(part);
  tally_.effect(is_private ? "notes_added" : "replies_added");
  if (is_reply) tally_.effect("mails_sent");
  touch(ticket, now);
  return part;
}

void Account::announce_own(const Ticket& before, const Ticket& after, TimePoint now) {
  if (!simulation::flag_of(setup_, "echo", false)) return;
  for (auto& outbound : announce(before, after, {baton_agent_, "Baton", true}, now)) {
    outbox_.push_back(std::move(outbound));
  }
}

// --- the endpoints

Reply Account::create_ticket(const Call& call) {
  if (auto refused = over_limit(creates_, call.now())) return *std::move(refused);
  if (auto refused = check_ticket(call.body, true)) return *std::move(refused);
  if (auto refused = check_size(0)) return *std::move(refused);
  const auto& ticket = make_ticket(call.body, call.now());
  tally_.effect("tickets_created");
  const auto location = fmt::format("{}/api/v2/tickets/{}", self_url_, ticket.doc["id"].get<Id>());
  return simulation::json_reply(201, ticket.doc, {{"location", location}});
}

Reply Account::update_ticket(const Call& call) {
  if (auto refused = over_limit(updates_, call.now())) return *std::move(refused);
  auto* ticket = find_ticket(call.args[0]);
  if (!ticket) return Reply(404);
  if (auto refused = check_ticket(call.body, false)) return *std::move(refused);
  auto wanted = ticket->doc;
  for (const auto key : kPlainFields) {
    if (const auto found = call.body.find(key); found != call.body.end()) wanted[std::string(key)] = *found;
  }
  if (is_done(wanted) && !is_done(ticket->doc)) {
    if (auto refused = check_required(wanted, "required_on_close")) return *std::move(refused);
  }
  const auto before = *ticket;
  if (ticket->doc["status"] != wanted["status"]) tally_.effect("statuses_set");
  ticket->doc = std::move(wanted);
  touch(*ticket, call.now());
  tally_.effect("tickets_updated");
  announce_own(before, *ticket, call.now());
  return simulation::json_reply(200, ticket->doc);
}

Reply Account::show_ticket(const Call& call) {
  const auto* ticket = find_ticket(call.args[0]);
  if (!ticket) return Reply(404);
  charge_includes(call);
  auto shown = ticket->doc;
  if (includes(call, "conversations")) {
    shown["conversations"] = json::array();  // ten of them at most [3.5]
    for (std::size_t i = 0; i < ticket->conversations.size() && i < 10; ++i) {
      shown["conversations"].push_back(ticket->conversations[i]);
    }
  }
  if (includes(call, "requester")) {
    const auto* contact = find_contact(shown["requester_id"].get<Id>());
    if (contact) {
      shown["requester"] = {
          {"id", (*contact)["id"]}, {"name", (*contact)["name"]}, {"email", (*contact)["email"]}};
    }
  }
  if (includes(call, "stats")) {
    const auto when = is_done(shown) ? shown["updated_at"] : json();
    shown["stats"] = {{"resolved_at", when}, {"closed_at", shown["status"] == 5 ? when : json()}};
  }
  return simulation::json_reply(200, shown);
}

// Without the delay of search; of the last thirty days unless it is said how far back [3.5].
Reply Account::list_tickets(const Call& call) {
  if (auto refused = over_limit(ticket_lists_, call.now())) return *std::move(refused);
  charge_includes(call);
  const auto since_text = query_value(call.raw.target, "updated_since");
  const auto since = since_text ? simulation::read_iso(*since_text) : std::nullopt;
  if (since_text && !since)
    return invalid(400, "updated_since", "It should be in the 'combined date and time ISO8601' format",
                   "invalid_value");
  for (const auto* key : {"email", "unique_external_id"}) {
    const auto wanted = query_value(call.raw.target, key);
    if (wanted && !find_contact_by(key, *wanted))
      return invalid(400, key, fmt::format("There is no contact matching the given {}", key),
                     "invalid_value");
  }
  const auto of_contact = [&](const Ticket& ticket, const char* key) {
    const auto wanted = query_value(call.raw.target, key);
    if (!wanted) return true;
    const auto* contact = find_contact(ticket.doc["requester_id"].get<Id>());
    return contact && equals_ignoring_case(JsonView(*contact)[key].text(), *wanted);
  };
  const auto same_id = [&](const Ticket& ticket, const char* key) {
    const auto wanted = query_value(call.raw.target, key);
    return !wanted || JsonView(ticket.doc)[key].id() == *wanted;
  };
  std::vector<json> found;
  for (const auto& [id, ticket] : tickets_) {
    const auto at = simulation::read_iso(ticket.doc[since ? "updated_at" : "created_at"].get<std::string>());
    if (ticket.deleted || !at || *at < since.value_or(call.now() - std::chrono::days(30))) continue;
    if (!same_id(ticket, "requester_id") || !same_id(ticket, "company_id")) continue;
    if (!of_contact(ticket, "email") || !of_contact(ticket, "unique_external_id")) continue;
    found.push_back(ticket.doc);
    if (!includes(call, "description")) {  // as newer accounts do
      found.back().erase("description");
      found.back().erase("description_text");
    }
  }
  const auto order = call.query("order_by");
  const std::string key =
      order == "updated_at" || order == "due_by" || order == "status" ? order : "created_at";
  const bool ascending = call.query("order_type") == "asc";
  std::sort(found.begin(), found.end(), [&](const json& a, const json& b) {
    const auto& first = ascending ? a : b;
    const auto& second = ascending ? b : a;
    const auto left = first.value(key, json()), right = second.value(key, json());
    return left == right ? first["id"] < second["id"] : left < right;
  });
  return page(call, json(found), 30);
}

Reply Account::list_conversations(const Call& call) {
  const auto* ticket = find_ticket(call.args[0]);
  return ticket ? page(call, ticket->conversations, 30) : Reply(404);
}

Reply Account::converse(const Call& call, bool is_reply) {
  auto* ticket = find_ticket(call.args[0]);
  if (!ticket) return Reply(404);
  if (auto refused = check_conversation(*ticket, call.body, is_reply)) return *std::move(refused);
  if (auto refused = check_size(ticket->attached_bytes)) return *std::move(refused);
  const auto before = *ticket;
  const auto part = say(*ticket, call.body, {baton_agent_, "Baton", true}, is_reply, call.now());
  announce_own(before, *ticket, call.now());
  return simulation::json_reply(201, part);
}

Reply Account::add_note(const Call& call) { return converse(call, false); }
Reply Account::add_reply(const Call& call) { return converse(call, true); }

}  // namespace baton::freshdesk::simulated
