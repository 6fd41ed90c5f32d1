// Tickets: create, update, read (fact sheet, sections 3.2, 3.3, 3.4, 3.5, 4).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/zendesk/simulator.h"
#include "gateway/base/text.h"

namespace baton::zendesk::simulated {
namespace {

constexpr std::size_t kMaxComments = 5000;

// The fields that are kept as they come.
constexpr auto kPlainFields = std::to_array<std::string_view>(
    {"subject", "external_id", "priority", "status", "type", "group_id", "assignee_id", "organization_id",
     "brand_id", "ticket_form_id", "custom_status_id", "problem_id", "due_at", "recipient", "tags"});

// Text of HTML, well enough for a reader of the ledger.
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

}  // namespace

Ticket* Account::find_ticket(std::string_view id) {
  for (auto& [number, ticket] : tickets_) {
    if (!ticket.deleted && std::to_string(number) == id) return &ticket;
  }
  return nullptr;
}

void Account::remember(Ticket& ticket, TimePoint now) { ticket.history.emplace_back(now, ticket.doc); }

// --- changes

json Account::add_comment(Ticket& ticket, const json& comment, const Actor& actor, TimePoint now) {
  const JsonView view(comment);
  json attachments = json::array();
  for (const auto token : items(view["uploads"])) {
    auto& upload = uploads_.find(token.text())->second;
    upload.used = true;
    for (const auto& attachment : upload.attachments) attachments.push_back(attachment);
  }
  // If both are given the HTML is taken: unconfirmed [8].
  const auto html = view["html_body"].text(), plain = html.empty() ? view["body"].text() : without_tags(html);
  const bool is_public = view["public"].boolean().value_or(!ticket.private_by_default);
  const auto author = view["author_id"].integer().value_or(actor.id);
  const json added = {{"id", next_id_++},
                      {"type", "Comment"},
                      {"author_id", author},
                      {"body", plain},
                      {"html_body", html.empty() ? plain : html},
                      {"plain_body", plain},
                      {"public", is_public},
                      {"attachments", attachments},
                      {"created_at", simulation::iso_seconds(now)}};
  if (ticket.comments.empty()) {
    ticket.private_by_default = !is_public;
    ticket.doc["description"] = plain;
  }
  ticket.doc["is_public"] = ticket.doc.value("is_public", false) || is_public;
  ticket.comments.push_back(added);
  // The description is a comment, but no note that anybody added.
  if (ticket.comments.size() > 1) tally_.effect(is_public ? "replies_added" : "notes_added");
  return added;
}

json Account::change(Ticket& ticket, const json& fields, const Actor& actor, TimePoint now) {
  json events = json::array();
  for (const auto key : kPlainFields) {
    const auto value = fields.find(key);
    if (value == fields.end() || ticket.doc.value(std::string(key), json()) == *value) continue;
    events.push_back({{"id", next_id_++},
                      {"type", ticket.audits.empty() ? "Create" : "Change"},
                      {"field_name", key},
                      {"value", *value},
                      {"previous_value", ticket.doc.value(std::string(key), json())}});
    ticket.doc[std::string(key)] = *value;
  }
  const JsonView view(fields);
  if (const auto email = view["assignee_email"].text(); !email.empty()) {
    if (const auto* user = find_user_by("email", email)) ticket.doc["assignee_id"] = (*user)["id"];
  }
  for (const auto field : items(view["custom_fields"])) {
    auto& kept = ticket.doc["custom_fields"];
    const auto same = std::find_if(kept.begin(), kept.end(),
                                   [&](const json& f) { return f["id"] == (*field.raw())["id"]; });
    if (same == kept.end()) {
      kept.push_back(*field.raw());
    } else {
      *same = *field.raw();
    }
  }
  if (view["comment"].object()) events.push_back(add_comment(ticket, fields["comment"], actor, now));
  ticket.doc["updated_at"] = simulation::iso_seconds(now);
  const auto* custom = view["metadata"].raw();
  const json audit = {
      {"id", next_id_++},
      {"ticket_id", ticket.doc["id"]},
      {"author_id", actor.id},
      {"created_at", simulation::iso_seconds(now)},
      {"metadata",
       {{"system", json::object()}, {"custom", custom && custom->is_object() ? *custom : json::object()}}},
      {"events", std::move(events)}};
  ticket.audits.push_back(audit);
  remember(ticket, now);
  return audit;
}

Id Account::requester_of(const json& fields, TimePoint now) {
  const JsonView view(fields);
  if (const auto id = view["requester_id"].integer()) return *id;
  const auto requester = view["requester"];
  if (!requester.object()) return baton_user_;
  if (const auto* known = find_user_by("email", requester["email"].text())) return (*known)["id"];
  tally_.effect("users_created");
  return add_user({{"name", requester["name"].text()}, {"email", requester["email"].text()}}, now)["id"];
}

// Precondition: the fields were checked, or come from the seed.
Reply Account::make_ticket(const json& fields, TimePoint now) {
  const auto id = JsonView(fields)["id"].integer().value_or(next_ticket_++);
  const auto requester = requester_of(fields, now);
  const auto url = fmt::format("{}/api/v2/tickets/{}.json", self_url_, id);
  auto& ticket = tickets_[id];
  ticket.doc = {{"id", id},
                {"url", url},
                {"external_id", nullptr},
                {"subject", nullptr},
                {"description", nullptr},
                {"status", "new"},
                {"priority", nullptr},
                {"type", nullptr},
                {"requester_id", requester},
                {"submitter_id", JsonView(fields)["submitter_id"].integer().value_or(baton_user_)},
                {"assignee_id", nullptr},
                {"group_id", nullptr},
                {"organization_id", nullptr},
                {"tags", json::array()},
                {"custom_fields", json::array()},
                {"via", {{"channel", "api"}}},
                {"from_messaging_channel", false},
                {"is_public", false},
                {"created_at", simulation::iso_seconds(now)},
                {"updated_at", simulation::iso_seconds(now)}};
  const Actor actor{ticket.doc["submitter_id"], "", true};
  const auto audit = change(ticket, fields, actor, now);
  return simulation::json_reply(201, {{"ticket", ticket.doc}, {"audit", audit}}, {{"location", url}});
}

// --- the endpoints

// Idempotency-Key, the one native key: of creations only, for two hours [4]. Only what was created is
// kept under it: that a refusal is kept too is nowhere said.
Reply Account::create_ticket(const Call& call) {
  const std::string key(header(call.raw.headers, "idempotency-key"));
  if (const auto stored = answers_.find(key); !key.empty() && stored != answers_.end()) {
    if (stored->second.ends <= call.now()) {
      answers_.erase(stored);
    } else if (stored->second.parameters != call.body) {
      return refuse(
          400, "IdempotentRequestError",
          "The request parameters do not match those of the first request with this Idempotency-Key");
    } else {
      tally_.effect("idempotency_hits");
      auto again = stored->second.reply;
      again.headers["x-idempotency-lookup"] = "hit";
      return again;
    }
  }
  const auto found = call.body.find("ticket");
  if (found == call.body.end() || !found->is_object()) return invalid_attribute("ticket", "an object");
  if (auto refused = check_ticket(*found, true, call.now())) return *std::move(refused);
  auto reply = make_ticket(*found, call.now());
  tally_.effect("tickets_created");
  if (!key.empty()) {
    answers_.insert_or_assign(key, StoredAnswer{call.body, reply, call.now() + 2h});
    reply.headers["x-idempotency-lookup"] = "miss";
  }
  return reply;
}

Reply Account::update_ticket(const Call& call) {
  auto* ticket = find_ticket(call.args[0]);
  if (!ticket) return not_found();
  const auto limit = simulation::limit_of(setup_, "update_per_ticket", 30);
  auto& window = ticket_updates_.try_emplace(ticket->doc["id"].get<Id>(), limit, 10min).first->second;
  if (auto refused = over_limit("ticket-updates", window, call.now())) return *std::move(refused);
  if (auto refused = over_limit("tickets-update", updates_, call.now())) return *std::move(refused);
  const auto found = call.body.find("ticket");
  if (found == call.body.end() || !found->is_object()) return invalid_attribute("ticket", "an object");
  if (ticket->doc["status"] == "closed") {
    return invalid_record("status", "ClosedTicket", "Status: closed prevents ticket update");
  }
  if (auto refused = check_ticket(*found, false, call.now())) return *std::move(refused);
  if (auto refused = check_stamp(*ticket, *found)) return *std::move(refused);
  if (found->contains("comment") && ticket->comments.size() >= kMaxComments) {
    return invalid_record("comment", "TooMany", "Ticket has too many comments");
  }
  const auto before = *ticket;
  const Actor baton{baton_user_, "Baton", true};
  const auto audit = change(*ticket, *found, baton, call.now());
  tally_.effect("tickets_updated");
  if (before.doc["status"] != ticket->doc["status"]) tally_.effect("statuses_set");
  if (simulation::flag_of(setup_, "echo", false)) {
    for (auto& outbound : announce(before, *ticket, baton, call.now()))
      outbox_.push_back(std::move(outbound));
  }
  return simulation::json_reply(200, {{"ticket", ticket->doc}, {"audit", audit}});
}

Reply Account::show_ticket(const Call& call) {
  const auto* ticket = find_ticket(call.args[0]);
  return ticket ? simulation::json_reply(200, {{"ticket", ticket->doc}}) : not_found();
}

// By external_id, without the delay of search unless the setup says otherwise [3.4].
Reply Account::list_tickets(const Call& call) {
  if (auto refused = over_limit("tickets-index", index_, call.now())) return *std::move(refused);
  const auto wanted = query_value(call.raw.target, "external_id");
  const auto known_before = call.now() - simulation::seconds_of(setup_, "list_lag", 0);
  const auto is_known = [&](const json& doc) {
    return simulation::read_iso(doc["created_at"].get<std::string>()).value_or(call.now()) <= known_before;
  };
  json found = json::array();
  for (const auto& [id, ticket] : tickets_) {
    const bool fits = !wanted || ticket.doc["external_id"] == *wanted;
    if (!ticket.deleted && fits && is_known(ticket.doc)) found.push_back(ticket.doc);
  }
  auto reply = page(call, "tickets", std::move(found));
  if (index_.limit() > 0) {
    reply.headers["zendesk-ratelimit-tickets-index"] =
        fmt::format("total={}; remaining={}; resets={}", index_.limit(), index_.remaining(call.now()),
                    simulation::whole_seconds(index_.resets_in(call.now())));
  }
  return reply;
}

Reply Account::list_audits(const Call& call) {
  const auto* ticket = find_ticket(call.args[0]);
  return ticket ? page(call, "audits", ticket->audits) : not_found();
}

Reply Account::list_comments(const Call& call) {
  const auto* ticket = find_ticket(call.args[0]);
  if (!ticket) return not_found();
  auto comments = ticket->comments;
  if (call.query("sort") == "-created_at" || call.query("sort_order") == "desc") {
    std::reverse(comments.begin(), comments.end());
  }
  auto reply = page(call, "comments", std::move(comments));
  if (call.query("include") != "users") return reply;
  auto body = json::parse(reply.body);
  body["users"] = json::array();
  for (const auto& user : users_) {
    const auto wrote = [&](const json& comment) { return comment["author_id"] == user["id"]; };
    if (std::any_of(body["comments"].begin(), body["comments"].end(), wrote)) body["users"].push_back(user);
  }
  reply.body = simulation::dump(body);
  return reply;
}

Reply Account::show_tags(const Call& call) {
  const auto* ticket = find_ticket(call.args[0]);
  return ticket ? simulation::json_reply(200, {{"tags", ticket->doc["tags"]}}) : not_found();
}

// PUT adds, POST sets, DELETE removes [3.3].
Reply Account::change_tags(const Call& call) {
  auto* ticket = find_ticket(call.args[0]);
  if (!ticket) return not_found();
  const auto given = call.body.find("tags");
  if (given == call.body.end() || !is_list_of_texts(*given)) {
    return invalid_attribute("tags", "an array of strings");
  }
  if (ticket->doc["status"] == "closed") {
    return invalid_record("status", "ClosedTicket", "Status: closed prevents ticket update");
  }
  if (auto refused = check_stamp(*ticket, call.body)) return *std::move(refused);
  json tags = call.raw.method == "POST" ? json::array() : ticket->doc["tags"];
  for (const auto& tag : *given) {
    const auto at = std::find(tags.begin(), tags.end(), tag);
    if (call.raw.method == "DELETE" && at != tags.end()) tags.erase(at);
    if (call.raw.method != "DELETE" && at == tags.end()) tags.push_back(tag);
  }
  if (tags != ticket->doc["tags"]) {
    tally_.effect("tags_changed");
    (void)change(*ticket, {{"tags", tags}}, Actor{baton_user_, "Baton", true}, call.now());
  }
  return simulation::json_reply(call.raw.method == "POST" ? 201 : 200, {{"tags", tags}});
}

}  // namespace baton::zendesk::simulated
