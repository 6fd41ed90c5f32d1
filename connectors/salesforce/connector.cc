// Purpose: Salesforce: what the CRM knows about the customer, a case for the handoff, its comments and
// status. Source: fact sheet salesforce; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <algorithm>
#include <array>

#include "connectors/salesforce/context.h"
#include "connectors/salesforce/errors.h"
#include "connectors/salesforce/probe.h"
#include "connectors/salesforce/soql.h"
#include "connectors/salesforce/webhook.h"
#include "connectors/salesforce/wire.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace {

// After a write whose answer was lost: a request that is still under way at Salesforce may end.
constexpr auto kSettle = Duration{10s};

Failure no_case(const Receipt& target) {
  return Failure(FailureKind::rejected, "`" + target.object_id + "` is no id of a case");
}

void add_gap(nlohmann::json& context, const char* part, const Failure& failure) {
  nlohmann::json gap = {{"part", part}, {"why", clip_utf8(to_valid_utf8(failure.detail), 300)}};
  context["missing"].push_back(std::move(gap));
}

// Of somebody who is no contact. Each part that fails is a gap.
Task<Done> add_unknown(const Paths& paths, std::string literal, std::string email, sdk::ReadSession& session,
                       nlohmann::json& context) {
  std::vector<sdk::Read> reads;
  reads.push_back(paths.query(lead_query(literal)));
  reads.push_back(paths.query(supplied_query(literal)));
  const auto found = co_await session.read_all(std::move(reads));
  if (!found) co_return found.error();
  const auto &leads_reply = found->at(0), &cases_reply = found->at(1);
  const auto place = paths.at(session.address());
  const auto leads =
      leads_reply ? read_leads(*leads_reply, email, place) : Result<nlohmann::json>(leads_reply.error());
  if (!leads) add_gap(context, "leads", leads.error());
  else if (!leads->empty()) {
    context["matches"] = leads->size();
    context["people"] = *leads;
  }
  const auto cases =
      cases_reply ? add_supplied(*cases_reply, place, context) : Result<Done>(cases_reply.error());
  if (!cases) add_gap(context, "cases", cases.error());
  co_return Done();
}

Task<nlohmann::json> look_for_customer(const sdk::Order& order, sdk::ReadSession& session) {
  const Paths paths(order.settings);
  const auto email = JsonView(order.subject).at_path("customer.email").text();
  const auto literal = soql_text(email, kLongestEmail);
  if (!literal) {
    auto nobody = nlohmann::json::object();
    nobody["matches"] = 0;
    co_return nobody;
  }
  bool custom = has_custom_fields(order.settings);
  auto reply = co_await session.read(paths.composite(context_parts(paths, *literal, order.settings, custom)));
  if (!reply) co_return reply.error();
  // One hidden field fails the whole query: better the rest than nothing (section 3.2).
  if (custom && lacks_a_field(*reply)) {
    custom = false;
    reply = co_await session.read(paths.composite(context_parts(paths, *literal, order.settings, custom)));
    if (!reply) co_return reply.error();
  }
  const auto place = paths.at(session.address());
  auto context = read_context(*reply, email, place, order.settings, custom);
  if (!context || !knows_nobody(*reply, email)) co_return context;
  const auto known = co_await add_unknown(paths, *literal, email, session, *context);
  if (!known) co_return known.error();
  co_return context;
}

// A case without its contact is still a case: where contacts may not be read, the query is refused
// (INVALID_TYPE). Every other failure is the destination's, and the case would meet it as well.
Task<std::string> find_contact(const Paths& paths, std::string email, sdk::ReadSession& session) {
  const auto literal = soql_text(email, kLongestEmail);
  if (!literal) co_return std::string();
  const auto reply = co_await session.read(paths.query(contact_query(*literal)));
  if (reply) co_return read_contact(*reply, email);
  if (reply.error().kind == FailureKind::rejected) co_return std::string();
  co_return reply.error();
}

// The session outlives the step, and knows the org's host when an answer is there.
sdk::Step upsert(const char* name, const Paths& paths, const std::string& key, const nlohmann::json& fields,
                 const sdk::Session& session) {
  return sdk::Step(
      name, paths.upsert_case(key, fields),
      [paths, &session](const Reply& reply) { return read_case(reply, paths.at(session.address())); },
      sdk::Lookup(
          paths.case_by_key(key),
          [paths, &session](const Reply& reply) { return match_case(reply, paths.at(session.address())); },
          kSettle));
}

// A case's number is not in the answer to its upsert (section 3.4). Where it cannot be read people see the
// id.
Task<Receipt> with_number(const Paths& paths, Receipt made, sdk::Session& session) {
  if (!made.label.empty()) co_return made;
  const auto reply = co_await session.read(paths.case_number(made.object_id));
  if (reply) made.label = read_case_number(*reply);
  co_return made;
}

// The case is there: what was said long ago is no reason to say that it is not, nor to try it again.
Task<Done> add_earlier(const Paths& paths, std::vector<Comment> earlier, std::string case_id,
                       sdk::Session& session) {
  int number = 0;
  for (auto& comment : earlier) {
    comment.fields["ParentId"] = case_id;
    sdk::Step step("earlier_" + std::to_string(++number), paths.create_comment(comment.fields), read_comment,
                   look_for_comment(paths, case_id, comment.reference, kSettle));
    const auto made = co_await session.once(std::move(step));
    if (!made) break;
  }
  co_return Done();
}

// A, by our unique external id. An upsert overwrites what it finds, also what agents have changed since, so
// an unclear outcome is looked up first (section 4).
Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session) {
  const Paths paths(order.settings);
  if (!is_field_name(paths.key_field())) {
    co_return Failure(FailureKind::misconfigured, "key_field must be the name of a field of Case");
  }
  auto fields = case_fields(order.document, paths.key_field());
  if (!fields) co_return fields.error();
  if (JsonView(*fields)["ContactId"].text().empty()) {
    const auto contact =
        co_await find_contact(paths, JsonView(order.document)["contact_email"].text(), session);
    if (!contact) co_return contact.error();
    if (!contact->empty()) (*fields)["ContactId"] = *contact;
  }
  auto earlier = add_conversation(*fields, order.document, order.external_id);
  const auto key = key_of(order.external_id);
  auto made = co_await session.once(upsert("case", paths, key, *fields, session));
  const bool refused = !made && made.error().kind == FailureKind::rejected &&
                       fields->contains("SuppliedEmail") &&
                       made.error().detail.find("INVALID_EMAIL_ADDRESS") != std::string::npos;
  if (refused) {
    fields->erase("SuppliedEmail");  // a person in need is worth more than the address as they typed it
    made = co_await session.once(upsert("case_without_address", paths, key, *fields, session));
  }
  if (!made) co_return made.error();
  (void)co_await add_earlier(paths, std::move(earlier), made->object_id, session);
  co_return co_await with_number(paths, *std::move(made), session);
}

// B: a comment has no field of ours, so it ends with our reference, and the case's comments are read before
// it is written a second time. One that is too long becomes several, each with a reference of its own.
Task<Receipt> add_note(const sdk::Order& order, sdk::Session& session) {
  const Paths paths(order.settings);
  const auto id = order.target.object_id;
  if (!is_id(id)) co_return no_case(order.target);
  const auto comments = comments_of(order.document, order.subject, id, order.external_id);
  Receipt first;
  int number = 0;
  for (const auto& comment : comments) {
    auto name = ++number == 1 ? std::string("comment") : "comment_" + std::to_string(number);
    sdk::Step step(std::move(name), paths.create_comment(comment.fields), read_comment,
                   look_for_comment(paths, id, comment.reference, kSettle));
    const auto made = co_await session.once(std::move(step));
    if (!made) co_return made.error();
    if (number == 1) first = *made;
  }
  co_return first;
}

// A plain overwrite: the same again changes nothing.
Task<Receipt> set_status(const sdk::Order& order, sdk::Session& session) {
  const Paths paths(order.settings);
  const auto target = order.target;
  if (!is_id(target.object_id)) co_return no_case(target);
  const auto wanted = JsonView(order.subject)["status"].text();
  if (wanted != "open" && wanted != "pending" && wanted != "solved") {
    co_return Failure(FailureKind::rejected, "`" + wanted + "` is no status that Baton sets");
  }
  auto status = JsonView(order.document)["Status"].text();
  if (status.empty()) status = std::string(order.settings["status_" + wanted]);
  sdk::Step step(
      "status", paths.set_status(target.object_id, status),
      [target](const Reply& reply) { return read_done(reply, target); }, sdk::repeatable);
  co_return co_await session.once(std::move(step));
}

// What agents last said to the customer: internal comments are theirs alone, and what Baton wrote is no word
// of theirs. Asked again later where Salesforce has no answer now: "no words" would be told to the customer.
Task<std::string> closing_words(const Paths& paths, std::string id, sdk::ReadSession& session) {
  const auto reply =
      co_await session.read(paths.query("SELECT CommentBody FROM CaseComment WHERE ParentId = '" + id +
                                        "' AND IsPublished = true ORDER BY CreatedDate DESC LIMIT 5"));
  if (!reply) {
    const auto kind = reply.error().kind;
    const bool may_not = kind == FailureKind::rejected || kind == FailureKind::misconfigured;
    if (may_not) co_return std::string();
    co_return reply.error();
  }
  const auto body = parse_json(reply->body, FailureKind::retryable, "Salesforce's comments");
  if (!body) co_return body.error();
  const auto records = records_of(*body, FailureKind::retryable, "Salesforce's list of comments");
  if (!records) co_return records.error();
  for (const auto& comment : *records) {
    auto words = comment["CommentBody"].text();
    if (!is_our_comment(words)) co_return words;
  }
  co_return std::string();
}

// Not to be seen is not to be gone: an assignment rule may give a case to people whose cases Baton's user may
// not see. What was deleted or merged stays in the bin for a while, and queryAll looks there.
Task<nlohmann::json> read_unseen(const Paths& paths, std::string id, sdk::ReadSession& session) {
  const auto reply = co_await session.read(
      paths.query_all("SELECT Id, IsDeleted, MasterRecordId FROM Case WHERE Id = '" + id + "'"));
  if (!reply) co_return reply.error();
  const auto body = parse_json(reply->body, FailureKind::retryable, "Salesforce's case");
  if (!body) co_return body.error();
  const auto records = records_of(*body, FailureKind::retryable, "Salesforce's answer to a case");
  if (!records) co_return records.error();
  if (records->empty()) {
    co_return Failure(
        FailureKind::rejected,
        "Baton's user no longer sees this case (" + id +
            "): give it View All on Case (better Modify All), or a sharing rule for whoever has it. "
            "Until then Baton cannot tell whether it is solved");
  }
  const auto one = records->front();
  if (one["IsDeleted"].boolean() != true)
    co_return Failure(FailureKind::retryable, "Salesforce's answers about the case contradict one another");
  auto status = nlohmann::json::object();
  status["state"] = "gone";
  if (const auto master = one["MasterRecordId"].text(); is_id(master)) {
    status["state"] = "merged";
    status["into"] = safe_id(master);
    status["url"] = paths.at(session.address()).link("Case", safe_id(master));
  }
  co_return status;
}

// A queue owns what nobody has taken yet. Baton's own user made the case and takes none: where it is the
// owner still, nothing is said of who has it.
void put_owner(JsonView one, nlohmann::json& status) {
  const auto owner = one["OwnerId"].text();
  if (!is_id(owner) || safe_id(owner) == safe_id(one["CreatedById"].text())) return;
  if (owner.starts_with("00G")) status["by_id"] = "";
  if (!owner.starts_with("005")) return;
  status["by_id"] = safe_id(owner);
  status["by"] = one["Owner"]["Name"].text();
}

Task<nlohmann::json> read_status(const sdk::Order& order, sdk::ReadSession& session) {
  const Paths paths(order.settings);
  const auto id = order.target.object_id;
  if (!is_id(id)) co_return no_case(order.target);
  const auto reply = co_await session.read(paths.query(
      "SELECT Id, IsClosed, ClosedDate, OwnerId, Owner.Name, CreatedById FROM Case WHERE Id = '" + id + "'"));
  if (!reply) co_return reply.error();
  const auto body = parse_json(reply->body, FailureKind::retryable, "Salesforce's case");
  if (!body) co_return body.error();
  const auto records = records_of(*body, FailureKind::retryable, "Salesforce's answer to a case");
  if (!records) co_return records.error();
  if (records->empty() && JsonView(*body)["done"].boolean() == true)
    co_return co_await read_unseen(paths, id, session);
  const auto closed = records->empty() ? std::nullopt : records->front()["IsClosed"].boolean();
  if (!closed)
    co_return Failure(FailureKind::retryable, "Salesforce's answer does not say whether the case is closed");
  const auto one = records->front();
  auto status = nlohmann::json::object();
  status["state"] = *closed ? "solved" : "open";
  put_owner(one, status);
  if (!*closed) co_return status;
  status["at"] = rfc3339_of(one["ClosedDate"].text());
  const auto words = co_await closing_words(paths, id, session);
  if (!words) co_return words.error();
  status["text"] = *words;
  co_return status;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::read_context, nullptr, look_for_customer},
    {Operation::open_ticket, open_ticket},
    {Operation::add_note, add_note},
    {Operation::set_status, set_status},
    {Operation::read_status, nullptr, read_status},
});

std::string_view wrong_with_auth(std::string_view auth) {
  const bool known = auth == "client_credentials" || auth == "jwt" || auth == "refresh_token";
  return known ? "" : "must be client_credentials, jwt or refresh_token";
}

constexpr std::size_t kShortest = 32;  // of what is all that proves a callout or message

std::string_view wrong_with_webhook_token(std::string_view token) {
  return token.size() >= kShortest ? ""
                                   : "must be 32 random characters or more: it is all that proves a callout";
}

// It is all that protects an address which stands in the org's set-up for many to see.
std::string_view wrong_with_url_token(std::string_view token) {
  const bool plain =
      std::ranges::all_of(token, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
  if (token.size() >= kShortest && plain) return {};
  return "must be 32 random characters or more: letters, digits, - and _, so that it can stand in an address";
}

std::string_view wrong_with_organization(std::string_view id) {
  if (is_id(id) && id.starts_with("00D")) return {};
  return "must be the organization's id, 15 or 18 letters and digits that begin with 00D: in Setup, Company "
         "Information";
}

// Beside the address of tokens, which may be another host than the org's (section 2.3).
sdk::RevokeTarget revoke_beside(std::string_view token_url) {
  constexpr std::string_view kToken = "/services/oauth2/token", kRevoke = "/services/oauth2/revoke";
  if (!token_url.ends_with(kToken)) return std::string(kRevoke);
  return std::string(token_url.substr(0, token_url.size() - kToken.size())) + std::string(kRevoke);
}

constexpr auto kFields = std::to_array<sdk::Field>({
    {"client_id", sdk::Need::required, "", "Consumer key of the External Client App"},
    {"auth", sdk::Need::optional, "client_credentials",
     "client_credentials; jwt for a certificate's key; refresh_token for a person's consent",
     wrong_with_auth},
    {"client_secret", sdk::Need::optional_secret, "",
     "Consumer secret, for client_credentials, and for refresh_token where the app asks for it"},
    {"refresh_token", sdk::Need::optional_secret, "",
     "Token that the consent gave (scopes api and refresh_token), for refresh_token"},
    {"private_key", sdk::Need::optional_secret, "", "Private key (PEM) of the app's certificate, for jwt"},
    {"username", sdk::Need::optional, "", "User name that Baton acts as, for jwt"},
    {"audience", sdk::Need::optional, "",
     "Audience of the assertion; empty: base_url. Classic Connected Apps: https://login.salesforce.com"},
    {"token_url", sdk::Need::optional, "/services/oauth2/token", "Where sessions are asked for"},
    {"webhook_token", sdk::Need::optional_secret, "",
     "Token of the flow's callout, 32 random characters or more; without it callouts are refused",
     wrong_with_webhook_token},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "Secret (whsec_...) with which Apex signs its callouts after Standard Webhooks, instead of "
     "webhook_token"},
    {"webhook_tolerance", sdk::Need::optional, "10m", "How far a callout's occurredAt may be from now"},
    {"url_token", sdk::Need::optional_secret, "",
     "What stands behind ?token= in the address of outbound messages; without it they are refused",
     wrong_with_url_token},
    {"organization_id", sdk::Need::optional, "",
     "The org's id (00D...), which outbound messages must bear; without it they are refused",
     wrong_with_organization},
    {"key_field", sdk::Need::optional, "Baton_Handoff_Id__c",
     "Field of Case for Baton's key: external id, unique"},
    {"assignment_rule", sdk::Need::optional, "on",
     "off: a new case keeps its owner, no assignment rule is run"},
    {"status_open", sdk::Need::optional, "Working", "Status of a case that is being worked on"},
    {"status_pending", sdk::Need::optional, "Working", "Status of a case that waits for the customer"},
    {"status_solved", sdk::Need::optional, "Closed", "Status of a case that is solved"},
    {"tier_field", sdk::Need::optional, "", "Field of Account that holds the tier, such as Tier__c"},
    {"renewal_field", sdk::Need::optional, "",
     "Field of Account that holds the renewal date; empty: the end of the last activated contract"},
    {"health_field", sdk::Need::optional, "", "Field of Account that holds the account's health"},
    {"value_field", sdk::Need::optional, "", "Field of Account that holds what it is worth, a number"},
    {"currency", sdk::Need::optional, "", "The org's currency, such as EUR, for amounts"},
    {"version", sdk::Need::optional, "v67.0", "Version of the API"},
});

constexpr sdk::Manifest kManifest{
    .name = "salesforce",
    .title = "Salesforce",
    .api_version = "v67.0",
    .idempotency = sdk::Idempotency::a,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // the My Domain host of the org
    // Salesforce limits the day, not the second; all integrations share it, so ours stays small (section 5).
    .limits = {.per_second = 5,
               .burst = 10,
               .at_once = 4,
               // The day is a window that rolls: what was asked a day ago comes back bit by bit. A lane that
               // waits is probed once an hour, so a longer wait would be none.
               .first_wait = Duration{15min},
               .longest_wait = Duration{1h},
               .max_body_bytes = 256 * 1024,
               .slow_lookups_above = 80,
               .stop_lookups_above = 95},
    // The host of tokens may serve all orgs, and an org may move: never built, always told (section 1).
    .address_in_grant = "instance_url",
};
static_assert(sdk::well_formed(kManifest));

class Salesforce final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings& settings) const override {
    const std::string target(settings["token_url"]), client(settings["client_id"]);
    const auto revoke = revoke_beside(target);
    if (settings["auth"] == "refresh_token") {
      return sdk::RefreshToken(target, sdk::TokenBody::form, client, "client_secret", "refresh_token", "",
                               revoke);
    }
    if (settings["auth"] != "jwt") {
      return sdk::ClientCredentials(target, sdk::TokenBody::form, client, "client_secret", "", revoke);
    }
    const auto audience = settings["audience"].empty() ? settings["base_url"] : settings["audience"];
    return sdk::JwtBearer(target, client, std::string(settings["username"]), std::string(audience),
                          "private_key", revoke);
  }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    return salesforce::classify(seen);
  }
  sdk::Quota quota(const Reply& reply, TimePoint) const override { return salesforce::quota(reply); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return salesforce::read_webhook(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return salesforce::probe(settings, session);
  }
  Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) const override {
    return salesforce::prepare(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Salesforce>(); }

}  // namespace baton::salesforce
