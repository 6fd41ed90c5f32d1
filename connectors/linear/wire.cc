#include "connectors/linear/wire.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "connectors/linear/documents.h"
#include "connectors/linear/errors.h"
#include "connectors/linear/ids.h"
#include "connectors/linear/markdown.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::linear {
namespace {

using nlohmann::json;

constexpr std::size_t kTitleChars = 200;  // others cap at 255; nothing is published (section 8)
constexpr auto kClosed = std::to_array<std::string_view>({"completed", "canceled", "duplicate"});

std::string body_of(std::string_view document, const json& variables) {
  const json body = {{"query", document}, {"variables", variables}};
  return sdk::dumped(body);
}

Headers json_headers() { return {{"content-type", "application/json"}}; }

// The part of `data` under `root`; classify() let only answers with data pass.
Result<json> part_of(const Reply& reply, std::string_view root, FailureKind kind) {
  auto body = parse_json(reply.body, kind, "Linear's answer");
  if (!body) return body.error();
  const auto part = JsonView(*body)["data"][root];
  if (part.missing()) return Failure(kind, "Linear's answer carries no " + std::string(root));
  return json(*part.raw());
}

Result<std::vector<JsonView>> nodes_of(const json& part, std::string_view root) {
  auto nodes = JsonView(part)["nodes"].list();
  if (!nodes) return Failure(FailureKind::retryable, "Linear's " + std::string(root) + " carry no list");
  return *std::move(nodes);
}

// Nothing unless it has what a receipt needs.
std::optional<Issue> issue_of(JsonView node) {
  Issue issue;
  issue.id = node["id"].text();
  issue.state_type = node["state"]["type"].text();
  if (issue.id.empty() || issue.state_type.empty()) return std::nullopt;
  issue.state_name = node["state"]["name"].text();
  issue.identifier = node["identifier"].text();
  issue.url = node["url"].text();
  issue.title = node["title"].text();
  issue.description = node["description"].text();
  issue.team = node["team"]["id"].text();
  issue.assignee = node["assignee"]["name"].text();
  issue.assignee_id = node["assignee"]["id"].text();
  issue.closed_at = node["completedAt"].text(node["canceledAt"].text());
  issue.priority = static_cast<std::int64_t>(std::clamp(node["priority"].number().value_or(0), 0.0, 9.0));
  issue.trashed = node["trashed"].boolean().value_or(false);
  return issue;
}

// Ours come first: a mapping may add what it likes but not change what makes a repetition harmless.
json with_fields(json input, const json& fields) {
  for (const auto& [key, value] : fields.items()) {
    if (!value.is_null()) input.emplace(key, value);
  }
  return input;
}

sdk::Read ask(std::string_view document, const json& variables) {
  return sdk::Read::search("/graphql", body_of(document, variables), json_headers());
}

sdk::Write tell(std::string_view document, const json& variables) {
  return sdk::Write::post("/graphql", body_of(document, variables), json_headers());
}

}  // namespace

sdk::Read ask_who_we_are() { return ask(kHealth, json::object()); }
sdk::Read ask_team(std::string_view key) { return ask(kTeamByKey, {{"key", key}}); }
sdk::Read ask_states(std::string_view team) { return ask(kTeamStates, {{"teamId", team}}); }
sdk::Read ask_labels(const std::vector<std::string>& names, std::string_view team) {
  return ask(kLabelsByName, {{"names", names}, {"teamId", team}});
}
sdk::Read ask_issue(std::string_view id) { return ask(kIssueById, {{"id", id}}); }
sdk::Read ask_marked(std::string_view team, std::string_view marker) {
  return ask(kIssuesByMarker, {{"teamId", team}, {"marker", marker}});
}
sdk::Read search_issues(std::string_view term, std::string_view team) {
  json variables = {{"term", term}};
  if (!team.empty()) variables["teamId"] = team;
  return ask(kSearchIssues, variables).within(std::string(kSearches));
}

bool is_closed(std::string_view state_type) {
  return std::ranges::find(kClosed, state_type) != kClosed.end();
}

Result<Issue> read_issue(const Reply& reply) {
  const auto part = part_of(reply, "issue", FailureKind::retryable);
  if (!part) return part.error();
  if (part->is_null()) return Failure(FailureKind::target_gone, "Linear knows no such issue");
  auto issue = issue_of(JsonView(*part));
  if (!issue) return Failure(FailureKind::retryable, "Linear's issue has no id or no state");
  return *std::move(issue);
}

Result<std::vector<Issue>> read_issues(const Reply& reply, std::string_view root) {
  const auto part = part_of(reply, root, FailureKind::retryable);
  if (!part) return part.error();
  const auto nodes = nodes_of(*part, root);
  if (!nodes) return nodes.error();
  std::vector<Issue> issues;
  for (const auto& node : *nodes) {
    auto issue = issue_of(node);
    if (!issue) return Failure(FailureKind::retryable, "one of Linear's issues has no id or no state");
    issues.push_back(*std::move(issue));
  }
  return issues;
}

Result<std::vector<std::string>> read_nodes(const Reply& reply, std::string_view root,
                                            std::string_view member) {
  const auto part = part_of(reply, root, FailureKind::retryable);
  if (!part) return part.error();
  const auto nodes = nodes_of(*part, root);
  if (!nodes) return nodes.error();
  std::vector<std::string> values;
  for (const auto& node : *nodes) {
    auto value = node[member].text();
    if (value.empty())
      return Failure(FailureKind::retryable, "one of Linear's " + std::string(root) + " cannot be read");
    values.push_back(std::move(value));
  }
  return values;
}

namespace {

const JsonView* best_label(const std::vector<JsonView>& nodes, std::string_view name, std::string_view team) {
  const JsonView* best = nullptr;
  for (const auto& node : nodes) {
    const auto owner = node["team"]["id"].text();
    const bool fits = owner.empty() || owner == team;
    if (!fits || node["name"].text() != name || node["isGroup"].boolean() == true) continue;
    if (!best || !owner.empty()) best = &node;
  }
  return best;
}

}  // namespace

Result<std::vector<Label>> read_labels(const Reply& reply, const std::vector<std::string>& names,
                                       std::string_view team) {
  const auto part = part_of(reply, "issueLabels", FailureKind::retryable);
  if (!part) return part.error();
  const auto nodes = nodes_of(*part, "issueLabels");
  if (!nodes) return nodes.error();
  const bool whole = std::ranges::all_of(
      *nodes, [](JsonView node) { return !node["id"].text().empty() && !node["name"].text().empty(); });
  if (!whole) return Failure(FailureKind::retryable, "one of Linear's issueLabels cannot be read");
  std::vector<Label> labels;
  std::set<std::string> taken;  // labels and groups
  for (const auto& name : names) {
    const auto* label = best_label(*nodes, name, team);
    if (!label) continue;
    const auto id = (*label)["id"].text(), group = (*label)["parent"]["id"].text();
    if (!taken.insert(group.empty() ? id : group).second) continue;
    labels.emplace_back(id, name);
  }
  return labels;
}

Result<std::string> read_state(const Reply& reply, const std::vector<std::string_view>& types) {
  const auto part = part_of(reply, "workflowStates", FailureKind::retryable);
  if (!part) return part.error();
  const auto nodes = nodes_of(*part, "workflowStates");
  if (!nodes) return nodes.error();
  for (const auto type : types) {
    const JsonView* best = nullptr;
    for (const auto& node : *nodes) {
      if (node["type"].text() != type || node["id"].text().empty()) continue;
      if (!best || node["position"].number().value_or(0) < (*best)["position"].number().value_or(0))
        best = &node;
    }
    if (best) return (*best)["id"].text();
  }
  return Failure(FailureKind::rejected, "the issue's team has no state of the type " +
                                            std::string(types.empty() ? "" : types.front()));
}

std::string Report::id(std::string_view team, int generation) const {
  const auto what = fingerprint.empty() ? reference : std::string(team) + "/" + fingerprint;
  return uuid_of("issue/" + what + "/" + std::to_string(generation));
}

Result<Report> read_report(const json& document, std::string_view external_id) {
  const JsonView view(document);
  Report report;
  report.title = one_line(view["title"].text(), kTitleChars);
  if (report.title.empty())
    return Failure(FailureKind::rejected, "the mapping must yield a title for Linear's issue");
  const auto fingerprint = view["fingerprint"].text();
  const auto defect = trim(fingerprint);
  report.reference = "baton-ref:" + std::string(external_id);
  if (!defect.empty()) report.fingerprint = fingerprint_of(to_lower(defect));
  if (view["fields"].object()) report.fields = *view["fields"].raw();
  if (const auto priority = view["priority"].integer(); priority && *priority >= 0 && *priority <= 4)
    report.fields["priority"] = *priority;
  auto last = code_span(report.reference);
  if (!report.fingerprint.empty()) last += " " + code_span(report.marker());
  report.description = render(view["description"], kDescription, last);
  return report;
}

sdk::Write create_issue(const Report& report, std::string_view id, std::string_view team,
                        const std::vector<std::string>& labels) {
  json input = {{"id", id}, {"teamId", team}, {"title", report.title}, {"description", report.description}};
  if (!labels.empty()) input["labelIds"] = labels;
  return tell(kIssueCreate, {{"input", with_fields(std::move(input), report.fields)}});
}

sdk::Write update_issue(std::string_view id, const json& changes) {
  return tell(kIssueUpdate, {{"id", id}, {"input", changes}});
}

sdk::Write create_comment(std::string_view id, std::string_view issue, std::string_view body) {
  return tell(kCommentCreate, {{"input", {{"id", id}, {"issueId", issue}, {"body", body}}}});
}

sdk::Write create_attachment(std::string_view issue, std::string_view url, std::string_view title,
                             std::string_view subtitle, const json& metadata) {
  json input = {{"issueId", issue}, {"url", url}, {"title", title}};
  if (!subtitle.empty()) input["subtitle"] = subtitle;
  if (metadata.is_object() && !metadata.empty()) input["metadata"] = metadata;
  return tell(kAttachmentCreate, {{"input", std::move(input)}});
}

sdk::Write upsert_customer(std::string_view external_id, std::string_view name) {
  return tell(kCustomerUpsert, {{"input", {{"externalId", external_id}, {"name", name}}}});
}

// 1 is "important", 0 is not (section 3.7).
sdk::Write create_need(std::string_view id, std::string_view issue, std::string_view customer,
                       std::string_view body, bool important) {
  json input = {{"id", id}, {"issueId", issue}, {"customerId", customer}, {"priority", important ? 1 : 0}};
  if (!body.empty()) input["body"] = body;
  return tell(kCustomerNeedCreate, {{"input", std::move(input)}});
}

sdk::Write relate(std::string_view id, std::string_view issue, std::string_view related) {
  return tell(
      kIssueRelationCreate,
      {{"input", {{"id", id}, {"issueId", issue}, {"relatedIssueId", related}, {"type", "related"}}}});
}

Result<Receipt> read_created(const Reply& reply, std::string_view root, std::string_view member,
                             std::string_view id) {
  if (is_conflict(reply)) {
    if (is_conflict_on(reply, id)) return Receipt(std::string(id));
    return Failure(FailureKind::ambiguous, "Linear says that another id than ours is taken");
  }
  auto receipt = read_written(reply, root, member);
  if (receipt && !equals_ignoring_case(receipt->object_id, id))
    return Failure(FailureKind::ambiguous, "Linear made something under another id than ours");
  return receipt;
}

Result<Receipt> read_written(const Reply& reply, std::string_view root, std::string_view member) {
  const auto part = part_of(reply, root, FailureKind::ambiguous);
  if (!part) return part.error();
  const JsonView view(*part);
  const auto id = view[member]["id"].text();
  if (view["success"].boolean() != true || id.empty())
    return Failure(FailureKind::ambiguous,
                   "Linear's answer does not say that " + std::string(root) + " succeeded");
  return Receipt(id, view[member]["url"].text());
}

}  // namespace baton::linear
