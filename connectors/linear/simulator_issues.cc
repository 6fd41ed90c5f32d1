// Issues, comments and attachments (fact sheet, sections 3.1 to 3.6, 3.8 and 4).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/linear/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::linear::simulated {
namespace {

constexpr std::size_t kMaxTitle = 255;  // unconfirmed; other integrators cap there [8]
constexpr std::string_view kPriorities[] = {"No priority", "Urgent", "High", "Medium", "Low"};

// The form of a version 4 UUID [4].
bool is_uuid4(std::string_view id) {
  if (id.size() != 36 || id[14] != '4' || std::string_view("89abAB").find(id[19]) == std::string_view::npos)
    return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? id[i] != '-' : std::isxdigit(static_cast<unsigned char>(id[i])) == 0) return false;
  }
  return true;
}

const json* find_by(const std::vector<json>& all, std::string_view key, std::string_view value) {
  for (const auto& one : all)
    if (JsonView(one)[key].text() == value && !value.empty()) return &one;
  return nullptr;
}

json brief(const json& state) {
  return {{"id", state["id"]}, {"name", state["name"]}, {"type", state["type"]}, {"color", "#5e6ad2"}};
}

std::string slug(std::string_view title) {
  std::string made;
  for (const char c : to_lower(title)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      made += c;
    } else if (!made.empty() && made.back() != '-') {
      made += '-';
    }
  }
  return made.substr(0, 40);
}

}  // namespace

// --- reads

json Workspace::viewer(const json&) {
  return {{"id", "b0b0b0b0-0000-4000-8000-00000000ba70"},
          {"name", "Baton"},
          {"email", "baton@acme.example"},
          {"active", true},
          {"app", caller_.app}};
}

json Workspace::organization(const json&) {
  return {{"id", text("organization_id", "dc844923-f9a4-40a3-825c-dea7747e57d6")},
          {"urlKey", "acme"},
          {"name", "Acme"}};
}

json Workspace::rate_limit_status(const json&) {
  const auto limit = [](std::string_view type, const Leak& leak) {
    return json{{"type", type}, {"allowedAmount", leak.size()}, {"remainingAmount", leak.left()}};
  };
  return {{"identifier", "baton"},
          {"kind", caller_.app ? "OAUTH_APP" : "USER"},
          {"limits", json::array({limit("REQUESTS", requests_), limit("COMPLEXITY", points_)})}};
}

json Workspace::list(const std::vector<json>& all, const json& args) {
  const auto first = static_cast<std::size_t>(
      std::clamp<std::int64_t>(JsonView(args)["first"].integer().value_or(50), 1, 250));
  const auto after = JsonView(args)["after"].text();
  const json filter = args.value("filter", json());
  json nodes = json::array();
  bool seen = after.empty(), more = false;
  std::string last;
  for (const auto& one : all) {
    const auto id = JsonView(one)["id"].text();
    if (seen && matches(one, filter, now_)) {
      more = nodes.size() == first;
      if (more) break;
      nodes.push_back(one);
      last = id;
    }
    seen = seen || id == after;
  }
  return {{"nodes", std::move(nodes)},
          {"pageInfo", {{"hasNextPage", more}, {"endCursor", last.empty() ? json() : json(last)}}}};
}

json Workspace::teams(const json& args) { return list(teams_, args); }
json Workspace::workflow_states(const json& args) { return list(states_, args); }
json Workspace::issue_labels(const json& args) { return list(labels_, args); }
json Workspace::projects(const json& args) { return list(projects_, args); }

json* Workspace::find_issue(std::string_view id, bool trashed_too) {
  for (auto& issue : issues_) {
    const auto& before = issue["previousIdentifiers"];
    const bool hit = issue["id"] == id || issue["identifier"] == id ||
                     std::find(before.begin(), before.end(), json(id)) != before.end();
    if (hit && (trashed_too || issue["trashed"] == false)) return &issue;
  }
  return nullptr;
}

// With what stands beside it: everything that a document can ask for.
json Workspace::shown(const json& issue) const {
  auto full = issue;
  const auto collect = [&](std::string_view name, const std::vector<json>& all) {
    json nodes = json::array();
    for (const auto& one : all)
      if (json(JsonView(one).at_path("issue.id").text()) == issue["id"]) nodes.push_back(one);
    full[std::string(name)] = {{"nodes", std::move(nodes)}};
  };
  collect("comments", comments_);
  collect("attachments", attachments_);
  collect("needs", needs_);
  full["customerTicketCount"] = full["needs"]["nodes"].size();
  json labels = json::array();
  for (const auto& label : labels_)
    if (std::find(issue["labelIds"].begin(), issue["labelIds"].end(), label["id"]) != issue["labelIds"].end())
      labels.push_back(label);
  full["labels"] = {{"nodes", std::move(labels)}};
  return full;
}

// One in the trash: what a read of it says is unconfirmed; taken is what loses us the issue [4].
json Workspace::issue(const json& args) {
  const auto* found = find_issue(JsonView(args)["id"].text());
  return found ? shown(*found) : not_found("Issue");
}

json Workspace::issues(const json& args) {
  std::vector<json> all;
  for (const auto& issue : issues_)
    if (issue["trashed"] == false) all.push_back(shown(issue));
  const auto key = JsonView(args)["orderBy"].text("createdAt");
  std::sort(all.begin(), all.end(), [&](const json& a, const json& b) {
    const auto left = JsonView(a)[key].text(), right = JsonView(b)[key].text();
    return left == right ? a["number"] > b["number"] : left > right;
  });
  return list(all, args);
}

json Workspace::search_issues(const json& args) {
  const auto known = simulation::iso_millis(now_ - simulation::seconds_of(setup_, "search_lag", 60));
  const auto team = JsonView(args)["teamId"].text();
  std::vector<std::pair<int, json>> ranked;
  for (const auto& issue : issues_) {
    const JsonView view(issue);
    if (issue["trashed"] == true || view["createdAt"].text() > known) continue;
    const auto words = to_lower(view["title"].text() + " " + view["description"].text());
    int hits = 0;
    const auto term = to_lower(JsonView(args)["term"].text());
    for (const auto word : split(term, ' '))
      hits += !word.empty() && words.find(word) != std::string::npos ? 1 : 0;
    if (hits == 0) continue;
    const bool boosted = !team.empty() && view.at_path("team.id").text() == team;  // ranked higher, not alone
    ranked.emplace_back(hits + (boosted ? 1'000 : 0), shown(issue));
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.first == b.first ? a.second["number"] > b.second["number"] : a.first > b.first;
  });
  std::vector<json> all;
  for (auto& [hits, issue] : ranked) all.push_back(std::move(issue));
  auto page = list(all, args);
  page["totalCount"] = all.size();
  return page;
}

json Workspace::attachments_for_url(const json& args) {
  std::vector<json> all;
  for (auto attachment : attachments_) {
    if (attachment["url"] != JsonView(args)["url"].text()) continue;
    const auto* issue = find_issue(attachment["issue"]["id"].get<std::string>());
    if (!issue) continue;
    attachment["issue"] = shown(*issue);
    all.push_back(std::move(attachment));
  }
  return list(all, args);
}

json Workspace::comment(const json& args) {
  const auto* found = find_by(comments_, "id", JsonView(args)["id"].text());
  return found ? *found : not_found("Comment");
}

// --- writes

// `members` are those that this workspace knows, a blank on each side of every name.
bool Workspace::check_input(std::string_view type, const json& input, std::string_view members) {
  if (!input.is_object()) {
    (void)fail("Variable \"$input\" of required type was not provided.", "BAD_USER_INPUT", "graphql error",
               {}, 400);
    return false;
  }
  for (const auto& [key, value] : input.items()) {
    if (members.find(" " + key + " ") != std::string_view::npos) continue;
    (void)unknown_member(type, key);
    return false;
  }
  if (input.contains("createAsUser") && !caller_.app) {
    (void)fail("createAsUser can only be used by OAuth apps with actor=app");
    return false;
  }
  return true;
}

std::optional<std::string> Workspace::take_id(std::string_view what, const json& input,
                                              const std::vector<json>& taken) {
  if (!input.contains("id") || input["id"].is_null()) return simulation::make_uuid(random_);
  const auto id = JsonView(input)["id"].text();
  if (!is_uuid4(id)) {
    (void)fail("Argument Validation Error", "INPUT_ERROR", "invalid input", "id must be a UUID", 400);
    return std::nullopt;
  }
  if (!find_by(taken, "id", id)) return id;
  (void)conflict(what, id);
  return std::nullopt;
}

bool Workspace::check_issue_fields(const json& input, std::string_view team) {
  const JsonView view(input);
  const auto invalid = [&](std::string_view why) {
    (void)fail("Argument Validation Error", "INPUT_ERROR", "invalid input", std::string(why), 400);
    return false;
  };
  for (const auto* key : {"title", "description", "stateId", "teamId", "assigneeId", "projectId"}) {
    if (!view[key].missing() && !view[key].null() && !view[key].string())
      return invalid(fmt::format("{} must be a string", key));
  }
  if (view["title"].text().size() > kMaxTitle)
    return invalid("title must be shorter than or equal to 255 characters");
  if (!view["priority"].missing()) {
    const auto priority = view["priority"].integer().value_or(-1);
    if (priority < 0 || priority > 4) return invalid("priority must be one of 0, 1, 2, 3, 4");
  }
  if (!view["stateId"].missing()) {
    const auto* state = find_by(states_, "id", view["stateId"].text());
    if (!state) return (void)not_found("WorkflowState"), false;
    if ((*state)["team"]["id"] != team) return invalid("stateId is of another team");
  }
  for (const auto* key : {"labelIds", "addedLabelIds", "removedLabelIds"}) {
    if (view[key].missing()) continue;
    const auto ids = view[key].list();
    if (!ids) return invalid(fmt::format("{} must be a list", key));
    for (const auto& id : *ids) {
      const auto* label = find_by(labels_, "id", id.text());
      if (!label) return (void)not_found("IssueLabel"), false;
      // A team's own label fits on its issues alone, and a group is no label.
      if (!(*label)["team"].is_null() && (*label)["team"]["id"] != team)
        return invalid("labelIds: the label " + (*label)["name"].get<std::string>() + " is of another team");
      if ((*label)["isGroup"] == true) return invalid("labelIds: a label group cannot be put on an issue");
    }
  }
  if (!view["projectId"].missing() && !find_by(projects_, "id", view["projectId"].text()))
    return (void)not_found("Project"), false;
  return true;
}

void Workspace::change(json& issue, const json& input) {
  const JsonView view(input);
  for (const auto* key :
       {"title", "description", "priority", "projectId", "assigneeId", "dueDate", "labelIds"})
    if (input.contains(key)) issue[key] = input[key];
  issue["priorityLabel"] =
      kPriorities[std::clamp<std::int64_t>(JsonView(issue)["priority"].integer().value_or(0), 0, 4)];
  auto& labels = issue["labelIds"];
  for (const auto& id : input.value("addedLabelIds", json::array()))
    if (std::find(labels.begin(), labels.end(), id) == labels.end()) labels.push_back(id);
  for (const auto& id : input.value("removedLabelIds", json::array()))
    if (const auto at = std::find(labels.begin(), labels.end(), id); at != labels.end()) labels.erase(at);
  if (const auto* state = find_by(states_, "id", view["stateId"].text())) {
    issue["stateId"] = (*state)["id"];
    issue["state"] = brief(*state);
    const auto now = simulation::iso_millis(now_);
    issue["completedAt"] = (*state)["type"] == "completed" ? json(now) : json();
    issue["canceledAt"] =
        (*state)["type"] == "canceled" || (*state)["type"] == "duplicate" ? json(now) : json();
  }
  issue["updatedAt"] = simulation::iso_millis(now_);
}

json Workspace::issue_create(const json& args) {
  const json input = args.value("input", json());
  if (!check_input(
          "IssueCreateInput", input,
          " id teamId title description priority labelIds stateId assigneeId projectId parentId "
          "subscriberIds dueDate createdAt templateId useDefaultTemplate createAsUser displayIconUrl "
          "sourceCommentId "))
    return nullptr;
  const auto* team = find_by(teams_, "id", JsonView(input)["teamId"].text());
  if (JsonView(input)["teamId"].missing())
    return fail("Field \"teamId\" of required type \"String!\" was not provided.",
                "GRAPHQL_VALIDATION_FAILED", "graphql error", {}, 400);
  if (!team) return not_found("Team");
  if (trim(JsonView(input)["title"].text()).empty())
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input", "title should not be empty",
                400);
  if (!check_issue_fields(input, (*team)["id"].get<std::string>())) return nullptr;
  const auto id = take_id("Issue", input, issues_);
  if (!id) return nullptr;
  const int number = next_number_++;
  const auto identifier = fmt::format("{}-{}", (*team)["key"].get<std::string>(), number);
  const auto& state =
      (*team)["triageIssueState"].is_null() ? (*team)["defaultIssueState"] : (*team)["triageIssueState"];
  json made = {{"id", *id},
               {"identifier", identifier},
               {"number", number},
               {"url", fmt::format("{}/issue/{}/{}", text("self_url", "https://linear.app/acme"), identifier,
                                   slug(JsonView(input)["title"].text()))},
               {"description", nullptr},
               {"priority", 0},
               {"stateId", state["id"]},
               {"state", brief(state)},
               {"teamId", (*team)["id"]},
               {"team", {{"id", (*team)["id"]}, {"key", (*team)["key"]}, {"name", (*team)["name"]}}},
               {"labelIds", json::array()},
               {"assignee", nullptr},
               {"completedAt", nullptr},
               {"canceledAt", nullptr},
               {"archivedAt", nullptr},
               {"trashed", false},
               {"previousIdentifiers", json::array()},
               {"createdAt", simulation::iso_millis(now_)}};
  change(made, input);
  issues_.push_back(made);
  tally_.effect("issues_created");
  echo("Issue", "create", made);
  return {{"success", true}, {"lastSyncId", 1000 + issues_.size()}, {"issue", shown(made)}};
}

json Workspace::issue_update(const json& args) {
  const json input = args.value("input", json());
  if (!check_input("IssueUpdateInput", input,
                   " title description priority labelIds addedLabelIds removedLabelIds stateId assigneeId "
                   "projectId parentId subscriberIds dueDate "))
    return nullptr;
  auto* issue = find_issue(JsonView(args)["id"].text());
  if (!issue) return not_found("Issue");
  if (!check_issue_fields(input, (*issue)["teamId"].get<std::string>())) return nullptr;
  const auto before = *issue;
  change(*issue, input);
  tally_.effect("issues_updated");
  json from = json::object();
  for (const auto& [key, value] : before.items())
    if (value != (*issue)[key]) from[key] = value;
  echo("Issue", "update", *issue, std::move(from));
  return {{"success", true}, {"lastSyncId", 2000}, {"issue", shown(*issue)}};
}

json Workspace::comment_create(const json& args) {
  const json input = args.value("input", json());
  if (!check_input("CommentCreateInput", input,
                   " id issueId body parentId createAsUser displayIconUrl doNotSubscribeToIssue createdAt "))
    return nullptr;
  const auto* issue = find_issue(JsonView(input)["issueId"].text());
  if (!issue) return not_found("Issue");
  if (trim(JsonView(input)["body"].text()).empty())
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input", "body should not be empty", 400);
  const auto id = take_id("Comment", input, comments_);
  if (!id) return nullptr;
  const auto now = simulation::iso_millis(now_);
  json made = {{"id", *id},
               {"body", input["body"]},
               {"issueId", (*issue)["id"]},
               {"issue", {{"id", (*issue)["id"]}, {"identifier", (*issue)["identifier"]}}},
               {"user", viewer({})},
               {"parentId", input.value("parentId", json())},
               {"createdAt", now},
               {"updatedAt", now},
               {"url", fmt::format("{}#comment-{}", (*issue)["url"].get<std::string>(), id->substr(0, 8))}};
  comments_.push_back(made);
  tally_.effect("comments_created");
  echo("Comment", "create", comment_data(made, *issue));
  return {{"success", true}, {"lastSyncId", 3000 + comments_.size()}, {"comment", std::move(made)}};
}

// The same url on the same issue is the same attachment, written over [3.6].
json Workspace::put_attachment(json& issue, const json& input) {
  const auto url = JsonView(input)["url"].text();
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input", "url must be a URL address",
                400);
  for (auto& old : attachments_) {
    if (old["url"] != url || old["issue"]["id"] != issue["id"]) continue;
    for (const auto* key : {"title", "subtitle", "metadata"})
      if (input.contains(key)) old[key] = input[key];
    tally_.effect("attachments_updated");
    return {{"success", true}, {"attachment", old}};
  }
  const auto id = take_id("Attachment", input, attachments_);
  if (!id) return nullptr;
  attachments_.push_back({{"id", *id},
                          {"url", url},
                          {"title", input.value("title", json(url))},
                          {"subtitle", input.value("subtitle", json())},
                          {"metadata", input.value("metadata", json::object())},
                          {"sourceType", "api"},
                          {"issue", {{"id", issue["id"]}, {"identifier", issue["identifier"]}}}});
  tally_.effect("attachments_created");
  echo("Attachment", "create", attachments_.back());
  return {{"success", true}, {"attachment", attachments_.back()}};
}

json Workspace::attachment_create(const json& args) {
  const json input = args.value("input", json());
  if (!check_input("AttachmentCreateInput", input,
                   " id issueId url title subtitle iconUrl metadata groupBySource commentBody createAsUser "))
    return nullptr;
  auto* issue = find_issue(JsonView(input)["issueId"].text());
  if (!issue) return not_found("Issue");
  if (JsonView(input)["title"].text().empty())
    return fail("Field \"title\" of required type \"String!\" was not provided.", "GRAPHQL_VALIDATION_FAILED",
                "graphql error", {}, 400);
  if (input.contains("metadata") && !input["metadata"].is_object())
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input", "metadata must be an object",
                400);
  return put_attachment(*issue, input);
}

json Workspace::attachment_link_url(const json& args) {
  auto* issue = find_issue(JsonView(args)["issueId"].text());
  return issue ? put_attachment(*issue, args) : not_found("Issue");
}

json Workspace::issue_relation_create(const json& args) {
  const json input = args.value("input", json());
  if (!check_input("IssueRelationCreateInput", input, " id issueId relatedIssueId type ")) return nullptr;
  const auto *issue = find_issue(JsonView(input)["issueId"].text()),
             *related = find_issue(JsonView(input)["relatedIssueId"].text());
  if (!issue || !related) return not_found("Issue");
  const auto type = JsonView(input)["type"].text();
  if (type != "blocks" && type != "duplicate" && type != "related" && type != "similar")
    return fail("Value does not exist in \"IssueRelationType\" enum.", "GRAPHQL_VALIDATION_FAILED",
                "graphql error", {}, 400);
  const auto id = take_id("IssueRelation", input, relations_);
  if (!id) return nullptr;
  relations_.push_back(
      {{"id", *id}, {"type", type}, {"issueId", (*issue)["id"]}, {"relatedIssueId", (*related)["id"]}});
  tally_.effect("relations_created");
  return {{"success", true}, {"issueRelation", relations_.back()}};
}

}  // namespace baton::linear::simulated
