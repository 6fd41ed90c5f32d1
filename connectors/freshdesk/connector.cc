// Purpose: Freshdesk: the ticket, its brief and notes, its status, and what the customer asked before.
// Source: fact sheet freshdesk; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <vector>

#include "connectors/freshdesk/context.h"
#include "connectors/freshdesk/probe.h"
#include "connectors/freshdesk/webhook.h"
#include "connectors/freshdesk/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace {

// Two or three looks over about two minutes before a ticket is made again (section 4): one at their end.
constexpr auto kTicketSettles = Duration{2min};
constexpr auto kNoteSettles = Duration{10s};

sdk::Step ticket_step(std::string name, const nlohmann::json& ticket, const Mark& mark,
                      const std::string& base) {
  const auto list = list_requested(ticket);
  return sdk::Step(
      std::move(name), create_ticket(ticket), [base](const Reply& reply) { return read_ticket(reply, base); },
      sdk::Lookup(
          list, [mark, base](const Reply& reply) { return match_ticket(reply, mark, base); }, kTicketSettles,
          [list, mark](const Reply& reply) { return after_tickets(list, reply, mark); }));
}

sdk::Step note_step(std::string name, sdk::Write write, const std::string& ticket, const std::string& ref,
                    const std::string& base) {
  const auto list = list_conversations(ticket);
  return sdk::Step(
      std::move(name), std::move(write),
      [ticket, base](const Reply& reply) { return read_note(reply, ticket, base); },
      sdk::Lookup(
          list, [ticket, ref, base](const Reply& reply) { return match_note(reply, ticket, ref, base); },
          kNoteSettles, [list](const Reply& reply) { return next_page(list, reply); }));
}

// The fields that Freshdesk's own refusal of a new ticket names. What a look-up was refused for is no word
// about the ticket.
std::vector<std::string> refused_fields(const Failure& failure) {
  constexpr std::string_view kRefusal = "POST /api/v2/tickets answered 400: ";
  std::vector<std::string> fields;
  if (failure.kind != FailureKind::rejected || !failure.detail.starts_with(kRefusal)) return fields;
  const auto body = parse_json(std::string_view(failure.detail).substr(kRefusal.size()),
                               FailureKind::rejected, "Freshdesk's refusal of a ticket");
  if (!body) return fields;
  for (const auto& error : items(JsonView(*body)["errors"])) fields.push_back(error["field"].text());
  return fields;
}

// The account has no such field: the handoff must not be lost for that (section 6).
bool lacks_field(const Result<Receipt>& made, const Mark& mark) {
  if (made) return false;
  const auto fields = refused_fields(made.error());
  return std::ranges::find(fields, mark.field) != fields.end();
}

// A field of the account's own that the mapping fills and that is not there, or takes no such value.
bool refuses_other_field(const Result<Receipt>& made, const Mark& mark) {
  if (made) return false;
  const auto fields = refused_fields(made.error());
  return std::ranges::any_of(
      fields, [&](const std::string& one) { return one.starts_with("cf_") && one != mark.field; });
}

// An address that Freshdesk takes for none: a person in need is worth more than how they typed it.
bool refuses_address(const Result<Receipt>& made) {
  if (made) return false;
  const auto fields = refused_fields(made.error());
  return std::ranges::find(fields, "email") != fields.end();
}

Task<Receipt> make_ticket(std::string name, const nlohmann::json& document, const Mark& mark,
                          const std::string& base, sdk::Session& session) {
  const auto ticket = ticket_of(document, mark);
  if (!ticket) co_return ticket.error();
  co_return co_await session.once(ticket_step(std::move(name), *ticket, mark, base));
}

// B: the ticket bears our id in a custom field, by which it is found again among the requester's tickets.
// What Freshdesk does not take of it costs that part, and not the ticket.
Task<Receipt> create(const sdk::Order& order, sdk::Session& session) {
  const std::string base(order.settings["base_url"]);
  const auto mark = field_mark(order);
  auto document = order.document;
  auto made = co_await make_ticket("ticket", document, mark, base, session);
  if (refuses_address(made)) {
    document = without(std::move(document), "email");
    made = co_await make_ticket("ticket_without_address", document, mark, base, session);
  }
  if (refuses_other_field(made, mark)) {
    document = without(std::move(document), "custom_fields");
    made = co_await make_ticket("ticket_without_fields", document, mark, base, session);
  }
  if (!lacks_field(made, mark)) co_return made;
  const auto tagged = tag_mark(order);
  co_return co_await make_ticket("ticket_by_tag", document, tagged, base, session);
}

// A file that cannot be kept never fails the ticket: only what costs no attempt is waited for.
Task<Done> attach_all(const sdk::Order& order, const std::string& ticket, sdk::Session& session) {
  const std::string base(order.settings["base_url"]);
  int number = 0;
  for (const auto& file : order.files) {
    const auto name = "file_" + std::to_string(++number);
    const auto ref = order.external_id + "/" + name;
    auto write = attach(ticket, file, ref);
    if (!write) continue;
    const auto kept = co_await session.once(note_step(name, std::move(*write), ticket, ref, base));
    if (kept) continue;
    const auto kind = kept.error().kind;
    if (kind == FailureKind::rate_limited || kind == FailureKind::auth_expired) co_return kept.error();
  }
  co_return Done();
}

// The description is for the customer's eyes too, so the brief is a private note of its own (section 3.2).
Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session) {
  const auto ticket = co_await create(order, session);
  if (!ticket) co_return ticket.error();
  const auto brief = brief_of(order.document);
  if (!brief.empty()) {
    auto write = add_note(ticket->object_id, brief, order.external_id);
    if (!write) co_return write.error();
    const std::string base(order.settings["base_url"]);
    const auto noted = co_await session.once(
        note_step("brief", std::move(*write), ticket->object_id, order.external_id, base));
    if (!noted) co_return noted.error();
  }
  const auto attached = co_await attach_all(order, ticket->object_id, session);
  if (!attached) co_return attached.error();
  co_return *ticket;
}

Task<Receipt> note(const sdk::Order& order, sdk::Session& session) {
  const auto html = JsonView(order.document)["body"].text();
  auto write = add_note(order.target.object_id, html, order.external_id);
  if (!write) co_return write.error();
  const std::string base(order.settings["base_url"]);
  co_return co_await session.once(
      note_step("note", std::move(*write), order.target.object_id, order.external_id, base));
}

Task<Receipt> set_status(const sdk::Order& order, sdk::Session& session) {
  auto write = change_status(order.target.object_id, order.document, JsonView(order.subject)["status"].text(),
                             order.settings);
  if (!write) co_return write.error();
  const std::string base(order.settings["base_url"]);
  sdk::Step step(
      "status", std::move(*write), [base](const Reply& reply) { return read_ticket(reply, base); },
      sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

// One part that fails does not fail the others: it is named as missing.
void add_part(nlohmann::json& context, const char* part, const Result<nlohmann::json>& found) {
  if (found) context[part] = *found;
  else context["missing"].push_back({{"part", part}, {"why", found.error().detail}});
}

Task<nlohmann::json> history_of(const sdk::Order& order, const std::string& contact,
                                sdk::ReadSession& session) {
  const auto tickets = co_await session.read(list_history(contact));
  if (!tickets) co_return tickets.error();
  co_return read_history(*tickets, order.settings["base_url"]);
}

Task<nlohmann::json> company_of(const sdk::Order& order, const std::string& id, sdk::ReadSession& session) {
  const auto company = co_await session.read(show_company(id));
  if (!company) co_return company.error();
  co_return read_company(*company, order.settings);
}

Task<nlohmann::json> read_context(const sdk::Order& order, sdk::ReadSession& session) {
  nlohmann::json context = {{"matches", 0}};
  const auto customer = JsonView(order.subject)["customer"];
  const auto find = find_contact(customer);
  if (!find) co_return context;
  const auto contacts = co_await session.read(*find);
  if (!contacts) co_return contacts.error();
  const auto contact = read_contact(*contacts, customer);
  if (!contact) co_return contact.error();
  if (!*contact) co_return context;
  const auto& who = **contact;
  context["matches"] = who.matches;
  context["people"] = people_of(who, order.settings["base_url"]);
  if (who.matches > 1) {
    context["missing"].push_back(
        {{"part", "people"},
         {"why", std::to_string(who.matches) + " contacts bear this address; contact " + who.id +
                     " was changed last"}});
  }
  add_part(context, "history", co_await history_of(order, who.id, session));
  if (!who.company.empty()) add_part(context, "account", co_await company_of(order, who.company, session));
  co_return context;
}

// A ticket names its agent by number (section 3.2), a notice by the address.
Task<nlohmann::json> agent_of(const Reply& ticket, sdk::ReadSession& session) {
  const auto id = responder_of(ticket);
  if (!id) co_return id.error();
  if (id->empty()) co_return nlohmann::json::object();
  const auto agent = co_await session.read(show_agent(*id));
  if (!agent) co_return agent.error();
  co_return read_agent(*agent, {});
}

Task<nlohmann::json> read_person(const sdk::Order& order, sdk::ReadSession& session) {
  const auto email = JsonView(order.subject)["who"].text();
  if (plain_email(email)) {
    const auto agents = co_await session.read(find_agent(email));
    if (!agents) co_return agents.error();
    co_return read_agent(*agents, email);
  }
  const auto ticket = co_await session.read(show_ticket(order.target.object_id));
  if (!ticket) co_return ticket.error();
  co_return co_await agent_of(*ticket, session);
}

// All of it: the last words stand on the last page.
Task<Talk> read_talk(const std::string& ticket, sdk::ReadSession& session) {
  constexpr int kMostPages = 20;
  Talk talk;
  auto page = list_conversations(ticket);
  for (int pages = 0; pages < kMostPages; ++pages) {
    const auto reply = co_await session.read(page);
    if (!reply) co_return reply.error();
    if (const auto added = talk.add(*reply); !added) co_return added.error();
    const auto next = next_page(page, *reply);
    if (!next) co_return next.error();
    if (!*next) break;
    page = **next;
  }
  co_return talk;
}

// Agents by their ids, {"name", "email"}. Each costs a request, so only a few are asked for; who cannot be
// read is left out.
class Agents {
 public:
  Task<nlohmann::json> find(std::string id, sdk::ReadSession& session) {
    constexpr std::size_t kMost = 3;
    if (const auto known = known_.find(id); known != known_.end()) co_return known->second;
    auto found = nlohmann::json::object();
    if (id.empty() || known_.size() == kMost) co_return found;
    const auto reply = co_await session.read(show_agent(id));
    const auto agent = reply ? read_agent(*reply, {}) : Result<nlohmann::json>(reply.error());
    if (agent) found = *agent;
    known_[id] = found;
    co_return found;
  }

 private:
  std::map<std::string, nlohmann::json> known_;
};

// Who has the ticket, in the words of a `claimed` signal, which names agents by their address. What is
// assigned to Baton's own agent nobody has taken.
Task<Done> add_holder(const Reply& ticket, const std::string& our_id, const sdk::Settings& settings,
                      Agents& agents, sdk::ReadSession& session, nlohmann::json& state) {
  const auto id = responder_of(ticket);
  if (!id) co_return id.error();
  const bool open = JsonView(state)["state"].text() == "open";
  if (id->empty() && open) state["by_id"] = "";
  if (id->empty() || *id == our_id) co_return Done{};
  const auto agent = co_await agents.find(*id, session);
  const auto email = agent ? JsonView(*agent)["email"].text() : "";
  if (email.empty() || equals_ignoring_case(email, settings["baton_agent_email"])) co_return Done{};
  state["by"] = JsonView(*agent)["name"].text(email);
  if (open) state["by_id"] = email;
  co_return Done{};
}

// By their address like whoever has the ticket, or by their number where they cannot be read.
Task<nlohmann::json> replies_of(const Talk& talk, Agents& agents, sdk::ReadSession& session) {
  auto replies = nlohmann::json::array();
  for (const auto& answer : talk.answers()) {
    const auto agent = co_await agents.find(answer.by, session);
    const auto who = agent ? JsonView(*agent) : JsonView();
    nlohmann::json reply;
    reply["id"] = answer.id;
    reply["who"] = who["email"].text(answer.by);
    reply["who_name"] = who["name"].text();
    reply["text"] = answer.text;
    replies.push_back(std::move(reply));
  }
  co_return replies;
}

// Who has it and what was said are niceties: without them the ticket stands as it stands.
Task<nlohmann::json> read_status(const sdk::Order& order, sdk::ReadSession& session) {
  const auto& id = order.target.object_id;
  if (id.empty()) co_return Failure(FailureKind::rejected, "no ticket to ask for: this read has no target");
  const auto ticket = co_await session.read(show_ticket(id));
  if (!ticket && ticket.error().kind == FailureKind::target_gone) {
    nlohmann::json gone = {{"state", "gone"}};
    co_return gone;
  }
  if (!ticket) co_return ticket.error();
  auto state = read_state(*ticket, order.settings);
  if (!state || JsonView(*state)["state"].text() == "gone") co_return state;
  const auto talk = co_await read_talk(id, session);
  Agents agents;
  (void)co_await add_holder(*ticket, talk ? talk->our_id : "", order.settings, agents, session, *state);
  if (!talk) co_return state;
  const auto answers = talk->answers();
  if (JsonView(*state)["state"].text() == "solved" && !answers.empty())
    (*state)["text"] = answers.back().text;
  if (auto replies = co_await replies_of(*talk, agents, session)) (*state)["replies"] = std::move(*replies);
  co_return state;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::open_ticket, open_ticket},
    {Operation::add_note, note},
    {Operation::set_status, set_status},
    {Operation::read_context, nullptr, read_context},
    {Operation::read_status, nullptr, read_status},
    {Operation::read_person, nullptr, read_person},
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"api_key", sdk::Need::secret, "", "API key of the agent that Baton works as (Profile settings)"},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "What the automations send in the header X-Baton-Secret; without it Baton hears nothing of what agents "
     "do"},
    {"handoff_field", sdk::Need::optional, "cf_baton_handoff_id",
     "API name of the text field that holds Baton's id"},
    {"baton_agent_email", sdk::Need::optional, "",
     "Address of that agent, so that its own work is not taken for a person's"},
    {"status_open", sdk::Need::optional, "2", "Number of the status for a ticket that is worked on"},
    {"status_pending", sdk::Need::optional, "3",
     "Number of the status for a ticket that waits for the customer"},
    {"status_solved", sdk::Need::optional, "4", "Number of the status for a ticket that is solved"},
    {"solved_labels", sdk::Need::optional, "Resolved,Closed,4,5",
     "What webhooks call a ticket that is solved"},
    {"open_labels", sdk::Need::optional, "Open,2", "What webhooks call a ticket that is open again"},
    {"tier_field", sdk::Need::optional, "account_tier", "Field of a company that tells its tier"},
    {"health_field", sdk::Need::optional, "health_score", "Field of a company that tells its health"},
    {"renewal_field", sdk::Need::optional, "renewal_date",
     "Field of a company that tells its day of renewal"},
});

constexpr sdk::Manifest kManifest{
    .name = "freshdesk",
    .title = "Freshdesk",
    .api_version = "v2",
    .idempotency = sdk::Idempotency::b,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // https://NAME.freshdesk.com: the operator must say
    .files = true,
    // The smallest plan has 100 or 200 a minute for all that the account does (section 5); the headers rule.
    .limits = {.per_second = 1, .burst = 15, .at_once = 4, .max_body_bytes = 1024 * 1024},
};
static_assert(sdk::well_formed(kManifest));

std::optional<int> whole(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

class Freshdesk final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }

  sdk::Auth auth(const sdk::Settings&) const override { return sdk::BasicKeyAuth("api_key", "X"); }

  // Ordinary HTTP but for what section 6 says; codes in bodies are unconfirmed, so the status decides.
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    using enum FailureKind;
    auto failure = sdk::classify_http(seen);
    if (!failure) return failure;
    const int status = seen.reply.status;
    const auto path = path_of(seen.request.target);
    const bool whole_list = path == "/api/v2/tickets" || path == "/api/v2/contacts" ||
                            path == "/api/v2/agents" || path == "/api/v2/agents/me" ||
                            path == "/api/v2/ticket_fields" || path == "/api/v2/search/tickets";
    if (status >= 300 && status < 400) failure->kind = misconfigured;  // base_url leads somewhere else
    if ((status == 404 || status == 410) && whole_list) failure->kind = misconfigured;
    // Its word that nothing happened is a proxy's as often as Freshdesk's: looked at before it is repeated.
    if (status == 503 && seen.writes) failure->kind = ambiguous;
    // The look-up's sources: that a requester is unknown is an answer; that one cannot be asked so proves
    // nothing, and is no refusal of the ticket.
    if (!seen.writes && path == "/api/v2/tickets" && knows_no_requester(seen.reply)) return std::nullopt;
    const bool looks_up = path == "/api/v2/search/tickets" || (!seen.writes && path == "/api/v2/tickets");
    if (failure->kind == rejected && looks_up) failure->kind = ambiguous;
    // Somebody else made the contact at the same moment, or the ticket changed under us: nothing was done.
    if (status == 409) failure->kind = retryable;
    return failure;
  }

  sdk::Quota quota(const Reply& reply, TimePoint at) const override {
    sdk::Quota quota;
    quota.remaining = whole(header(reply.headers, "x-ratelimit-remaining"));
    // Counted by the minute; when the minute began is not said.
    if (quota.remaining) quota.resets_at = at + 1min;
    return quota;
  }

  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return freshdesk::read_webhook(request, keys, settings);
  }

  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return freshdesk::probe(settings, session);
  }
  Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) const override {
    return freshdesk::prepare(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Freshdesk>(); }

}  // namespace baton::freshdesk
