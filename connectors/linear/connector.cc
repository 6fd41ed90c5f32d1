// Purpose: Linear: one issue per defect with every customer on it, and issues as tickets where a team works
// so. Source: fact sheet linear; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/linear/bugs.h"
#include "connectors/linear/errors.h"
#include "connectors/linear/markdown.h"
#include "connectors/linear/probe.h"
#include "connectors/linear/webhook.h"
#include "connectors/linear/wire.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton::linear {
namespace {

using nlohmann::json;

Failure without_target() { return Failure(FailureKind::rejected, "there is no issue to write on"); }

Task<Receipt> add_note(const sdk::Order& order, sdk::Session& session) {
  if (order.target.object_id.empty()) co_return without_target();
  auto body = render(JsonView(order.document)["comment"], kComment);
  if (body.empty()) body = escaped(JsonView(order.subject)["text"].text());
  if (body.empty()) co_return Failure(FailureKind::rejected, "the note has no text");
  co_return co_await add_comment(order, std::move(body), session);
}

// "pending" has no counterpart in Linear: somebody is on it (section 3.1).
std::vector<std::string_view> types_for(std::string_view status) {
  if (status == "solved") return {"completed"};
  if (status == "pending") return {"started", "unstarted"};
  if (status == "open") return {"unstarted", "backlog", "triage", "started"};
  return {};
}

Task<Issue> read_target(const sdk::Order& order, sdk::ReadSession& session) {
  const auto reply = co_await session.read(ask_issue(order.target.object_id));
  if (!reply) co_return reply.error();
  co_return read_issue(*reply);
}

Task<Receipt> set_status(const sdk::Order& order, sdk::Session& session) {
  if (order.target.object_id.empty()) co_return without_target();
  const auto types = types_for(JsonView(order.subject)["status"].text());
  if (types.empty())
    co_return Failure(FailureKind::rejected,
                      "Linear knows no status for " + JsonView(order.subject)["status"].text());
  const auto issue = co_await read_target(order, session);
  if (!issue) co_return issue.error();
  const auto reply = co_await session.read(ask_states(issue->team));
  if (!reply) co_return reply.error();
  const auto state = read_state(*reply, types);
  if (!state) co_return state.error();
  sdk::Step update(
      "status", update_issue(issue->id, {{"stateId", *state}}),
      [](const Reply& seen) { return read_written(seen, "issueUpdate", "issue"); }, sdk::repeatable);
  co_return co_await session.once(std::move(update));
}

// --- reads

json standing(std::string_view state) { return {{"state", state}, {"by", ""}, {"text", ""}, {"at", ""}}; }

// A state's name is no word to the customer, so there is no text. Whoever Baton acts as has taken nothing.
json state_of(const Issue& issue, std::string_view ourselves) {
  if (issue.trashed) return standing("gone");
  const bool closed = is_closed(issue.state_type);
  auto found = standing(closed ? "solved" : "open");
  const bool is_ours = !ourselves.empty() && issue.assignee_id == ourselves;
  if (!is_ours) found["by"] = issue.assignee;
  if (!closed && !is_ours) found["by_id"] = issue.assignee_id;
  if (closed && issue.state_type != "completed") found[std::string(kUnfixed)] = true;
  if (closed && parse_rfc3339(issue.closed_at)) found["at"] = issue.closed_at;
  return found;
}

Task<json> read_status(const sdk::Order& order, sdk::ReadSession& session) {
  const auto issue = co_await read_target(order, session);
  if (issue) co_return state_of(*issue, order.settings["baton_user_id"]);
  if (issue.error().kind != FailureKind::target_gone) co_return issue.error();
  co_return standing("gone");
}

// What to look for: the problem where it is known, else whose it is.
std::string search_term(JsonView subject) {
  for (const auto* path : {"text", "intent.summary", "customer.company", "customer.name", "customer.email"}) {
    auto term = one_line(subject.at_path(path).text(), 200);
    if (!term.empty()) return term;
  }
  return {};
}

json bug_of(const Issue& issue) {
  json bug = {{"id", issue.identifier.empty() ? issue.id : issue.identifier},
              {"status", issue.state_name.empty() ? issue.state_type : issue.state_name}};
  if (!issue.title.empty()) bug["title"] = issue.title;
  if (!issue.url.empty()) bug["url"] = issue.url;
  return bug;
}

json known_bugs(const Reply& reply, const std::vector<Issue>& issues) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "");
  const auto nodes = body ? JsonView(*body)["data"]["searchIssues"]["nodes"].list() : std::nullopt;
  json bugs = json::array();
  for (std::size_t i = 0; i < issues.size() && bugs.size() < 5; ++i) {
    if (is_closed(issues[i].state_type)) continue;
    auto bug = bug_of(issues[i]);
    const auto tickets =
        nodes && i < nodes->size() ? (*nodes)[i]["customerTicketCount"].integer() : std::nullopt;
    if (tickets && *tickets > 0) bug["customers"] = *tickets;
    bugs.push_back(std::move(bug));
  }
  return bugs;
}

Task<json> read_context(const sdk::Order& order, sdk::ReadSession& session) {
  const auto term = search_term(JsonView(order.subject));
  if (term.empty()) co_return json::object();
  // Its team's issues come first; without its id all are ranked alike.
  const auto team = co_await session.read(ask_team(order.settings["team"]));
  const auto ids = team ? read_nodes(*team, "teams", "id") : Result<std::vector<std::string>>(team.error());
  const auto reply =
      co_await session.read(search_issues(term, ids && !ids->empty() ? ids->front() : std::string()));
  if (!reply) co_return reply.error();
  const auto issues = read_issues(*reply, "searchIssues");
  if (!issues) co_return issues.error();
  auto context = json::object();
  context["known_bugs"] = known_bugs(*reply, *issues);
  co_return context;
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::file_bug, file_bug},
    {Operation::link_bug, link_bug},
    {Operation::open_ticket, open_ticket},
    {Operation::add_note, add_note},
    {Operation::set_status, set_status},
    {Operation::read_context, nullptr, read_context},
    {Operation::read_status, nullptr, read_status},
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"team", sdk::Need::required, "",
     "Key of the team that gets the issues: the letters before an issue's number"},
    {"client_id", sdk::Need::optional, "", "Client id of the OAuth application that Baton acts as"},
    {"client_secret", sdk::Need::optional_secret, "", "Client secret of that application"},
    {"api_key", sdk::Need::optional_secret, "",
     "A person's API key, instead of the application; everything is then done in that person's name"},
    {"scope", sdk::Need::optional, "read,write",
     "Scopes of the application's tokens; another value here revokes the tokens of every other user of the "
     "app"},
    {"workspace", sdk::Need::optional, "",
     "The workspace's name in its address, to notice a wrong credential"},
    {"labels", sdk::Need::optional, "", "Names of labels for new issues, separated by commas"},
    {"customer_requests", sdk::Need::optional, "yes",
     "Whether customers are counted on bugs as customer requests"},
    {"raise_priority", sdk::Need::optional, "no",
     "Whether a more urgent handoff raises a known bug's priority"},
    {"defect_url", sdk::Need::optional, "",
     "Address to which a defect's fingerprint is added, to be attached to its issue; empty: none"},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "Signing secret of the webhook; without it Baton hears nothing of what people do in Linear"},
    {"webhook_tolerance", sdk::Need::optional, "60s", "How far from now a webhook may have been sent"},
    {"baton_user_id", sdk::Need::optional, "",
     "Id of the user or app that Baton acts as, so that its own changes are not taken for a person's"},
});

// Thirty a minute, of which the smallest whole number for a second is twice as many (section 3.3): those
// beyond are refused, and then searches alone wait.
constexpr auto kBudgets = std::to_array<sdk::Budget>({{kSearches, 1, 1}});

constexpr sdk::Manifest kManifest{
    .name = "linear",
    .title = "Linear",
    .api_version = "unversioned",
    .idempotency = sdk::Idempotency::a,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://api.linear.app",
    .tracker = true,
    // 2,500 requests an hour for a key, 5,000 for an app; at most four at once, bodies below 100 kB (section
    // 5).
    .limits = {.per_second = 1, .burst = 20, .at_once = 4, .max_body_bytes = 100'000},
    .budgets = kBudgets,
};
static_assert(sdk::well_formed(kManifest));

class Linear final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }

  // A person's key stands in the header as it is, without Bearer (section 2).
  sdk::Auth auth(const sdk::Settings& settings) const override {
    if (settings["client_id"].empty()) return sdk::HeaderAuth("authorization", "api_key");
    return sdk::ClientCredentials("/oauth/token", sdk::TokenBody::form, std::string(settings["client_id"]),
                                  "client_secret", std::string(settings["scope"]), "/oauth/revoke");
  }
  std::vector<sdk::Remark> judge(const sdk::Settings& settings,
                                 const std::function<bool(std::string_view)>& has) const override {
    std::vector<sdk::Remark> remarks;
    const bool app = !settings["client_id"].empty();
    if (app && !has("client_secret"))
      remarks.emplace_back("client_secret",
                           "is required beside client_id: the secret of that OAuth application. Write "
                           "{secret: NAME} and run `baton secret set NAME`",
                           true);
    if (!app && !has("api_key"))
      remarks.emplace_back(
          "client_id",
          "is required, and client_secret, for there is no api_key either: without one of the "
          "two Linear lets nobody in",
          true);
    return remarks;
  }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override { return linear::classify(seen); }
  sdk::Quota quota(const Reply& reply, TimePoint) const override { return linear::quota(reply); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return linear::read_webhook(request, keys, settings);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return linear::probe(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Linear>(); }

}  // namespace baton::linear
