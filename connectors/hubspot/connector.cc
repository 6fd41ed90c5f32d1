// Purpose: HubSpot: what the CRM knows about the customer, a ticket if wanted, and a note on the
// contact's timeline. Source: fact sheet hubspot; section numbers below are its own.
#include "connectors/sdk/connector.h"
#include "connectors/sdk/vendor_clock.h"

#include <array>

#include "connectors/hubspot/context.h"
#include "connectors/hubspot/errors.h"
#include "connectors/hubspot/notes.h"
#include "connectors/hubspot/probe.h"
#include "connectors/hubspot/status.h"
#include "connectors/hubspot/webhook.h"
#include "connectors/hubspot/wire.h"
#include "gateway/base/text.h"

namespace baton::hubspot {
namespace {

// After a write whose answer was lost: a request that is still under way at HubSpot may end.
constexpr auto kSettle = Duration{10s};

// What stands for "nothing was written, and that is right".
constexpr auto kNoContact = "no contact";

struct Person {
  Person() = default;

  MaybeContact contact;
  std::vector<std::string> namesakes;
};

// The direct read is consistent at once and knows main addresses; the search knows the others too.
Task<Person> find_person(const Paths& paths, std::string email, sdk::ReadSession& session) {
  Person person;
  if (email.find('@') == std::string::npos) co_return person;
  const auto direct = co_await session.read(paths.contact_by_email(email));
  if (!direct) co_return direct.error();
  auto contact = read_contact(*direct);
  if (!contact) co_return contact.error();
  person.contact = std::move(*contact);
  if (person.contact) co_return person;

  const auto searched = co_await session.read(paths.search_contacts(email));
  if (!searched) co_return searched.error();
  auto matches = read_matches(*searched, email);
  if (!matches) co_return matches.error();
  if (matches->empty()) co_return person;
  const auto again = co_await session.read(paths.contact_by_id(matches->front()));
  if (!again) co_return again.error();
  auto found = read_contact(*again);
  if (!found) co_return found.error();
  person.contact = std::move(*found);
  person.namesakes.assign(matches->begin() + 1, matches->end());
  co_return person;
}

std::string why(FailureKind kind) {
  if (kind == FailureKind::misconfigured) return "the token may not read it, see `baton destinations test`";
  if (kind == FailureKind::target_gone) return "HubSpot does not know it";
  if (kind == FailureKind::rate_limited) return "HubSpot's rate limit is reached";
  return "HubSpot did not answer, or not in time";
}

// One part of the context: what fails is named as missing, the rest is still of use.
Task<nlohmann::json> read_part(sdk::Read read, std::string name, Records& records,
                               sdk::ReadSession& session) {
  const auto reply = co_await session.read(std::move(read));
  if (!reply || reply->status == 404) {
    records.missing.emplace_back(std::move(name), why(reply ? FailureKind::target_gone : reply.error().kind));
    co_return nlohmann::json();
  }
  records.now = sdk::vendor_now(*reply);
  auto body = parse_json(reply->body, FailureKind::retryable, name);
  if (body && body->is_object()) co_return std::move(*body);
  records.missing.emplace_back(std::move(name), "HubSpot's answer could not be read");
  co_return nlohmann::json();
}

std::string primary_company(const Contact& contact) {
  const auto named = JsonView(contact.properties)["associatedcompanyid"].text();
  if (!named.empty()) return named;
  return contact.companies.empty() ? "" : contact.companies.front();
}

std::string owner_of(const Records& records) {
  const auto own = JsonView(records.contact.properties)["hubspot_owner_id"].text();
  return own.empty() ? JsonView(records.company)["properties"]["hubspot_owner_id"].text() : own;
}

Task<nlohmann::json> read_context(const sdk::Order& order, sdk::ReadSession& session) {
  const Paths paths(order.settings);
  auto person =
      co_await find_person(paths, JsonView(order.subject).at_path("customer.email").text(), session);
  if (!person) co_return person.error();
  if (!person->contact) co_return empty_context();
  Records records;
  records.contact = std::move(*person->contact);
  records.namesakes = std::move(person->namesakes);
  if (const auto company = primary_company(records.contact); !company.empty()) {
    auto found = co_await read_part(paths.company(company), "company", records, session);
    if (found) records.company = std::move(*found);
  }
  if (!records.contact.deals.empty()) {
    auto found = co_await read_part(paths.deals(records.contact.deals), "deals", records, session);
    if (found) records.deals = std::move(*found);
  }
  if (!records.contact.tickets.empty()) {
    auto found = co_await read_part(paths.tickets(records.contact.tickets), "history", records, session);
    if (found) records.tickets = std::move(*found);
  }
  if (const auto owner = owner_of(records); !owner.empty()) {
    auto found = co_await read_part(paths.owner(owner), "owner", records, session);
    if (found) records.owner = std::move(*found);
  }
  co_return make_context(records, order.settings);
}

// Whether a failed association is worth holding the ticket's receipt back for another attempt.
bool is_passing(FailureKind kind) {
  using enum FailureKind;
  return kind == retryable || kind == rate_limited || kind == ambiguous || kind == auth_expired;
}

// B: a note has no unique property, so it ends with our reference, and the notes of its timeline are read
// before it is written a second time.
sdk::Step note_step(std::string name, const Timeline& timeline, const nlohmann::json& document,
                    const std::string& reference, const sdk::Settings& settings,
                    std::string_view contact = {}) {
  const Paths paths(settings);
  return sdk::Step(std::move(name), paths.create_note(timeline, document, reference, contact), read_note,
                   look_for_note(paths, timeline, reference, kSettle));
}

// The whole conversation, where those who work on the ticket read it, and where the contact's own story is.
// A ticket without it is still a ticket.
Task<Done> write_transcript(const sdk::Order& order, const std::string& ticket, const std::string& contact,
                            sdk::Session& session) {
  const auto note = JsonView(order.document)["transcript"];
  if (!note.object()) co_return Done{};
  auto document = order.document["transcript"];
  const Timeline timeline(Timeline::Of::ticket, ticket);
  int number = 0;
  for (const auto& part : note_parts(note["hs_note_body"].text())) {
    const auto name = "transcript_" + std::to_string(++number);
    document["hs_note_body"] = part;
    const auto kept = co_await session.once(
        note_step(name, timeline, document, order.external_id + "/" + name, order.settings, contact));
    if (!kept && is_passing(kept.error().kind)) co_return kept.error();
  }
  co_return Done{};
}

// A, by our unique property. An upsert overwrites what it finds, also a stage that people have moved
// since, so an unclear outcome is looked up first (section 4).
Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session) {
  const Paths paths(order.settings);
  const auto properties = ticket_properties(order.document);
  if (!properties) co_return properties.error();
  const auto settings = order.settings;
  const auto id = order.external_id;
  sdk::Step upsert(
      "ticket", paths.upsert_ticket(*properties, id),
      [id, settings](const Reply& reply) { return read_ticket(reply, id, settings); },
      sdk::Lookup(
          paths.ticket_by_key(id),
          [id, settings](const Reply& reply) { return match_ticket(reply, id, settings); }, kSettle));
  auto ticket = co_await session.once(std::move(upsert));
  if (!ticket) co_return ticket.error();

  // Associations are not part of an upsert. A ticket without its contact is still a ticket.
  const auto person = co_await find_person(paths, JsonView(order.document)["contact_email"].text(), session);
  if (!person && is_passing(person.error().kind)) co_return person.error();
  std::string contact;
  if (person && person->contact) {
    sdk::Step link(
        "contact", paths.link_ticket(ticket->object_id, person->contact->id),
        [made = *ticket](const Reply&) { return Result<Receipt>(made); }, sdk::repeatable);
    const auto linked = co_await session.once(std::move(link));
    if (!linked && is_passing(linked.error().kind)) co_return linked.error();
    if (linked) contact = person->contact->id;
  }
  const auto said = co_await write_transcript(order, ticket->object_id, contact, session);
  if (!said) co_return said.error();
  co_return *ticket;
}

sdk::Step note_on(const Timeline& timeline, const sdk::Order& order, const char* otherwise) {
  auto document = order.document.is_object() ? order.document : nlohmann::json::object();
  if (JsonView(document)["hs_note_body"].text().empty()) {
    const auto text = JsonView(order.subject)["text"].text(otherwise);
    document["hs_note_body"] = "<p>" + escaped_html(text) + "</p>";
  }
  return note_step("note", timeline, document, order.external_id, order.settings);
}

// A customer whom HubSpot does not know has no timeline to write on: that
// is an end, not a failure that a person could mend.
Task<Receipt> write_back(const sdk::Order& order, sdk::Session& session) {
  const Paths paths(order.settings);
  const auto email = JsonView(order.subject).at_path("customer.email").text();
  const auto person = co_await find_person(paths, email, session);
  if (!person) co_return person.error();
  if (!person->contact) co_return Receipt(kNoContact);
  co_return co_await session.once(
      note_on(Timeline(Timeline::Of::contact, person->contact->id), order, "Handed to a human"));
}

// What was said since: on the ticket itself, where those who work on it read.
Task<Receipt> add_note(const sdk::Order& order, sdk::Session& session) {
  if (order.target.object_id.empty())
    co_return Failure(FailureKind::rejected, "no ticket to write on: this delivery has no target");
  co_return co_await session.once(
      note_on(Timeline(Timeline::Of::ticket, order.target.object_id), order, "A note from Baton"));
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::read_context, nullptr, read_context},
    {Operation::open_ticket, open_ticket},
    {Operation::add_note, add_note},
    {Operation::write_back, write_back},
    {Operation::read_status, nullptr, read_status},
    {Operation::read_person, nullptr, read_person},
});

std::string_view wrong_with_auth(std::string_view auth) {
  return auth == "token" || auth == "refresh_token" ? "" : "must be token or refresh_token";
}

// What HubSpot signs is this very text, so what it never sends to cannot be verified.
std::string_view wrong_with_hook_url(std::string_view url) {
  constexpr std::string_view kScheme = "https://", kDoor = "/v1/hooks/";
  if (url.empty()) return {};
  if (!url.starts_with(kScheme) || url.find_first_of(" #") != std::string_view::npos)
    return "must be the webhook's whole address as it stands in the app: "
           "https://<your Baton>/v1/hooks/<this destination>";
  const auto door = url.find(kDoor);
  if (url.find('/', kScheme.size()) == std::string_view::npos ||
      (door != std::string_view::npos && door + kDoor.size() == url.size()))
    return "must end in the name of this destination: https://<your Baton>/v1/hooks/<this destination>";
  return {};
}

constexpr auto kFields = std::to_array<sdk::Field>({
    {"auth", sdk::Need::optional, "token",
     "token for a static one; refresh_token for an OAuth app that was authorised in the account",
     wrong_with_auth},
    {"token", sdk::Need::optional_secret, "",
     "Static token of a project-based app, a service key, or a private app token"},
    {"client_id", sdk::Need::optional, "", "Client id of the app, for refresh_token"},
    {"client_secret", sdk::Need::optional_secret, "",
     "Client secret of the app, for refresh_token and for webhooks; without it webhooks are refused"},
    {"refresh_token", sdk::Need::optional_secret, "",
     "Token that the app's authorisation gave, for refresh_token"},
    {"hook_url", sdk::Need::optional, "", "Public address of the webhook exactly as it stands in the app",
     wrong_with_hook_url},
    {"closed_stages", sdk::Need::optional, "4",
     "Ids of the ticket stages that mean solved, separated by commas"},
    {"tier_property", sdk::Need::optional, "",
     "Property of contact or company that holds the account's tier"},
    {"renewal_property", sdk::Need::optional, "",
     "Property of contact or company that holds the renewal date"},
    {"health_property", sdk::Need::optional, "",
     "Property of contact or company that holds the account's health"},
    {"portal_id", sdk::Need::optional, "", "Account id (hub id); with it tickets get a link"},
    {"ui_domain", sdk::Need::optional, "app.hubspot.com", "Where people open HubSpot, for links"},
    {"version", sdk::Need::optional, "2026-09", "Date version of the API"},
});

// Five a second for all apps of the account together, without a word in the headers (section 5).
constexpr auto kBudgets = std::to_array<sdk::Budget>({{kSearches, 2, 2}});

constexpr sdk::Manifest kManifest{
    .name = "hubspot",
    .title = "HubSpot",
    .api_version = "2026-09",
    .idempotency = sdk::Idempotency::a,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://api.hubapi.com",
    // 100 requests in ten seconds with the smallest plan, shared with nobody but this app (section 5).
    .limits = {.per_second = 8, .burst = 16, .at_once = 4, .max_body_bytes = 256 * 1024},
    .budgets = kBudgets,
};
static_assert(sdk::well_formed(kManifest));

class HubSpot final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  // Giving a token back wants the client's secret beside it (section 2), so that is left to a person.
  sdk::Auth auth(const sdk::Settings& settings) const override {
    if (settings["auth"] != "refresh_token") return sdk::BearerAuth("token");
    return sdk::RefreshToken("/oauth/" + percent_encode(settings["version"]) + "/token", sdk::TokenBody::form,
                             std::string(settings["client_id"]), "client_secret", "refresh_token");
  }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    return hubspot::classify(seen);
  }
  sdk::Quota quota(const Reply& reply, TimePoint at) const override { return hubspot::quota(reply, at); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return hubspot::read_webhook(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return hubspot::probe(settings, session);
  }
  Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) const override {
    return hubspot::prepare(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<HubSpot>(); }

}  // namespace baton::hubspot
