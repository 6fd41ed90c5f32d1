// Purpose: Zendesk Support: the ticket, its notes and status, and what the customer asked before.
// Source: fact sheet zendesk; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <array>
#include <charconv>

#include "connectors/zendesk/context.h"
#include "connectors/zendesk/probe.h"
#include "connectors/zendesk/status.h"
#include "connectors/zendesk/webhook.h"
#include "connectors/zendesk/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::zendesk {
namespace {

// Keys live two hours (section 4); ten minutes are for a request that is long under way.
constexpr auto kKeyIsValid = Duration{1h + 50min};
// After a write whose answer was lost: a request that is still under way at Zendesk may end.
constexpr auto kSettle = Duration{10s};
// The search index lags by up to a few minutes; that the list by external_id does not is unconfirmed
// (section 3.4). Once the key is too old, nothing else keeps us from a second ticket, so we wait.
constexpr auto kIndexSettles = Duration{5min};

// What Zendesk takes for an external id of a user is not told; an id of the company's own is shorter.
constexpr std::size_t kLongestId = 255;

sdk::Lookup look_in(const sdk::Read& list, sdk::Lookup::Match match, Duration settle) {
  return sdk::Lookup(list, std::move(match), settle,
                     [list](const Reply& reply) { return next_page(list, reply); });
}

// The name of the error, or its description (section 6).
bool says_closed(std::string_view text) {
  return text.find("ClosedTicket") != std::string_view::npos ||
         text.find("closed prevents ticket update") != std::string_view::npos;
}

// What may pass: worth two more tries, but for somebody who waits for every second. A ticket without its
// file is still a ticket.
bool is_worth_another_try(const Failure& failure, const sdk::Order& order) {
  using enum FailureKind;
  constexpr int kTries = 2;
  const bool passes = failure.kind == retryable || failure.kind == rate_limited || failure.kind == ambiguous;
  return passes && !order.urgent && order.attempt <= kTries;
}

struct Uploaded {
  Uploaded() = default;
  std::vector<std::string> tokens;
  bool all = true;
};

// The files wait at Zendesk for the ticket that names their tokens; one that nobody names is forgotten after
// three days, so an upload may be repeated.
Task<Uploaded> upload_files(const sdk::Order& order, sdk::Session& session) {
  Uploaded files;
  for (std::size_t i = 0; i < order.files.size(); ++i) {
    if (order.files[i].bytes.empty()) continue;
    sdk::Step step("file " + std::to_string(i + 1), upload_file(order.files[i]), read_upload,
                   sdk::repeatable);
    const auto uploaded = co_await session.once(std::move(step));
    if (!uploaded && is_worth_another_try(uploaded.error(), order)) co_return uploaded.error();
    if (uploaded) files.tokens.push_back(uploaded->object_id);
    files.all = files.all && uploaded.has_value();
  }
  co_return files;
}

// With the files that are there, and without a word that says so of one that is not. It is made anew for each
// request: kept, it would be held once more while Zendesk is slow.
Result<nlohmann::json> document_of(const sdk::Order& order, const Uploaded& files) {
  if (files.all || !order.without_files) return with_uploads(order.document, files.tokens);
  auto without = order.without_files();
  if (!without) return without.error();
  return with_uploads(std::move(*without), files.tokens);
}

Result<sdk::Write> first_request(const sdk::Order& order, const Uploaded& files) {
  const auto document = document_of(order, files);
  if (!document) return document.error();
  return create_ticket(*document, order.external_id, order.native_key);
}

// Other bytes need another key (section 4).
Result<sdk::Write> request_without_requester(const sdk::Order& order, const Uploaded& files) {
  auto document = document_of(order, files);
  if (!document) return document.error();
  return create_ticket(without_requester(std::move(*document)), order.external_id, order.native_key + ".r");
}

// A, by the Idempotency-Key while it lives, then by external_id: not unique at Zendesk, but ours
// only, and looked up before the request is sent again.
sdk::Step ticket_step(std::string name, sdk::Write write, const std::string& id, const std::string& base) {
  return sdk::Step(
      std::move(name), std::move(write), [base](const Reply& reply) { return read_ticket(reply, base); },
      sdk::RepeatableFor(
          kKeyIsValid,
          look_in(
              find_ticket(id), [id, base](const Reply& reply) { return match_ticket(reply, id, base); },
              kIndexSettles)));
}

// An address that Zendesk takes for none, or a user whom it has suspended (422, details.requester).
bool refuses_requester(const Failure& failure) {
  return failure.kind == FailureKind::rejected && failure.detail.find("\"requester\"") != std::string::npos;
}

// A person in need is worth more than the address as they typed it: it stands in the brief as well.
Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session) {
  const auto files = co_await upload_files(order, session);
  if (!files) co_return files.error();
  auto write = first_request(order, *files);
  if (!write) co_return write.error();
  const std::string base(order.settings["base_url"]);
  auto made = co_await session.once(ticket_step("ticket", std::move(*write), order.external_id, base));
  if (made || !refuses_requester(made.error())) co_return made;
  auto plain = request_without_requester(order, *files);
  if (!plain) co_return plain.error();
  co_return co_await session.once(
      ticket_step("ticket_without_requester", std::move(*plain), order.external_id, base));
}

// In the update itself they would replace everybody's (section 10.7). A tag that is there stays one.
Task<Done> tag(const std::string& ticket, const sdk::Order& order, sdk::Session& session) {
  auto write = add_tags(ticket, order.document);
  if (!write) co_return Done{};
  sdk::Step step(
      "tags", std::move(*write), [ticket](const Reply&) { return Result<Receipt>(Receipt(ticket)); },
      sdk::repeatable);
  const auto tagged = co_await session.once(std::move(step));
  if (!tagged) co_return tagged.error();
  co_return Done{};
}

// PUT has no key; what a note leaves behind for sure is its audit with our id in it (section 4).
Task<Receipt> note_on(std::string ticket, std::string step_name, const sdk::Order& order,
                      sdk::Session& session) {
  auto write = add_comment(ticket, order.document, order.external_id);
  if (!write) co_return write.error();
  const std::string base(order.settings["base_url"]);
  sdk::Step step(
      std::move(step_name), std::move(*write),
      [ticket, base](const Reply& reply) { return read_comment(reply, ticket, base); },
      look_in(
          list_audits(ticket),
          [ticket, id = order.external_id, base](const Reply& reply) {
            return match_audit(reply, ticket, id, base);
          },
          kSettle));
  auto noted = co_await session.once(std::move(step));
  if (!noted) co_return noted;
  const auto tagged = co_await tag(ticket, order, session);
  if (!tagged) co_return tagged.error();
  co_return noted;
}

// And not deleted, which is target_gone as well: the detail holds Zendesk's own words.
bool is_closed(const Failure& failure) {
  return failure.kind == FailureKind::target_gone && says_closed(failure.detail);
}

// The same for every note, and another one when a person sends again what Zendesk refused.
std::string key_of_follow_up(const std::string& id, const sdk::Order& order) {
  const std::string_view key = order.native_key;
  return key.starts_with(order.external_id) ? id + std::string(key.substr(order.external_id.size())) : id;
}

// A closed ticket takes nothing more (section 3.3). What is said after that stands in one follow-up of it. It
// is looked for by its external_id, in a list that may lag; until that knows it, whoever makes it says the
// same under the same key, and the second one is answered with the first one's ticket (section 4).
Task<Receipt> follow_up(const sdk::Order& order, sdk::Session& session) {
  const std::string base(order.settings["base_url"]);
  const auto& closed = order.target.object_id;
  const auto id = order.external_id.substr(0, order.external_id.find('/')) + "/follow_up/" + closed;
  const auto known = co_await session.read(find_ticket(id));
  if (!known) co_return known.error();
  const auto there = match_ticket(*known, id, base);
  if (!there) co_return there.error();
  if (*there) co_return co_await note_on((*there)->object_id, "note_on_follow_up", order, session);
  auto write = create_follow_up(closed, id, key_of_follow_up(id, order));
  if (!write) co_return write.error();
  const auto made = co_await session.once(ticket_step("follow_up", std::move(*write), id, base));
  if (!made) co_return made.error();
  const auto noted = co_await note_on(made->object_id, "note_on_follow_up", order, session);
  if (!noted) co_return noted.error();
  co_return *made;  // what agents do with it concerns this handoff
}

Task<Receipt> add_note(const sdk::Order& order, sdk::Session& session) {
  const auto noted = co_await note_on(order.target.object_id, "note", order, session);
  if (noted || !is_closed(noted.error())) co_return noted;
  co_return co_await follow_up(order, session);
}

Task<Receipt> set_status(const sdk::Order& order, sdk::Session& session) {
  auto write = change_status(order.target.object_id, order.document, JsonView(order.subject)["status"].text(),
                             order.external_id);
  if (!write) co_return write.error();
  const std::string base(order.settings["base_url"]);
  sdk::Step step(
      "status", std::move(*write), [base](const Reply& reply) { return read_ticket(reply, base); },
      sdk::repeatable);
  auto set = co_await session.once(std::move(step));
  if (!set) co_return set;
  const auto tagged = co_await tag(order.target.object_id, order, session);
  if (!tagged) co_return tagged.error();
  co_return set;
}

// By their address; one without any by the company's own id of them, which Zendesk keeps as external_id
// (section 3.1).
Task<Person> find_person(JsonView customer, sdk::ReadSession& session) {
  const auto email = customer["email"].text(), id = customer["id"].id().value_or("");
  const bool by_email = plain_email(email);
  if (!by_email && (!email.empty() || id.empty() || id.size() > kLongestId)) co_return Person();
  const auto users = co_await session.read(by_email ? find_user(email) : find_user_by_id(id));
  if (!users) co_return users.error();
  co_return by_email ? read_user(*users, "email", email) : read_user(*users, "external_id", id);
}

Task<nlohmann::json> read_context(const sdk::Order& order, sdk::ReadSession& session) {
  const auto base = order.settings["base_url"];
  const auto person = co_await find_person(JsonView(order.subject)["customer"], session);
  if (!person) co_return person.error();
  if (person->id.empty()) co_return make_context(*person, nullptr, "", base);
  const auto tickets = co_await session.read(list_requested(person->id));
  if (!tickets) co_return make_context(*person, nullptr, "Zendesk did not answer with the tickets", base);
  const auto history = read_history(*tickets, base);
  if (!history) co_return make_context(*person, nullptr, "Zendesk's list of tickets could not be read", base);
  co_return make_context(*person, *history, "", base);
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::open_ticket, open_ticket},
    {Operation::add_note, add_note},
    {Operation::set_status, set_status},
    {Operation::read_context, nullptr, read_context},
    {Operation::read_status, nullptr, read_status},
});

std::string_view wrong_with_auth(std::string_view auth) {
  return auth == "refresh_token" || auth == "client_credentials"
             ? ""
             : "must be client_credentials or refresh_token; empty with `email` for an API token";
}

constexpr auto kFields = std::to_array<sdk::Field>({
    {"auth", sdk::Need::optional, "",
     "client_credentials, which needs nobody; refresh_token for a person's consent; empty: "
     "client_credentials, or the API token where only `email` is set",
     wrong_with_auth},
    {"client_id", sdk::Need::optional, "", "Identifier of the confidential OAuth client that Baton uses"},
    {"client_secret", sdk::Need::optional_secret, "", "Secret of that OAuth client"},
    {"refresh_token", sdk::Need::optional_secret, "",
     "Token that the consent gave, for refresh_token; Baton replaces it each time that Zendesk does"},
    {"email", sdk::Need::optional, "", "Legacy API token only: e-mail address of the token's owner"},
    {"api_token", sdk::Need::optional_secret, "",
     "Legacy API token, instead of the OAuth client; all of them stop working on 2027-04-30"},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "Signing secret of the webhook; without it Baton hears nothing of what agents do in Zendesk"},
    {"webhook_tolerance", sdk::Need::optional, "10m", "How old or early the signature of a webhook may be"},
    {"baton_user_id", sdk::Need::optional, "",
     "User id that Baton acts as, so that its own changes are not taken for an agent's"},
});

constexpr sdk::Manifest kManifest{
    .name = "zendesk",
    .title = "Zendesk Support",
    .api_version = "v2",
    .idempotency = sdk::Idempotency::a,
    .actions = kActions,
    .fields = kFields,
    .base_url = "",  // https://NAME.zendesk.com: the operator must say
    .files = true,
    // Suite Team allows 200 requests a minute, shared with everything else in the account (section 5).
    .limits = {.per_second = 1, .burst = 20, .at_once = 4, .max_body_bytes = 1024 * 1024},
};
static_assert(sdk::well_formed(kManifest));

std::optional<int> whole(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// The list of all tickets: to create one, or to find one.
bool names_no_ticket(const Request& request) { return path_of(request.target) == "/api/v2/tickets"; }

std::optional<int> remaining_of_account(const Reply& reply) {
  const auto remaining = whole(header(reply.headers, "ratelimit-remaining"));
  return remaining ? remaining : whole(header(reply.headers, "x-rate-limit-remaining"));
}

// "total=30; remaining=0; resets=600": of an endpoint that is used up, the seconds until it is not.
std::optional<Duration> endpoint_rests(const Reply& reply) {
  constexpr std::string_view kLimit = "zendesk-ratelimit-", kReset = "resets=";
  for (const auto& [name, value] : reply.headers) {
    if (!name.starts_with(kLimit) || value.find("remaining=0") == std::string::npos) continue;
    const auto at = value.find(kReset);
    const auto seconds =
        at == std::string::npos ? std::nullopt : whole(std::string_view(value).substr(at + kReset.size()));
    return std::chrono::seconds(seconds.value_or(60));
  }
  return std::nullopt;
}

// One ticket takes 30 updates in ten minutes: that it has had enough says nothing about the others. The
// account's own limit is looked at first (section 5). The name keeps the lane at work, and no budget of the
// manifest bears it: the others are not counted.
void spare_the_lane(Failure& failure, const sdk::Exchange& seen) {
  if (failure.kind != FailureKind::rate_limited || seen.request.method != "PUT") return;
  if (!path_of(seen.request.target).starts_with("/api/v2/tickets/")) return;
  const auto left = remaining_of_account(seen.reply);
  const auto rests = endpoint_rests(seen.reply);
  if (left ? *left == 0 : !rests) return;
  failure.budget = "updates of this ticket";
  if (!seen.reply.retry_after && rests) failure.not_before = seen.at + *rests;
}

// `error` is a string, or in older endpoints an object; low-level errors are plain text (section 6).
// The ticket errors are named inside `details`; looking for the name in the whole text finds both.
bool names(const Reply& reply, std::string_view error) {
  return reply.body.find("\"" + std::string(error) + "\"") != std::string::npos;
}

class Zendesk final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }

  sdk::Auth auth(const sdk::Settings& settings) const override {
    if (uses_api_token(settings))
      return sdk::BasicAuth(std::string(settings["email"]) + "/token", "api_token");
    const std::string target = "/oauth/tokens", client(settings["client_id"]);
    // No scope: the new token may do what the person consented to (section 2.3).
    if (settings["auth"] == "refresh_token")
      return sdk::RefreshToken(target, sdk::TokenBody::json, client, "client_secret", "refresh_token");
    return sdk::ClientCredentials(target, sdk::TokenBody::json, client, "client_secret", "read write");
  }
  std::vector<sdk::Remark> judge(const sdk::Settings& settings,
                                 const std::function<bool(std::string_view)>&) const override {
    if (!settings["client_id"].empty() || uses_api_token(settings)) return {};
    return {{"client_id",
             "is required: the identifier of the OAuth client that Baton uses (Admin Center, Apps "
             "and integrations, APIs, OAuth clients); or `email` for a legacy API token",
             true}};
  }

  // Ordinary HTTP but for what section 6 says of 400, 404, 409 and 422.
  std::optional<Failure> classify(const sdk::Exchange& seen) const override {
    using enum FailureKind;
    auto failure = sdk::classify_http(seen);
    if (!failure) return failure;
    const int status = seen.reply.status;
    const bool all = names_no_ticket(seen.request);
    if (status >= 300 && status < 400) failure->kind = misconfigured;  // base_url leads somewhere else
    // The key is known with other bytes: the ticket may exist.
    if (status == 400 && seen.writes && names(seen.reply, "IdempotentRequestError"))
      failure->kind = ambiguous;
    if ((status == 404 || status == 410) && all) failure->kind = misconfigured;
    // Its word that nothing happened is a proxy's as often as Zendesk's: looked at before it is repeated.
    if (status == 503 && seen.writes) failure->kind = ambiguous;
    if (status == 409) failure->kind = seen.writes ? ambiguous : retryable;
    if (status == 422 && seen.writes && !all && says_closed(seen.reply.body)) failure->kind = target_gone;
    spare_the_lane(*failure, seen);
    return failure;
  }

  sdk::Quota quota(const Reply& reply, TimePoint at) const override {
    sdk::Quota quota;
    quota.remaining = remaining_of_account(reply);
    if (const auto seconds = whole(header(reply.headers, "ratelimit-reset"))) {
      quota.resets_at = at + std::chrono::seconds(*seconds);
    }
    return quota;
  }

  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return zendesk::read_webhook(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return zendesk::probe(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Zendesk>(); }

}  // namespace baton::zendesk
