// The routes /v1/bugs: the defects that handoffs met, as their documents say.
#include <algorithm>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/defect.h"
#include "gateway/journal/documents.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

using handoff::KnownBug;
using nlohmann::json;

json bug_json(const KnownBug& bug) {
  json body = {{"key", bug.key},
               {"state", name(bug.state)},
               {"plan", name(bug.plan)},
               {"generation", bug.generation},
               {"occurrences", bug.occurrences},
               {"customers", bug.customers.size()},
               {"value", handoff::value_of(bug)},
               {"handoffs", bug.links.size()},
               {"first_at", to_rfc3339(bug.first_at)},
               {"last_at", to_rfc3339(bug.last_at)},
               {"error", handoff::to_json(bug.parts)}};
  if (bug.priority) body["priority"] = name(*bug.priority);
  if (bug.fixed_at) body["fixed_at"] = to_rfc3339(*bug.fixed_at);
  if (bug.customers_forgotten > 0) body["more_customers_at_most"] = bug.customers_forgotten;
  if (!bug.issue) return body;
  body["issue"] = {{"id", bug.issue->object_id}, {"url", bug.issue->url}};
  body["text"] = handoff::in_words(bug);
  return body;
}

json links_of(const KnownBug& bug) {
  auto list = json::array();
  for (const auto& link : bug.links) {
    list.push_back({{"handoff", link.handoff.text},
                    {"without_handoff", link.conversation.source == handoff::kBugCases},
                    {"conversation", link.conversation.text},
                    {"open", link.open},
                    {"on_the_issue", link.attached},
                    {"told_of_the_fix", link.told}});
  }
  return list;
}

std::optional<handoff::BugState> state_named(std::string_view word) {
  const auto found = std::ranges::find(handoff::kBugStateNames, word);
  if (found == handoff::kBugStateNames.end()) return std::nullopt;
  return static_cast<handoff::BugState>(found - handoff::kBugStateNames.begin());
}

}  // namespace

// A page of the defects in the order of their keys; with `state` it may be shorter than its limit.
Task<Reply> Api::list_bugs(Call call) {
  const auto& target = call.request.target;
  std::optional<handoff::BugState> state;
  if (const auto word = query_value(target, "state")) {
    state = state_named(*word);
    const std::vector<std::string> known(handoff::kBugStateNames.begin(), handoff::kBugStateNames.end());
    if (!state)
      co_return problem(422, "invalid_query", "Unknown state",
                        "`" + *word + "`" + did_you_mean(*word, known) + "; allowed: " + join(known, ", "));
  }
  const auto limit = read_limit(target, 50, 200);
  if (!limit)
    co_return problem(422, "invalid_query", "The limit cannot be read", "it is a number from 1 to 200");
  const auto page = co_await journal_.query(DocumentQuery(std::string(handoff::kDefectKind), {},
                                                          query_value(target, "after").value_or(""), *limit));
  if (!page) co_return problem_of(page.error());
  auto list = json::array();
  for (const auto& document : *page) {
    const auto bug = handoff::read_known_bug(document.body);
    if (bug && (!state || bug->state == *state)) list.push_back(bug_json(*bug));
  }
  json body = {{"bugs", std::move(list)}};
  if (std::cmp_equal(page->size(), *limit)) body["next"] = page->back().key;
  co_return ok(body);
}

Task<Reply> Api::show_bug(Call call) {
  const auto key = call.request.params["key"];
  const auto found = co_await find_document(journal_, std::string(handoff::kDefectKind), key);
  if (!found) co_return problem_of(found.error());
  const auto bug = *found ? handoff::read_known_bug((*found)->body) : std::nullopt;
  if (!bug || bug->key != key)
    co_return problem(404, "not_found", "No such bug", "`baton bugs list` shows their keys");
  auto body = bug_json(*bug);
  body["links"] = links_of(*bug);
  co_return ok(body);
}

}  // namespace baton::api
