#include "gateway/handoff/defect.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/context.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

// Of one conversation: more errors than that are a flood, and no further defects.
constexpr std::size_t kMostDefects = 5;

// "main/app/e7" -> "app": a bug's case is named by its event.
std::string source_of(const Handoff& handoff) {
  const auto parts = split(handoff.conversation.text, '/');
  return parts.size() > 1 ? std::string(parts[1]) : std::string();
}

// The company where one is known, else the person, of whom only a digest is kept. "": nobody knows, and the
// conversation counts.
std::string customer_of(const Handoff& handoff) {
  const JsonView data(handoff.data);
  const auto customer = data["customer"];
  if (const auto id = customer["account_id"].id().value_or(""); !id.empty()) return "account " + id;
  if (const auto company = to_lower(trim(customer["company"].text())); !company.empty())
    return "company " + company;
  for (const auto* key : {"id", "email"}) {
    if (const auto who = to_lower(customer[key].id().value_or("")); !who.empty())
      return "person " + digest(who).substr(0, 16);
  }
  if (!is_bug_case(handoff)) return {};
  // Whoever reports errors and says neither who nor where has met them once, however often it reports.
  const auto conversation = data.at_path("conversation.id").text();
  const auto source = source_of(handoff);
  return conversation.empty() ? "source " + source : "conversation " + source + "/" + conversation;
}

json issue_json(const Receipt& issue) { return {{"id", issue.object_id}, {"url", issue.url}}; }

// One signal for each handoff, made of what the tasks ask of it.
class Answers {
 public:
  Answers(const KnownBug& bug, const HandoffId& self, const std::string& id)
      : bug_(bug), self_(self), id_(id) {
    (void)of(self);
  }

  void operator()(const FileReport& report) { of(self_)["report"] = {{"priority", name(report.priority)}}; }
  void operator()(const AttachTo& attach) {
    of(attach.link.handoff)["attach"] = {{"customers", attach.customers}, {"value", attach.value}};
  }
  void operator()(const RaisePriority& raise) {
    of(self_)["raise"] = {{"priority", name(raise.to)}, {"why", raise.why}};
  }
  void operator()(const TellTicket& tell) { note(tell.handoff, tell.text); }
  void operator()(const TellCustomer& tell) { of(tell.handoff)["fixed"] = true; }
  void operator()(const TellForgotten& forgotten) {
    note(self_, "More handoffs met this bug than are remembered: " + std::to_string(forgotten.links) +
                    " of them were not told that it is done.");
  }

  void note_report() {
    if (!bug_.issue) return;
    const auto& issue = *bug_.issue;
    for (const auto& to : order_)
      note(HandoffId(to), "Bug report: " + (issue.url.empty() ? issue.object_id : issue.url));
  }

  std::vector<Signal> take() {
    std::vector<Signal> all;
    for (const auto& handoff : order_) {
      const HandoffId to(handoff);
      Signal signal(SignalKind::defect, id_ + "/" + std::to_string(all.size()),
                    bug_.issue ? bug_.issue->object_id : "", "baton");
      signal.handoff = to;
      signal.detail = std::move(details_[handoff]);
      all.push_back(std::move(signal));
    }
    return all;
  }

 private:
  void note(const HandoffId& to, const std::string& text) {
    auto& notes = of(to)["notes"];
    if (notes.is_null()) notes = json::array();
    notes.push_back(text);
  }

  json& of(const HandoffId& handoff) {
    const auto& to = handoff.empty() ? self_ : handoff;
    const auto [entry, fresh] = details_.try_emplace(to.text);
    if (!fresh) return entry->second;
    order_.push_back(to.text);
    auto& detail = entry->second = {{"key", bug_.key}, {"generation", bug_.generation}};
    if (bug_.issue) detail["issue"] = issue_json(*bug_.issue);
    if (auto known = as_context(bug_); !known.is_null()) detail["known"] = std::move(known);
    return detail;
  }

  const KnownBug& bug_;
  const HandoffId self_;
  const std::string id_;
  std::map<std::string, json> details_;
  std::vector<std::string> order_;
};

}  // namespace

std::string defect_scope(const Handoff& handoff) {
  return handoff.workspace.text + "." + (handoff.route.bugs ? handoff.route.bugs->text : "") + ".";
}

void meet_errors(Handoff& handoff, const Event& event) {
  if (!handoff.route.bugs) return;
  const auto seen = fingerprint(event.data);
  if (!seen) return;
  auto& met = handoff.errors_met;
  if (!met.is_array()) met = json::array();
  const auto parts = to_json(seen->parts);
  const auto same = [&](const json& one) {
    const auto* known = JsonView(one)["parts"].raw();
    return known && *known == parts;
  };
  if (met.size() >= kMostDefects || std::any_of(met.begin(), met.end(), same)) return;
  met.push_back({{"event", event.key.text()}, {"parts", parts}});
}

std::vector<ToDefect> take_sightings(Handoff& handoff) {
  const auto met = std::exchange(handoff.errors_met, json());
  const auto list = items(JsonView(met));
  if (list.empty()) return {};
  const auto all = known(handoff);
  const auto account = JsonView(all)["account"];
  Sighting seen;
  seen.customer = customer_of(handoff);
  seen.tier = JsonView(handoff.data).at_path("customer.tier").text(account["tier"].text());
  seen.value = std::max(0.0, account["value"].number().value_or(0));
  seen.handoff = handoff.id;
  seen.conversation = handoff.conversation;
  seen.awaits_ticket = handoff.route.tickets && !handoff.ticket;
  seen.priority = handoff.priority;
  std::vector<ToDefect> said;
  for (const auto& one : list) {
    seen.event = one["event"].text();
    seen.parts = read_error_parts(one["parts"]);
    said.push_back({{}, seen});
  }
  return said;
}

std::vector<Signal> answers_of(const KnownBug& bug, const BugHappening& what,
                               const std::vector<BugTask>& tasks, const HandoffId& self,
                               const std::string& id) {
  Answers answers(bug, self, id);
  for (const auto& task : tasks) std::visit(answers, task);
  // Whose brief was made before there was a report hears of it now.
  if (std::holds_alternative<ReportFiled>(what)) answers.note_report();
  return answers.take();
}

const MetDefect* hear(Handoff& handoff, JsonView detail) {
  const auto key = detail["key"].text();
  if (key.empty()) return nullptr;
  auto& all = handoff.defects;
  auto met = std::ranges::find(all, key, &MetDefect::key);
  if (met == all.end()) {
    if (all.size() >= kMostDefects) all.erase(all.begin());
    met = all.emplace(all.end());
    met->key = key;
  }
  met->generation = static_cast<int>(detail["generation"].integer().value_or(1));
  const auto issue = detail["issue"];
  if (issue.object()) met->issue = Receipt(issue["id"].text(), issue["url"].text());
  else met->issue.reset();
  if (met->issue) handoff.bug = met->issue;
  met->known = detail["known"].object() ? *detail["known"].raw() : json();
  return &*met;
}

json as_intent(JsonView data) {
  auto summary = data["summary"].text();
  const auto errors = items(data["errors"]);
  if (summary.empty() && !errors.empty()) {
    summary = tidy(errors.front()["code"]);
    add_part(summary, tidy(errors.front()["message"]), ": ");
  }
  return {{"summary", shorten(summary, 1000)}};
}

}  // namespace baton::handoff
