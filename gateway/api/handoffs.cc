// The routes below /v1/handoffs.
#include <algorithm>

#include "gateway/api/act.h"
#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/brief.h"
#include "gateway/handoff/context.h"
#include "gateway/handoff/timeline.h"
#include "gateway/handoff/veil.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

using nlohmann::json;

Reply invalid(std::string_view what, const std::string& detail) {
  return problem(422, "invalid_query", what, detail);
}

// A vendor's refusal may quote what it was sent, and a defect tells what went wrong.
void veil(Record& record) {
  record.handoff = handoff::veiled(record.handoff);
  for (auto& fact : record.facts) {
    if (auto* signal = std::get_if<Signal>(&fact.happened)) {
      signal->text.clear();
      signal->detail = nullptr;
    }
  }
  for (auto& job : record.jobs) {
    if (job.failure) job.failure->detail = name(job.failure->kind);
  }
}

// A text a line.
std::string lines_of(JsonView list) {
  std::string lines;
  for (const auto& item : items(list)) {
    auto text = item.text();
    std::ranges::replace(text, '\n', ' ');
    lines += text + "\n";
  }
  return lines;
}

}  // namespace

// Whoever the token was made for; a tool that is nobody's member reads nothing confidential.
bool Api::may_read(const Call& call, const Handoff& handoff) const {
  return !views_.may_read || views_.may_read(handoff, call.who.name) ||
         (!handoff.owner.empty() && handoff.owner == call.who.id);
}

json Api::summary_for(const Call& call, const Handoff& handoff) const {
  if (may_read(call, handoff)) return summary_of(handoff);
  auto summary = summary_of(handoff::veiled(handoff));
  summary["confidential"] = true;
  return summary;
}

Task<Api::Reading> Api::read_for(const Call& call, HandoffId id) {
  auto record = co_await journal_.load(id);
  if (!record) co_return record.error();
  auto summary = summary_for(call, record->handoff);
  const bool hides = !may_read(call, record->handoff);
  if (hides) veil(*record);
  co_return Reading(std::move(*record), std::move(summary), hides);
}

Task<Reply> Api::list_handoffs(Call call) {
  const auto& target = call.request.target;
  HandoffQuery query;
  if (const auto state = query_value(target, "state")) {
    query.state = state_from(*state);
    if (!query.state) co_return invalid("Unknown state", "`" + *state + "`");
  }
  const auto conversation = query_value(target, "conversation"), source = query_value(target, "source");
  if (conversation.has_value() != source.has_value()) {
    co_return invalid("Half a conversation", "`source` and `conversation` name one together");
  }
  if (conversation) query.conversation = ConversationId(*source, *conversation);
  if (const auto open = query_value(target, "open")) {
    if (*open != "true" && *open != "false") co_return invalid("Unknown answer", "`open` is true or false");
    query.open_only = *open == "true";
  }
  query.before = HandoffId(query_value(target, "before").value_or(""));
  const auto limit = read_limit(target, 50, 500);
  if (!limit) co_return invalid("The limit cannot be read", "it is a number from 1 to 500");
  query.limit = *limit;
  const auto found = co_await journal_.query(std::move(query));
  if (!found) co_return problem_of(found.error());
  auto list = json::array();
  for (const auto& handoff : *found) list.push_back(summary_for(call, handoff));
  co_return ok({{"handoffs", std::move(list)}});
}

Task<Reply> Api::show_handoff(Call call) {
  auto read = co_await read_for(call, HandoffId(call.request.params["id"]));
  if (!read) co_return problem_of(read.error());
  const auto& handoff = read->record.handoff;
  auto body = std::move(read->summary);
  body["data"] = handoff.data;
  for (const auto& [destination, part] : handoff.context) {
    body["context"][destination.text] = {{"state", name(part.part)},
                                         {"found", part.found},
                                         {"reason", part.reason},
                                         {"at", to_rfc3339(part.at)}};
  }
  co_return ok(body);
}

Task<Reply> Api::show_brief(Call call) {
  const auto wanted = query_value(call.request.target, "surface").value_or("api");
  const auto surface = std::ranges::find(handoff::kSurfaceNames, wanted);
  if (surface == handoff::kSurfaceNames.end())
    co_return invalid("Unknown surface", "`surface` is ticket, card, small_card, api or cli");
  const auto read = co_await read_for(call, HandoffId(call.request.params["id"]));
  if (!read) co_return problem_of(read.error());
  const auto& handoff = read->record.handoff;
  const auto made = read->veiled ? handoff::veiled_brief(handoff) : handoff::brief(handoff, clock_.now());
  auto body = handoff::to_json(made);
  body["text"] =
      handoff::as_text(made, static_cast<handoff::Surface>(surface - handoff::kSurfaceNames.begin()));
  body["context"] = handoff::sections(handoff, clock_.now());
  co_return ok(body);
}

Task<Reply> Api::show_timeline(Call call) {
  auto read = co_await read_for(call, HandoffId(call.request.params["id"]));
  if (!read) co_return problem_of(read.error());
  const auto& record = read->record;
  auto list = json::array();
  for (const auto& moment : handoff::timeline(record.handoff, record.facts, record.jobs)) {
    list.push_back({{"at", to_rfc3339(moment.at)},
                    {"after_ms", (moment.at - record.handoff.requested_at).count()},
                    {"kind", moment.kind},
                    {"text", moment.text},
                    {"detail", moment.detail}});
  }
  json body = {{"handoff", std::move(read->summary)}, {"timeline", std::move(list)}};
  co_return ok(body);
}

Task<Reply> Api::claim(Call call) { return act(std::move(call), SignalKind::claimed, "handoff.claim"); }
Task<Reply> Api::release(Call call) { return act(std::move(call), SignalKind::released, "handoff.release"); }
Task<Reply> Api::resolve(Call call) { return act(std::move(call), SignalKind::solved, "handoff.resolve"); }

Task<Reply> Api::decline(Call call) { return act(std::move(call), SignalKind::declined, "handoff.decline"); }

// The AI goes on from these words: without them it would begin anew.
Task<Reply> Api::hand_back(Call call) {
  if (trim(JsonView(call.body)["text"].text()).empty())
    co_return problem(422, "text_is_required", "Say how it ended", "`text` is what the AI is told");
  co_return co_await act(std::move(call), SignalKind::solved, "handoff.return");
}

Task<Reply> Api::pass_on(Call call) {
  const JsonView body(call.body);
  if (trim(body["why"].text()).empty())
    co_return problem(422, "why_is_required", "Say why", "`why` is what the next person reads");
  const auto teams = views_.teams();
  const auto to = body["to"].text();
  if (!to.empty() && std::ranges::find(teams, to) == teams.end()) {
    co_return problem(422, "unknown_team", "There is no such team",
                      "`" + to + "`" + did_you_mean(to, teams) + "; allowed: " + join(teams, ", "));
  }
  co_return co_await act(std::move(call), SignalKind::passed_on, "handoff.pass_on");
}

Task<Reply> Api::judge(Call call) {
  const auto fault = JsonView(call.body)["fault"].text();
  const std::vector<std::string> known(kFaults.begin(), kFaults.end());
  if (std::ranges::find(known, fault) == known.end()) {
    co_return problem(422, "unknown_fault", "That fault has no name",
                      "`" + fault + "`" + did_you_mean(fault, known) + "; allowed: " + join(known, ", "));
  }
  co_return co_await act(std::move(call), SignalKind::judged, "handoff.feedback");
}

Task<Reply> Api::act(Call call, SignalKind kind, std::string audit) {
  const HandoffId id(call.request.params["id"]);
  const JsonView body(call.body);
  // On somebody's behalf, or for whom the token was made.
  auto by = body["by"].text();
  if (by.empty() && views_.is_member(call.who.name)) by = call.who.name;
  Signal signal(kind, make_id("act", clock_.now(), random_), {}, by.empty() ? call.who.id : by);
  signal.who_name = body["name"].text(by.empty() ? call.who.name : "");
  const bool says_why = kind == SignalKind::passed_on || kind == SignalKind::declined;
  signal.text = says_why ? body["why"].text() : body["text"].text();
  if (kind == SignalKind::solved && body["did"].list()) signal.detail = {{"did", *body["did"].raw()}};
  signal.about = kind == SignalKind::passed_on ? body["to"].text()
                 : kind == SignalKind::solved  ? lines_of(body["follow_ups"])
                                               : body["fault"].text();
  auto recorded = entry(call, std::move(audit), id.text, body["why"].text());
  const auto ruling = co_await api::act(journal_, clock_, id, std::move(signal), std::move(recorded));
  if (!ruling) co_return problem_of(ruling.error());
  if (!ruling->refused.empty())
    co_return problem(409, "refused", "The handoff's state does not allow that", ruling->refused);
  if (ruling->decided) co_return ok(summary_for(call, *ruling->handoff));
  co_return Reply(202, json{{"accepted", id.text}}.dump(), Headers{{"content-type", "application/json"}});
}

}  // namespace baton::api
