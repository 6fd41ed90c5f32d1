#include "connectors/linear/bugs.h"

#include <utility>

#include "connectors/linear/errors.h"
#include "connectors/linear/ids.h"
#include "connectors/linear/markdown.h"
#include "connectors/linear/probe.h"
#include "connectors/linear/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::linear {
namespace {

using nlohmann::json;

// How often one defect may come back after its issue was closed, before each handoff gets its own issue.
constexpr int kMostGenerations = 20;

bool is_on(std::string_view setting) { return setting == "yes" || setting == "true" || setting == "on"; }

// The step after an optional one goes on unless another attempt may help.
std::optional<Failure> worth_waiting_for(const Result<Receipt>& outcome) {
  if (outcome || !is_passing(outcome.error())) return std::nullopt;
  return outcome.error();
}

Task<std::string> find_team(const sdk::Settings& settings, sdk::Session& session) {
  const std::string key(settings["team"]);
  const auto reply = co_await session.read(ask_team(key));
  if (!reply) co_return reply.error();
  const auto ids = read_nodes(*reply, "teams", "id");
  if (!ids) co_return ids.error();
  if (ids->empty())
    co_return Failure(FailureKind::misconfigured, "Linear has no team with the key " + key +
                                                      " that we may see: check the setting `team`");
  co_return ids->front();
}

// Labels that do not exist are left out: a bug without its label is still a bug (probe() names them).
Task<std::vector<std::string>> find_labels(const sdk::Settings& settings, std::string team,
                                           sdk::Session& session) {
  std::vector<std::string> ids;
  const auto names = label_names(settings);
  if (names.empty()) co_return ids;
  const auto reply = co_await session.read(ask_labels(names, team));
  if (!reply) co_return reply.error();
  const auto labels = read_labels(*reply, names, team);
  if (!labels) co_return labels.error();
  for (const auto& label : *labels) ids.push_back(label.id);
  co_return ids;
}

Task<Issue> find_issue(std::string id, sdk::Session& session) {
  const auto reply = co_await session.read(ask_issue(id));
  if (!reply) co_return reply.error();
  co_return read_issue(*reply);
}

bool bears(const Issue& issue, const Report& report) {
  return issue.description.find(code_span(report.reference)) != std::string::npos;
}

// Found by people, made by another Baton, moved here: the marker in its description tells the defect. One
// that this very delivery has made, so that nobody heard of it, is none of these: making it goes on.
Task<sdk::Found> find_known(const Report& report, std::string team, sdk::Session& session) {
  const auto reply = co_await session.read(ask_marked(team, report.marker()));
  if (!reply) co_return reply.error();
  const auto issues = read_issues(*reply, "issues");
  if (!issues) co_return issues.error();
  for (const auto& issue : *issues) {
    if (bears(issue, report)) co_return sdk::Found();
  }
  for (const auto& issue : *issues) {
    if (!is_closed(issue.state_type)) co_return sdk::Found(issue.receipt());
  }
  co_return sdk::Found();
}

// What a new issue refers to is there or it is not; there is no issue yet that could be gone.
Failure not_of_this_team(const Failure& gone) {
  return Failure(
      FailureKind::misconfigured,
      gone.detail + "; a label, project or person that the mapping or `labels` names does not exist");
}

// What became of one try to make the issue under the id of one generation.
struct Made {
  Made() = default;

  sdk::Found receipt;   // none: the id belongs to an issue that is closed or gone
  std::string earlier;  // that closed issue, to be related to the next
};

// A: the id follows from the defect, so a repetition and a parallel handoff collide in Linear itself, and the
// loser reads the issue (section 4). Our own issue counts whatever has become of it.
Task<Made> try_generation(const Report& report, std::string id, std::string step, sdk::Write write,
                          sdk::Session& session) {
  Made made;
  sdk::Step create(
      std::move(step), std::move(write),
      [id](const Reply& reply) { return read_created(reply, "issueCreate", "issue", id); }, sdk::repeatable);
  const auto outcome = co_await session.once(std::move(create));
  if (!outcome && outcome.error().kind == FailureKind::target_gone)
    co_return not_of_this_team(outcome.error());
  if (!outcome) co_return outcome.error();
  if (!outcome->url.empty()) {
    made.receipt = *outcome;
    co_return made;
  }
  const auto known = co_await find_issue(id, session);
  if (!known && known.error().kind != FailureKind::target_gone) co_return known.error();
  if (!known || known->trashed) co_return made;
  if (bears(*known, report) || !is_closed(known->state_type)) made.receipt = known->receipt();
  else made.earlier = known->id;
  co_return made;
}

Task<Receipt> create(const Report& report, std::string team, const std::vector<std::string>& labels,
                     sdk::Session& session) {
  std::string earlier;
  for (int generation = 1; generation <= kMostGenerations; ++generation) {
    const auto id = report.id(team, generation);
    auto step = generation == 1 ? std::string("issue") : "issue_" + std::to_string(generation);
    auto made =
        co_await try_generation(report, id, std::move(step), create_issue(report, id, team, labels), session);
    if (!made) co_return made.error();
    if (!made->earlier.empty()) earlier = made->earlier;
    if (!made->receipt) continue;
    if (earlier.empty()) co_return *made->receipt;
    // It is back: whoever looks at the new issue sees how the last one ended.
    const auto relation = uuid_of("relation/" + id + "/" + earlier);
    sdk::Step related(
        "relation", relate(relation, id, earlier),
        [relation](const Reply& reply) {
          return read_created(reply, "issueRelationCreate", "issueRelation", relation);
        },
        sdk::repeatable);
    const auto outcome = co_await session.once(std::move(related));
    if (const auto failure = worth_waiting_for(outcome)) co_return *failure;
    co_return *made->receipt;
  }
  co_return Failure(FailureKind::rejected,
                    "this defect's issue was closed or deleted too often: file it by hand");
}

// So that people and other tools find the issue by the defect's page (sections 3.3 and 4).
Task<Receipt> attach_page(const Report& report, const sdk::Settings& settings, Receipt issue,
                          sdk::Session& session) {
  const std::string page(settings["defect_url"]);
  if (page.empty() || report.fingerprint.empty()) co_return issue;
  sdk::Step attach(
      "page",
      create_attachment(issue.object_id, page + report.fingerprint, "Baton defect " + report.fingerprint, "",
                        {{"fingerprint", report.fingerprint}}),
      [](const Reply& reply) { return read_written(reply, "attachmentCreate", "attachment"); },
      sdk::repeatable);
  const auto attached = co_await session.once(std::move(attach));
  if (const auto failure = worth_waiting_for(attached)) co_return *failure;
  co_return issue;
}

Task<Receipt> file(const Report& report, const sdk::Settings& settings, sdk::Session& session) {
  const auto team = co_await find_team(settings, session);
  if (!team) co_return team.error();
  if (!report.fingerprint.empty()) {
    const auto known = co_await find_known(report, *team, session);
    if (!known) co_return known.error();
    if (*known) co_return co_await attach_page(report, settings, **known, session);
  }
  const auto labels = co_await find_labels(settings, *team, session);
  if (!labels) co_return labels.error();
  const auto made = co_await create(report, *team, *labels, session);
  if (!made) co_return made.error();
  co_return co_await attach_page(report, settings, *made, session);
}

// --- one more customer

bool is_address(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

// The ticket on the bug: an attachment is overwritten by its address, so a repetition changes nothing.
Task<Receipt> attach_ticket(const sdk::Order& order, sdk::Session& session) {
  const auto ticket = JsonView(order.subject)["ticket"];
  const auto url = ticket["url"].text(), id = ticket["id"].id().value_or("");
  const auto wanted = JsonView(order.document)["attachment"];
  if (!is_address(url)) co_return order.target;
  auto title = one_line(wanted["title"].text(), 200);
  if (title.empty()) title = "Ticket " + id;
  json metadata = {{"ticket", id}};
  sdk::Step attach(
      "attachment",
      create_attachment(order.target.object_id, url, title, one_line(wanted["subtitle"].text(), 200),
                        metadata),
      [](const Reply& reply) { return read_written(reply, "attachmentCreate", "attachment"); },
      sdk::repeatable);
  co_return co_await session.once(std::move(attach));
}

// Who is counted: a company where one is known, else the person; never an e-mail address (section 8).
struct Customer {
  Customer() = default;

  std::string id;
  std::string name;
};

Customer customer_of(JsonView customer) {
  Customer found;
  found.id = customer["account_id"].id().value_or("");
  found.name = one_line(customer["company"].text(), 200);
  if (found.id.empty() && found.name.empty()) found.id = customer["id"].id().value_or("");
  if (found.id.empty()) found.id = found.name;
  if (found.name.empty()) found.name = one_line(customer["name"].text(found.id), 200);
  if (found.name.find('@') != std::string::npos) found.name = "Customer " + fingerprint_of(found.name);
  if (found.id.find('@') != std::string::npos) found.id = fingerprint_of(found.id);
  return found;
}

// The demand that product people see. Not every plan has customer requests: then the bug goes without.
Task<Receipt> count_customer(const sdk::Order& order, sdk::Session& session) {
  const auto customer = customer_of(JsonView(order.subject)["customer"]);
  if (!is_on(order.settings["customer_requests"]) || customer.id.empty()) co_return order.target;
  sdk::Step upsert(
      "customer", upsert_customer(customer.id, customer.name),
      [](const Reply& reply) { return read_written(reply, "customerUpsert", "customer"); }, sdk::repeatable);
  const auto known = co_await session.once(std::move(upsert));
  if (!known) co_return known.error();
  const auto& bug = order.target.object_id;
  const auto id = uuid_of("need/" + bug + "/" + customer.id);
  const auto wanted = JsonView(order.document)["need"];
  sdk::Step need(
      "need",
      create_need(id, bug, known->object_id, render(wanted["body"], kComment),
                  wanted["important"].boolean() == true),
      [id](const Reply& reply) { return read_created(reply, "customerNeedCreate", "need", id); },
      sdk::repeatable);
  co_return co_await session.once(std::move(need));
}

// Only upwards, and only where somebody asked for it, or so many customers met it that the configuration
// does: people have weighed the bug themselves.
Task<Receipt> raise_priority(const sdk::Order& order, sdk::Session& session) {
  const auto wanted = JsonView(order.document)["priority"].integer().value_or(0);
  const bool asked = JsonView(order.subject)["raise"].object();
  if (!(asked || is_on(order.settings["raise_priority"])) || wanted < 1 || wanted > 4) co_return order.target;
  const auto bug = co_await find_issue(order.target.object_id, session);
  if (!bug) co_return bug.error();
  if (bug->priority != 0 && bug->priority <= wanted) co_return order.target;
  sdk::Step update(
      "priority", update_issue(bug->id, {{"priority", wanted}}),
      [](const Reply& reply) { return read_written(reply, "issueUpdate", "issue"); }, sdk::repeatable);
  co_return co_await session.once(std::move(update));
}

}  // namespace

Task<Receipt> file_bug(const sdk::Order& order, sdk::Session& session) {
  const auto report = read_report(order.document, order.external_id);
  if (!report) co_return report.error();
  co_return co_await file(*report, order.settings, session);
}

Task<Receipt> open_ticket(const sdk::Order& order, sdk::Session& session) {
  auto report = read_report(order.document, order.external_id);
  if (!report) co_return report.error();
  report->fingerprint.clear();  // a handoff is not a defect that another one may share
  co_return co_await file(*report, order.settings, session);
}

Task<Receipt> link_bug(const sdk::Order& order, sdk::Session& session) {
  if (order.target.object_id.empty())
    co_return Failure(FailureKind::rejected, "there is no bug to put this customer on");
  const auto attached = co_await attach_ticket(order, session);
  if (!attached && !is_unavailable(attached.error())) co_return attached.error();
  const auto counted = co_await count_customer(order, session);
  if (!counted && !is_unavailable(counted.error())) co_return counted.error();
  const auto raised = co_await raise_priority(order, session);
  if (!raised && !is_unavailable(raised.error())) co_return raised.error();
  auto body = render(JsonView(order.document)["comment"], kComment);
  if (body.empty()) body = escaped(JsonView(order.subject)["text"].text());
  if (body.empty()) body = "One more customer has this problem.";
  co_return co_await add_comment(order, std::move(body), session);
}

// A: the comment's id follows from the delivery.
Task<Receipt> add_comment(const sdk::Order& order, std::string body, sdk::Session& session) {
  const auto id = uuid_of("comment/" + order.external_id);
  sdk::Step comment(
      "comment", create_comment(id, order.target.object_id, body),
      [id](const Reply& reply) { return read_created(reply, "commentCreate", "comment", id); },
      sdk::repeatable);
  co_return co_await session.once(std::move(comment));
}

}  // namespace baton::linear
