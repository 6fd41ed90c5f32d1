// Purpose: Intercom: the conversation or ticket that stands for a handoff, and Intercom itself as the chat
// platform whose AI hands over. Source: fact sheet intercom; section numbers below are its own.
#include "connectors/sdk/vendor_clock.h"
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/intercom/context.h"
#include "connectors/intercom/conversation.h"
#include "connectors/intercom/errors.h"
#include "connectors/intercom/people.h"
#include "connectors/intercom/probe.h"
#include "connectors/intercom/webhook.h"
#include "connectors/intercom/wire.h"
#include "gateway/model/node.h"

namespace baton::intercom {
namespace {

using nlohmann::json;

// Whether a failed addition is worth holding the ticket's receipt back for another attempt.
bool is_passing(FailureKind kind) {
  using enum FailureKind;
  return kind == retryable || kind == rate_limited || kind == ambiguous || kind == auth_expired;
}

Failure without_target() {
  return Failure(FailureKind::rejected, "no conversation to work on: this delivery names none");
}

// B: a note carries our reference, and the conversation is read before it is written again (section 4).
sdk::Step note_step(std::string name, const Api& api, const Target& target, std::string_view html,
                    const std::string& reference, const std::string& url, const sdk::File* file = nullptr) {
  return sdk::Step(
      std::move(name), write_note(api, target, html, reference, file),
      [reference, url](const Reply& reply) { return read_note(reply, reference, url); },
      find_note(api, target, reference, url));
}

// To assign, close or open again has the same result (section 4).
sdk::Step change_step(std::string name, sdk::Write write, const Target& target, const std::string& url) {
  return sdk::Step(
      std::move(name), std::move(write),
      [target, url](const Reply& reply) { return read_target(reply, target, url); }, sdk::repeatable);
}

// A team or an attribute that the workspace does not have is no reason to leave the customer alone (sections
// 6, 10.5): whoever sorts the inbox finds the ticket without them.
Task<Receipt> open_as_ticket(const Api& api, const sdk::Order& order, const std::string& contact,
                             sdk::Session& session) {
  const auto settings = order.settings;
  const auto* given = JsonView(order.document)["ticket"].raw();
  const auto fields = given ? *given : json::object();
  const auto step = [&](std::string name, sdk::Write write) {
    return sdk::Step(
        std::move(name), std::move(write),
        [settings](const Reply& reply) { return read_ticket_id(reply, settings); },
        find_ticket(api, contact, order.external_id, settings));
  };
  auto whole = create_ticket(api, fields, contact, settings, order.external_id);
  auto plain = create_plain_ticket(api, fields, contact, settings, order.external_id);
  const bool same = whole.request().body == plain.request().body;
  auto made = co_await session.once(step("ticket", std::move(whole)));
  if (made || same || made.error().kind != FailureKind::rejected) co_return made;
  co_return co_await session.once(step("ticket_plain", std::move(plain)));
}

Task<Receipt> open_itself(const Api& api, const sdk::Order& order, sdk::Session& session) {
  const JsonView document(order.document);
  if (order.settings["opens"] == "same_conversation") {
    const auto id = document["conversation_id"].id().value_or("");
    if (id.empty()) co_return without_target();
    co_return Receipt(id, link_of(order.settings, Target::conversation(id)));
  }
  const auto contact = co_await ensure_contact(api, order, session);
  if (!contact) co_return contact.error();
  const auto settings = order.settings;
  if (settings["opens"] == "ticket")
    co_return co_await open_as_ticket(api, order, contact->object_id, session);
  sdk::Step conversation(
      "conversation",
      start_conversation(api, contact->object_id, document["message"].text("Handed over by the AI assistant"),
                         order.external_id),
      [settings](const Reply& reply) { return read_conversation_id(reply, settings); },
      find_conversation(api, contact->object_id, order.external_id, settings));
  co_return co_await session.once(std::move(conversation));
}

// What cannot be attached is said where the brief speaks of it.
Task<Done> attach(const Api& api, const sdk::Order& order, const Receipt& made, const sdk::File& file,
                  const std::string& number, sdk::Session& session) {
  const auto target = Target::from(made.object_id);
  const auto note = [&](const std::string& step, const std::string& words, const sdk::File* with) {
    return note_step(step, api, target, "<p>" + escaped(words) + "</p>", order.external_id + "." + step,
                     made.url, with);
  };
  if (const auto fitting = cut_to_fit(file)) {
    const auto kept = co_await session.once(note("file" + number, file.name, &*fitting));
    if (kept) co_return Done{};
    if (is_passing(kept.error().kind)) co_return kept.error();
  }
  const auto said =
      co_await session.once(note("missing" + number, file.name + " could not be attached.", nullptr));
  if (!said && is_passing(said.error().kind)) co_return said.error();
  co_return Done{};
}

// B, by the reference in the text that starts it (section 4). Brief, file and assignment come after it; what
// Intercom refuses of them does not undo it.
Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session) {
  const Api api(order.settings);
  const auto made = co_await open_itself(api, order, session);
  if (!made) co_return made.error();
  const auto target = Target::from(made->object_id);
  const auto brief = JsonView(order.document)["note"].text();
  if (!brief.empty()) {
    const auto noted = co_await session.once(
        note_step("brief", api, target, brief, order.external_id + ".brief", made->url));
    if (!noted && is_passing(noted.error().kind)) co_return noted.error();
  }
  int number = 0;
  for (const auto& file : order.files) {
    const auto kept = co_await attach(api, order, *made, file, std::to_string(++number), session);
    if (!kept) co_return kept.error();
  }
  const auto team = order.settings["team_id"];
  if (target.is_ticket || team.empty()) co_return *made;
  const auto assigned =
      co_await session.once(change_step("team", assign(api, target.id, "team", team), target, made->url));
  if (!assigned && is_passing(assigned.error().kind)) co_return assigned.error();
  co_return *made;
}

// The id of a state of this category; states are the workspace's own (section 3.6).
Result<std::string> state_of(const Reply& reply, std::string_view category) {
  const auto body = parsed(reply, FailureKind::retryable, "Intercom's ticket states");
  if (!body) return body.error();
  const auto list = JsonView(*body)["data"].list();
  if (!list) return Failure(FailureKind::retryable, "Intercom's ticket states carry no list");
  for (const auto& one : *list) {
    const auto id = one["id"].id();
    if (id && one["category"].text() == category && one["archived"].boolean() != true) return *id;
  }
  return Failure(FailureKind::rejected,
                 "the workspace has no ticket state of the category " + std::string(category));
}

Task<Receipt> set_ticket_state(const Api& api, Target target, std::string status, std::string url,
                               sdk::Session& session) {
  const auto states = co_await session.read(api.get("/ticket_states"));
  if (!states) co_return states.error();
  const auto id = state_of(*states, status == "solved"    ? "resolved"
                                    : status == "pending" ? "waiting_on_customer"
                                                          : "in_progress");
  if (!id) co_return id.error();
  sdk::Step step(
      "status", update_ticket(api, target, {{"ticket_state_id", *id}}),
      [target, url](const Reply& reply) -> Result<Receipt> {
        if (reply.status == 400)
          return Receipt(target.object_id(), url);  // in this state already (section 3.6)
        return read_target(reply, target, url);
      },
      sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

// What an agent closed, put off or handed to the customer comes back to them with the customer's next words:
// a note alone does not do that (section 3.3). What is open already is left alone.
Task<Done> wake(const Api& api, const Target& target, const std::string& url, sdk::Session& session) {
  const auto seen = co_await session.read(api.get(target.path()));
  if (!seen) co_return seen.error();
  const auto body = parsed(*seen, FailureKind::retryable, "Intercom's conversation");
  if (!body) co_return body.error();
  const JsonView view(*body);
  if (view.at_path("ticket_state.category").text() == "waiting_on_customer") {
    const auto moved = co_await set_ticket_state(api, target, "open", url, session);
    if (!moved) co_return moved.error();
  }
  const bool asleep = target.is_ticket
                          ? view["open"].boolean() == false || view["snoozed_until"].integer().value_or(0) > 0
                          : view["state"].text("open") != "open";
  if (!asleep) co_return Done{};
  auto write =
      target.is_ticket ? update_ticket(api, target, {{"open", true}}) : open_or_close(api, target.id, true);
  const auto opened = co_await session.once(change_step("wake", std::move(write), target, url));
  if (!opened) co_return opened.error();
  co_return Done{};
}

Task<Receipt> add_note(const sdk::Order& order, sdk::Session& session) {
  const Api api(order.settings);
  const auto target = Target::from(order.target.object_id);
  const JsonView subject(order.subject), document(order.document);
  if (target.id.empty()) co_return without_target();
  const auto url = link_of(order.settings, target);
  const auto from = subject["from"].text();
  // What was said in the conversation that is the ticket stands there already.
  const bool here = !target.is_ticket && order.settings["opens"] == "same_conversation";
  if (here && !from.empty()) co_return Receipt(target.object_id(), url);
  auto html = document["body"].text();
  if (html.empty()) html = "<p>" + escaped(subject["text"].text()) + "</p>";
  const auto noted = co_await session.once(note_step("note", api, target, html, order.external_id, url));
  const auto state = document["state"].text();
  if (!noted || from != "customer" || (state != "claimed" && state != "active")) co_return noted;
  const auto woken = co_await wake(api, target, url, session);
  if (!woken && is_passing(woken.error().kind)) co_return woken.error();
  co_return noted;
}

// A conversation is open or closed; one that waits for the customer stays open, because a snooze needs an
// end.
Task<Receipt> set_status(const sdk::Order& order, sdk::Session& session) {
  const Api api(order.settings);
  const auto target = Target::from(order.target.object_id);
  if (target.id.empty()) co_return without_target();
  const auto status = JsonView(order.subject)["status"].text();
  if (status != "open" && status != "pending" && status != "solved")
    co_return Failure(FailureKind::rejected, "no status `" + status + "`: open, pending or solved");
  const auto url = link_of(order.settings, target);
  if (target.is_ticket) co_return co_await set_ticket_state(api, target, status, url, session);
  co_return co_await session.once(
      change_step("status", open_or_close(api, target.id, status != "solved"), target, url));
}

// --- Intercom as the chat platform

Target conversation_of(const sdk::Order& order) {
  return Target::conversation(JsonView(order.subject).at_path("conversation.id").id().value_or(""));
}

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  const Api api(order.settings);
  const auto target = conversation_of(order);
  const JsonView subject(order.subject);
  const auto text = subject["text"].text(), by = subject["by"].text();
  if (target.id.empty()) co_return without_target();
  if (text.empty()) co_return Failure(FailureKind::rejected, "no text to tell the customer");
  const auto html =
      (by.empty() ? std::string() : "<p><b>" + escaped(by) + "</b></p>") + "<p>" + escaped(text) + "</p>";
  const auto url = link_of(order.settings, target);
  sdk::Step step(
      "message", write_comment(api, target, html),
      [html, admin = api.admin(), url](const Reply& reply) { return read_comment(reply, html, admin, url); },
      find_comment(api, target, html, url));
  co_return co_await session.once(std::move(step));
}

// A conversation that a team or a person has is not Fin's. Without either it is opened, so that it is in the
// inbox.
Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session) {
  const Api api(order.settings);
  const auto target = conversation_of(order);
  if (target.id.empty()) co_return without_target();
  const auto team = order.settings["human_team_id"];
  auto write = team.empty() ? open_or_close(api, target.id, true) : assign(api, target.id, "team", team);
  co_return co_await session.once(
      change_step("control", std::move(write), target, link_of(order.settings, target)));
}

// How it was solved is a note for whoever reads the conversation next. Closed, the customer's next words
// start anew with Fin (section 7, "return to AI").
Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  const Api api(order.settings);
  const auto target = conversation_of(order);
  if (target.id.empty()) co_return without_target();
  const auto url = link_of(order.settings, target);
  if (const auto text = JsonView(order.subject)["text"].text(); !text.empty()) {
    const auto noted = co_await session.once(
        note_step("note", api, target, "<p>" + escaped(text) + "</p>", order.external_id, url));
    if (!noted && is_passing(noted.error().kind)) co_return noted.error();
  }
  const bool closes = order.settings["returned"] != "unassigned";
  auto write = closes ? open_or_close(api, target.id, false) : assign(api, target.id, "team", "0");
  co_return co_await session.once(change_step("control", std::move(write), target, url));
}

Task<json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const Api api(order.settings);
  const auto target = conversation_of(order);
  if (target.id.empty()) co_return without_target();
  const auto reply = co_await session.read(api.get(target.path("?display_as=plaintext")));
  if (!reply) co_return reply.error();
  co_return read_transcript(*reply, api.admin());
}

Task<json> read_status(const sdk::Order& order, sdk::ReadSession& session) {
  const Api api(order.settings);
  const auto target = Target::from(order.target.object_id);
  if (target.id.empty()) co_return without_target();
  // Plain text of a conversation; tickets know no such wish (section 3.7).
  const auto reply =
      co_await session.read(api.get(target.path(target.is_ticket ? "" : "?display_as=plaintext")));
  if (!reply && reply.error().kind == FailureKind::target_gone) {
    json gone = {{"state", "gone"}, {"by", ""}, {"text", ""}, {"at", ""}};
    co_return gone;
  }
  if (!reply) co_return reply.error();
  co_return read_state(*reply, api.admin());
}

// --- what is known

sdk::Read list_of(const Api& api, const char* target, const std::string& contact) {
  return api.search(target, {"contact_ids", "=", contact});
}

// One part: what fails is named as missing, the rest is still of use.
Task<json> read_part(const char* part, const char* list_name, sdk::Read read, Records& records,
                     sdk::ReadSession& session) {
  const auto reply = co_await session.read(std::move(read));
  if (reply && !records.now) records.now = sdk::vendor_now(*reply);
  if (reply && !records.now) records.now = quota(*reply).resets_at;  // within ten seconds (section 5)
  std::string why = reply ? "Intercom's answer carries no list" : std::string(name(reply.error().kind));
  if (reply) {
    auto body = parsed(*reply, FailureKind::retryable, part);
    if (body && JsonView(*body)[list_name].list()) co_return std::move(*body);
  }
  records.missing.push_back({{"part", part}, {"why", why}});
  co_return json();
}

Task<json> read_context(const sdk::Order& order, sdk::ReadSession& session) {
  const Api api(order.settings);
  const auto* given = JsonView(order.subject)["customer"].raw();
  Records records;
  auto people = co_await find_people(api, given ? *given : json::object(), order.settings, session);
  if (!people) co_return people.error();
  records.people = std::move(*people);
  if (records.people.contacts.empty()) co_return make_context(records, order.settings);
  const auto contact = JsonView(records.people.contacts.front())["id"].id().value_or("");
  auto conversations = co_await read_part("history.conversations", "conversations",
                                          list_of(api, "/conversations/search", contact), records, session);
  if (conversations) records.conversations = std::move(*conversations);
  auto tickets = co_await read_part("history.tickets", "tickets", list_of(api, "/tickets/search", contact),
                                    records, session);
  if (tickets) records.tickets = std::move(*tickets);
  co_return make_context(records, order.settings);
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::open_ticket, open_ticket},
    {Operation::add_note, add_note},
    {Operation::set_status, set_status},
    {Operation::tell_customer, tell_customer},
    {Operation::take_control, take_control},
    {Operation::give_back, give_back},
    {Operation::read_context, nullptr, read_context},
    {Operation::fetch_transcript, nullptr, fetch_transcript},
    {Operation::read_status, nullptr, read_status},
});

std::string_view wrong_with_opens(std::string_view what) {
  if (what == "conversation" || what == "ticket" || what == "same_conversation") return {};
  return "must be conversation, ticket or same_conversation";
}

std::string_view wrong_with_contact_key(std::string_view key) {
  if (key == "email" || key == "external_id") return {};
  return "must be email or external_id";
}

std::string_view wrong_with_returned(std::string_view what) {
  if (what == "closed" || what == "unassigned") return {};
  return "must be closed or unassigned";
}

std::string_view wrong_with_tolerance(std::string_view time) {
  if (const auto read = parse_duration(time); read && *read > Duration{0}) return {};
  return "must be a length of time, such as 10m or 24h";
}

constexpr auto kFields = std::to_array<sdk::Field>({
    {"token", sdk::Need::secret, "", "Access token of the app, from the Developer Hub"},
    {"client_secret", sdk::Need::optional_secret, "",
     "Client secret of the app, which signs webhooks; without it every webhook is refused"},
    {"admin_id", sdk::Need::required, "", "Id of the teammate that Baton acts as, see GET /me"},
    {"app_id", sdk::Need::optional, "", "Id of the workspace, see GET /me; with it there are links"},
    {"version", sdk::Need::optional, "2.16", "Version of the API, sent with each request"},
    {"opens", sdk::Need::optional, "conversation",
     "What stands for a handoff: conversation, ticket, or same_conversation where the chat itself is in "
     "Intercom",
     wrong_with_opens},
    {"ticket_type_id", sdk::Need::optional, "",
     "With opens: ticket, the id of the ticket type, see GET /ticket_types"},
    {"handoff_attribute", sdk::Need::optional, "",
     "Attribute of that ticket type that takes Baton's id, if somebody made one: baton_handoff_id"},
    {"contact_key", sdk::Need::optional, "email",
     "How customers are recognised: email, or external_id where the chat's customer ids are Intercom's "
     "external ids",
     wrong_with_contact_key},
    {"team_id", sdk::Need::optional, "", "Team that gets what Baton opens"},
    {"human_team_id", sdk::Need::optional, "",
     "Team that gets a conversation when humans take control of it"},
    {"handoff_team_id", sdk::Need::optional, "",
     "As a chat platform: an assignment to this team is a handoff, whatever Fin says of itself"},
    {"intent_attribute", sdk::Need::optional, "intent",
     "Attribute of conversations in which Fin or a workflow says what is wanted"},
    {"confidence_attribute", sdk::Need::optional, "ai_confidence",
     "Attribute of conversations that says how sure the AI is, 0 to 1"},
    {"returned", sdk::Need::optional, "closed",
     "What a conversation is when the AI has it back: closed, or unassigned from its team",
     wrong_with_returned},
    {"webhook_tolerance", sdk::Need::optional, "24h",
     "How old the event of a webhook may be; Intercom delivers again for hours", wrong_with_tolerance},
    {"tier_attribute", sdk::Need::optional, "", "Attribute of contacts that tells the account's tier"},
    {"renewal_attribute", sdk::Need::optional, "", "Attribute of contacts that tells the day of renewal"},
    {"health_attribute", sdk::Need::optional, "", "Attribute of contacts that tells the account's health"},
});

constexpr sdk::Manifest kManifest{
    .name = "intercom",
    .title = "Intercom",
    .api_version = "2.16",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://api.intercom.io",
    .source = true,
    .files = true,
    // 10,000 calls a minute, spread over windows of ten seconds and shared with the workspace's other apps
    // (section 5).
    .limits = {.per_second = 20, .burst = 40, .at_once = 4, .max_body_bytes = 1024 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Intercom final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::BearerAuth("token"); }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    return intercom::classify(seen);
  }
  sdk::Quota quota(const Reply& reply, TimePoint) const override { return intercom::quota(reply); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return intercom::read_webhook(request, keys, settings);
  }
  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return intercom::read_events(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return intercom::probe(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Intercom>(); }

}  // namespace baton::intercom
