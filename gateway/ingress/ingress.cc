#include "gateway/ingress/ingress.h"

#include <algorithm>

#include "connectors/sdk/account_keys.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "gateway/base/trace.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/defect.h"
#include "gateway/handoff/returning.h"
#include "gateway/ingress/schemas/read.h"
#include "gateway/journal/opening.h"
#include "secrets/crypto.h"

namespace baton::ingress {
namespace {

using nlohmann::json;

constexpr std::size_t kMostEventsInBatch = 100;

// The events that change a handoff; the other published types are read by stations to come.
bool is_handled(std::string_view type) {
  return type == "handoff.requested" || type == "handoff.updated" || type == "handoff.cancelled" ||
         type == "conversation.resolved" || type == "customer.chose" || type == "conversation.rated" ||
         type == "decision.requested" || type == "error.reported";
}

bool opens_something(std::string_view type) {
  return type == "handoff.requested" || type == "error.reported";
}

bool is_json(std::string_view content_type) {
  const auto media = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  return media.empty() || media == "application/json" || media == "application/cloudevents+json" ||
         media == "application/cloudevents-batch+json";
}

// A plain Standard Webhooks envelope carries its id in the header only (fact sheet, section 3.1).
void complete(json& event, const Source& source, const RawRequest& request) {
  if (!event.is_object() || event.contains("specversion")) return;
  event["specversion"] = "1.0";
  event["source"] = source.event_source;
  const auto id = header(request.headers, "webhook-id");
  event["id"] = id.empty() ? header(request.headers, "svix-id") : id;
  if (event.contains("timestamp")) {
    event["time"] = event["timestamp"];
    event.erase("timestamp");
  }
}

// An error without a handoff: nobody is alerted, nothing is opened but the report.
Route only_bugs(Route route) {
  Route only;
  only.rule = std::move(route.rule);
  only.bugs = std::move(route.bugs);
  if (const auto can = route.can.find(*only.bugs); can != route.can.end()) only.can.insert(*can);
  return only;
}

Failure no_bugs_anywhere() {
  return Failure(FailureKind::rejected,
                 "no route names `bugs` for this error: give one a destination that files bug reports");
}

// The journal would not take the event at `i`. What stands before it in a batch is stored already.
Reply refused_one(const Failure& failure, std::size_t i, bool batch) {
  constexpr auto kTitle = "The event cannot be taken";
  if (!batch) return refused(422, "refused", kTitle, failure.detail);
  return refused(422, "refused", kTitle,
                 failure.detail + "; the events before it are stored, sending them again is harmless",
                 {{"/" + std::to_string(i), "refused", failure.detail}});
}

// "customer" of "/data/customer/email"; "" for what is not below data, or is data itself.
std::string member_of_data(std::string_view pointer) {
  constexpr std::string_view kData = "/data/";
  if (!pointer.starts_with(kData)) return {};
  pointer.remove_prefix(kData.size());
  return std::string(pointer.substr(0, pointer.find('/')));
}

// Only what is well-formed: the header may be anything.
std::string trace_of(const RawRequest& request) {
  const auto given = header(request.headers, "traceparent");
  return parse_traceparent(given) ? std::string(trim(given)) : std::string();
}

// `data_text`: the bytes of the member `data`, if they are known.
Event make_event(json&& from, std::string_view data_text, const Source& source) {
  const JsonView view(from);
  const auto conversation = view.at_path("data.conversation.id").text();
  const auto priority = priority_from(view.at_path("data.priority").text("normal"));
  Event event(EventKey(source.workspace, source.name, view["id"].text()), view["type"].text(),
              ConversationId(source.name, conversation), priority.value_or(Priority::normal), json());
  event.traceparent = view["traceparent"].text();
  event.data = std::move(from["data"]);
  event.data_text = data_text;
  return event;
}

}  // namespace

// What a request holds, before anybody judged it.
struct Ingress::Sent {
  std::vector<json> events;
  std::string_view data;  // of a single one, within the request's body
  bool batch = false;
};

// A request whose sender is known, within its limit, and whose body can be read; or what to answer instead.
struct Ingress::Admitted {
  std::optional<Reply> refusal;
  Source* source = nullptr;
  Sent sent;
};

// The events of one request in the order sent, and what tells a repetition from a clash.
struct Ingress::Checked {
  std::vector<Event> events;
  std::vector<std::string> digests;
  bool batch = false;
};

Ingress::Ingress(Parts parts)
    : parts_(parts), abilities_(sdk::abilities(parts.accounts)), concerned_(parts.journal, parts.clock) {
  for (const auto& rule : parts_.rules) figures_.hits[rule.name] = 0;
  for (const auto& [name, source] : parts_.sources) figures_.sources[name].accepted = 0;
  for (const auto& [id, account] : parts_.accounts) {
    figures_.signals_unknown[id.text] = 0;
    figures_.withheld[id.text].times = 0;
  }
}

Task<Reply> Ingress::events(RawRequest request) {
  auto admitted = admit(request);
  if (admitted.refusal) co_return std::move(*admitted.refusal);
  auto& [refusal, source, sent] = admitted;
  std::vector<FieldError> items;
  auto checked = check(std::move(sent), request, *source, items);
  if (!checked) {
    co_return counted(refused(422, "invalid_event", "The event does not fit its schema",
                              checked.error().detail, std::move(items)),
                      source);
  }
  // A batch weighs as many as it holds; the first was counted above.
  if (auto& budget = source->budget; budget) {
    for (std::size_t i = 1; i < checked->events.size(); ++i) budget->take(parts_.clock.now());
  }
  std::vector<Accepted> answers;
  for (std::size_t i = 0; i < checked->events.size(); ++i) {
    const Again again = [&request, &from = *source, i] { return event_again(request, from, i); };
    const auto stored = co_await store(std::move(checked->events[i]), checked->digests[i], again);
    if (!stored && stored.error().kind == FailureKind::rejected) {
      co_return counted(refused_one(stored.error(), i, checked->batch), source);
    }
    if (!stored && BATON_MUTANT(accepted_though_not_stored)) co_return accepted({Accepted()}, false);
    if (!stored) co_return counted(not_now(stored.error()));
    answers.push_back(*stored);
  }
  figures_.accepted += answers.size();
  co_return accepted(answers, checked->batch);
}

Task<Reply> Ingress::decisions(RawRequest request) {
  auto admitted = admit(request);
  if (admitted.refusal) co_return std::move(*admitted.refusal);
  auto& [refusal, source, sent] = admitted;
  std::vector<FieldError> items;
  if (sent.batch) {
    co_return counted(refused(400, "one_at_a_time", "A batch is no question",
                              "send one decision.requested; the answer is this request's"));
  }
  auto& event = sent.events.front();
  complete(event, *source, request);
  check_question(event, *source, items);
  if (!items.empty()) {
    co_return counted(refused(422, "invalid_event", "The question does not fit its schema",
                              std::to_string(items.size()) + " problem(s)", std::move(items)));
  }
  const auto conversation = JsonView(event).at_path("data.conversation.id").text();
  const auto made = decide(event["data"], ConversationId(source->name, conversation));
  ++figures_.decisions;
  if (made.hand_over) ++figures_.handovers_decided;
  auto body = handoff::to_json(made);
  body["id"] = event["id"];
  body["conversation_id"] = conversation;
  co_return Reply(200, body.dump(), Headers{{"content-type", "application/json"}});
}

void Ingress::check_question(const json& event, const Source& source, std::vector<FieldError>& items) const {
  check_shape(event, "", source, items);
  if (JsonView(event)["type"].text() != "decision.requested")
    items.push_back(
        {"/type", "type_not_handled", "must be decision.requested here; events go to /v1/events"});
}

// What every event has to be, its pointers below `at`.
void Ingress::check_shape(const json& event, const std::string& at, const Source& source,
                          std::vector<FieldError>& items) const {
  if (BATON_MUTANT(schema_unchecked)) return;
  for (const auto& error : validator_.validate(event))
    items.push_back({at + error.pointer, error.code, error.detail});
  if (JsonView(event)["source"].text() != source.event_source) {
    items.push_back({at + "/source", "source_mismatch",
                     "must be `" + source.event_source + "`, the source configured for this key"});
  }
}

Ingress::Admitted Ingress::admit(const RawRequest& request) {
  Admitted admitted;
  const auto source = sender(request);
  if (!source) {
    admitted.refusal = counted(refused(401, "signature_invalid",
                                       "The request is not signed by a known source", source.error().detail));
    return admitted;
  }
  admitted.source = *source;
  if (over_limit(**source)) {
    admitted.refusal = put_off(**source);
    return admitted;
  }
  std::vector<FieldError> items;
  auto sent = read_sent(request, items);
  if (sent) {
    admitted.sent = std::move(*sent);
  } else {
    admitted.refusal = counted(
        refused(400, "malformed", "The body cannot be read", sent.error().detail, std::move(items)), *source);
  }
  return admitted;
}

// Takes its place in the source's budget, if there is one.
bool Ingress::over_limit(Source& source) {
  auto& first = parts_.sources.begin()->second;
  if (BATON_MUTANT(budget_shared) && &source != &first) return over_limit(first);
  if (!source.budget) return false;
  const auto now = parts_.clock.now();
  if (source.budget->available(now) == 0) return true;
  source.budget->take(now);
  return false;
}

// Whatever the status: it is the sender's excess, not our store that is unwell.
Reply Ingress::put_off(const Source& source) {
  ++figures_.refused;
  ++figures_.sources.at(source.name).refused;
  const auto* platform = source.platform ? parts_.accounts.at(*source.platform)->connector : nullptr;
  return too_many(source.name, platform ? platform->manifest().overload_status : 429);
}

void Ingress::took(const EventKey& key) {
  const auto from = figures_.sources.find(key.source);
  if (from == figures_.sources.end()) return;
  ++from->second.accepted;
  from->second.last_event = parts_.clock.now();
}

Reply Ingress::counted(Reply reply, const Source* from) {
  ++(reply.status == 503 ? figures_.not_now : figures_.refused);
  if (from && reply.status != 503) ++figures_.sources.at(from->name).refused;
  return reply;
}

// Whose key fits is who sent it. All are tried: a sender's name in the request proves nothing.
Result<Source*> Ingress::sender(const RawRequest& request) {
  std::string detail = "no source is configured";
  for (auto& [name, source] : parts_.sources) {
    if (BATON_MUTANT(signature_unchecked)) return &source;
    if (source.keys.empty()) continue;  // a chat platform's: its own words come in elsewhere
    const auto verified =
        secrets::verify(request.headers, request.body, std::span<const secrets::SigningKey>(source.keys),
                        request.received_at);
    if (verified) return &source;
    detail = verified.error().detail;
  }
  return Failure(FailureKind::rejected, detail);
}

Result<Ingress::Sent> Ingress::read_sent(const RawRequest& request, std::vector<FieldError>& items) {
  if (!is_json(header(request.headers, "content-type"))) {
    return Failure(FailureKind::rejected,
                   "Content-Type must be application/cloudevents+json, "
                   "application/cloudevents-batch+json or application/json");
  }
  auto read = read_event(request.body);
  if (!read.errors.empty()) {
    items = std::move(read.errors);
    return Failure(FailureKind::rejected, items.front().detail);
  }
  Sent sent;
  sent.batch = read.document.is_array();
  sent.data = read.data;
  if (sent.batch)
    for (auto& event : read.document) sent.events.push_back(std::move(event));
  else sent.events.push_back(std::move(read.document));
  if (sent.events.empty() || sent.events.size() > kMostEventsInBatch) {
    return Failure(FailureKind::rejected,
                   "a batch holds 1 to " + std::to_string(kMostEventsInBatch) + " events");
  }
  return sent;
}

Event Ingress::event_again(const RawRequest& request, const Source& source, std::size_t i) {
  std::vector<FieldError> none;
  auto sent = read_sent(request, none);
  BATON_CHECK(sent && i < sent->events.size());  // the same bytes were read before
  if (!sent->batch) complete(sent->events[i], source, request);
  return make_event(std::move(sent->events[i]), sent->data, source);
}

Result<Ingress::Checked> Ingress::check(Sent sent, const RawRequest& request, const Source& source,
                                        std::vector<FieldError>& items) const {
  Checked checked;
  checked.batch = sent.batch;
  for (std::size_t i = 0; i < sent.events.size(); ++i) {
    auto& event = sent.events[i];
    if (!sent.batch) complete(event, source, request);
    check_one(sent, i, request, source, items);
  }
  if (!items.empty() && !BATON_MUTANT(accepted_before_check)) {
    return Failure(FailureKind::rejected, std::to_string(items.size()) + " problem(s); nothing was stored");
  }
  for (auto& event : sent.events) {
    // Of the raw bytes, so that a repetition with other spacing is told apart too; a batch's events
    // have no bytes of their own.
    const auto digest = secrets::fingerprint(sent.batch ? std::string_view(event.dump()) : request.body);
    if (!digest) return digest.error();
    checked.digests.push_back(*digest);
    auto& made = checked.events.emplace_back(make_event(std::move(event), sent.data, source));
    // The request's own trace, where the event names none; of a batch it would be everybody's.
    if (made.traceparent.empty() && !sent.batch) made.traceparent = trace_of(request);
  }
  return checked;
}

// Everything that is wrong with one event, its pointers below its place in the batch.
void Ingress::check_one(const Sent& sent, std::size_t i, const RawRequest& request, const Source& source,
                        std::vector<FieldError>& items) const {
  const auto& event = sent.events[i];
  const auto at = sent.batch ? "/" + std::to_string(i) : std::string();
  const auto before = items.size();
  check_shape(event, at, source, items);
  const JsonView view(event);
  const auto id = view["id"].text();
  if (!sent.batch && id != header(request.headers, "webhook-id") &&
      id != header(request.headers, "svix-id")) {
    items.push_back({"/id", "id_mismatch", "must be the id in the header webhook-id"});
  }
  // The same event twice is a repetition like any other; another one under its id is a mistake.
  const auto clashes = [&](const json& earlier) {
    return JsonView(earlier)["id"].text() == id && earlier != event;
  };
  const auto end = sent.events.begin() + static_cast<std::ptrdiff_t>(i);
  if (!id.empty() && std::any_of(sent.events.begin(), end, clashes)) {
    items.push_back({at + "/id", "duplicate_id", "stands before in this batch with another content"});
  }
  if (items.size() == before && !is_handled(view["type"].text())) {
    items.push_back({at + "/type", "type_not_handled",
                     "this version takes handoff.requested, "
                     "handoff.updated, handoff.cancelled, conversation.resolved, conversation.rated, "
                     "customer.chose, decision.requested and error.reported"});
  }
}

Task<Accepted> Ingress::store(Event event, const std::string& digest, const Again& again) {
  const bool may_open = opens_something(event.type);
  const bool only_opens = event.type == "error.reported";  // it joins nothing
  bool opens = may_open;
  // Each turn loses only to somebody who was quicker, so it ends soon.
  for (int turn = 0; turn < 8; ++turn) {
    if (turn > 0) event = again();
    auto stored = event.type == "decision.requested" ? co_await answer_question(std::move(event), digest)
                  : opens                            ? co_await open(std::move(event), digest)
                                                     : co_await add_to_open(std::move(event), digest);
    if (!stored) co_return stored.error();
    if (*stored) co_return std::move(**stored);
    opens = only_opens || (may_open && !opens);
  }
  co_return Failure(FailureKind::retryable, "others keep changing this conversation");
}

Task<std::optional<Accepted>> Ingress::open(Event event, const std::string& digest) {
  auto decision = handoff::route(event.data, parts_.rules);
  if (parts_.pilot) handoff::apply(*parts_.pilot, event, parts_.rules, decision);
  const auto source = parts_.sources.find(event.key.source);
  handoff::equip(decision.route, abilities_,
                 source == parts_.sources.end() ? std::nullopt : source->second.platform);
  if (event.type == "error.reported") {
    if (!decision.route.bugs) co_return no_bugs_anywhere();
    decision.route = only_bugs(std::move(decision.route));
    event.conversation = ConversationId(std::string(handoff::kBugCases), event.key.text());
  }
  const auto now = parts_.clock.now();
  const HandoffId id(make_id("hof", now, parts_.random));
  Accepted answer;
  answer.handoff = id;
  answer.destinations = handoff::destinations(decision.route);
  auto key = event.key;
  if (BATON_MUTANT(dedupe_without_workspace)) key.workspace = WorkspaceId();
  const auto committed = co_await parts_.journal.commit(
      opening(id, std::move(decision.route), std::move(event), key.text(), digest, now));
  if (!committed) co_return committed.error();
  switch (committed->verdict) {
    case Verdict::done:
      for (const auto& rule : decision.rules) ++figures_.hits.at(rule);
      took(key);
      co_return answer;
    case Verdict::fact_known: co_return co_await answer_again(key, *committed, digest);
    case Verdict::conversation_open:
    case Verdict::stale: break;
  }
  co_return std::optional<Accepted>();
}

// The event becomes a fact of the conversation's open handoff.
Task<std::optional<Accepted>> Ingress::add_to_open(Event event, const std::string& digest) {
  const auto handoff = co_await open_handoff(event);
  if (!handoff) co_return handoff.error();
  if (handoff::is_afterword(event)) {
    auto heard = co_await heard_before(event.key, digest);
    if (!heard || *heard) co_return heard;
    if (handoff->empty()) co_return co_await count_alone(event, digest);
  }
  const auto key = event.key;
  const bool may_open = opens_something(event.type);
  const auto conversation = event.conversation.text;
  Batch batch;
  // Even with no open handoff, for the event may be known: then it gets the answer of that time.
  batch.facts.emplace_back(*handoff, key.text(), Fact(parts_.clock.now(), std::move(event)), digest);
  const auto committed = co_await parts_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (committed->verdict == Verdict::fact_known) co_return co_await answer_again(key, *committed, digest);
  if (handoff->empty() && !may_open) {
    co_return Failure(FailureKind::rejected, "the conversation `" + conversation +
                                                 "` has no open handoff: send handoff.requested first");
  }
  if (!committed->done()) co_return std::optional<Accepted>();
  const auto record = co_await parts_.journal.load(*handoff);
  if (!record) co_return record.error();
  Accepted answer;
  answer.handoff = *handoff;
  answer.destinations = handoff::destinations(record->handoff.route);
  answer.merged = true;
  took(key);
  ++figures_.merged;
  co_return answer;
}

Task<std::optional<Accepted>> Ingress::answer_again(const EventKey& key, const Committed& known,
                                                    const std::string& digest) {
  if (known.digest != digest && !BATON_MUTANT(clash_taken_for_repetition)) {
    co_return Failure(
        FailureKind::rejected,
        "the event id `" + key.id + "` was used before with another body: a new event needs a new id");
  }
  const auto record = co_await parts_.journal.load(known.handoff);
  if (!record) co_return record.error();
  ++figures_.duplicates;
  if (const auto from = figures_.sources.find(key.source); from != figures_.sources.end())
    ++from->second.duplicates;
  Accepted answer;
  answer.handoff = known.handoff;
  answer.destinations = handoff::destinations(record->handoff.route);
  const auto* opener = record->facts.empty() ? nullptr : std::get_if<Event>(&record->facts.front().happened);
  answer.merged = opener && opener->key != key;
  co_return answer;
}

Task<HandoffId> Ingress::open_handoff(const Event& event) {
  HandoffQuery query;
  query.workspace = event.key.workspace;
  query.conversation = event.conversation;
  query.open_only = !handoff::may_be_about_past(event);
  query.limit = 1;
  const auto found = co_await parts_.journal.query(std::move(query));
  if (!found) co_return found.error();
  const bool about = !found->empty() && handoff::is_about(event, found->front(), parts_.clock.now());
  co_return about ? found->front().id : HandoffId();
}

Task<Reply> Ingress::platform(RawRequest request) {
  const auto named = parts_.sources.find(request.params["source"]);
  const bool foreign = named != parts_.sources.end() && (named->second.platform || named->second.render);
  if (!foreign) {
    co_return counted(refused(404, "unknown_source", "No such source",
                              "the address ends in the name of a source with `platform` or `mapping` in the "
                              "configuration"));
  }
  auto& source = named->second;
  if (source.platform) {
    const auto& account = *parts_.accounts.at(*source.platform);
    if (account.connector->manifest().one_address)
      co_return co_await take_all(account, &source, std::move(request));
  }
  auto inbound = source.platform ? read_platform(request, source) : read_mapped(request, source);
  if (!inbound) co_return not_genuine(refused_status(source), inbound.error(), &source);
  // Only now: who cannot prove to be the source uses up none of its places.
  if (over_limit(source)) co_return put_off(source);
  auto answer = inbound->answer;
  auto better = co_await take_inbound(std::move(*inbound), source);
  if (!better) co_return counted(not_now(better.error()));
  co_return *better ? std::move(**better) : std::move(answer);
}

// What to answer in place of what the platform wants to hear; nothing: that.
Task<std::optional<Reply>> Ingress::take_inbound(sdk::Inbound inbound, const Source& source) {
  std::vector<HandoffId> handoffs;
  const auto stored = co_await store_all(std::move(inbound.events), source, handoffs);
  if (!stored && stored.error().kind != FailureKind::rejected) co_return stored.error();
  if (!stored) {
    co_return counted(refused(422, "invalid_event", "The webhook cannot be taken", stored.error().detail),
                      &source);
  }
  figures_.accepted += handoffs.size();
  const auto heard = co_await take_platform_signals(std::move(inbound.signals), source);
  if (!heard) co_return heard.error();
  if (inbound.answer_with && !handoffs.empty()) co_return inbound.answer_with(handoffs);
  co_return std::optional<Reply>();
}

Reply Ingress::not_genuine(int status, const Failure& failure, const Source* source) {
  if (failure.kind != FailureKind::rejected) return counted(not_now(failure));
  return counted(refused(status, "webhook_refused", "The webhook is not genuine", failure.detail), source);
}

int Ingress::refused_status(const Source& source) const {
  return source.platform ? parts_.accounts.at(*source.platform)->connector->manifest().refused_status : 401;
}

Result<sdk::Inbound> Ingress::read_platform(const RawRequest& request, const Source& source) const {
  const auto& account = *parts_.accounts.at(*source.platform);
  return account.connector->read_events(request, sdk::AccountKeys(account), account.settings);
}

// JSON of any shape: the source's mapping makes events of it. A mapping that fails is the operator's to
// mend, and the sender's next attempt may find it mended.
Result<sdk::Inbound> Ingress::read_mapped(const RawRequest& request, const Source& source) {
  const auto signed_as = source.verification.verify(request);
  if (!signed_as) return signed_as.error();
  auto body = parse_json(request.body, FailureKind::rejected, "the body");
  if (!body) return body.error();
  const auto rendered = source.render({{"body", std::move(*body)},
                                       {"headers", json(source.verification.without_proof(request.headers))},
                                       {"now", to_rfc3339(request.received_at)}});
  if (!rendered) return Failure(FailureKind::retryable, source.mapping + ": " + rendered.error().detail);
  sdk::Inbound inbound;
  const auto add = [&](JsonView event) {
    if (event["type"].text().empty()) return;
    // Of several events in one request each needs an id of its own, which only the mapping knows.
    auto id = event["id"].id().value_or("");
    if (id.empty() && !rendered->is_array()) id = *signed_as;
    inbound.events.emplace_back(std::move(id), event["type"].text(),
                                event["data"].object() ? *event["data"].raw() : json::object());
  };
  const JsonView events(*rendered);
  if (const auto list = events.list()) std::ranges::for_each(*list, add);
  else add(events);
  return inbound;
}

// What is said of a conversation that nobody handed over concerns nobody here; it is no mistake of the
// platform, which sends all that happens.
Task<Done> Ingress::store_all(std::vector<sdk::Arrival> arrivals, const Source& source,
                              std::vector<HandoffId>& stored) {
  for (auto& arrival : arrivals) {
    const bool opens = arrival.type == "handoff.requested";
    auto event = event_of(std::move(arrival), source);
    if (!event) co_return event.error();
    // A platform repeats itself in other bytes: its id alone says that it is the same.
    const Again again = [copy = *event] { return copy; };
    const auto accepted = co_await store(std::move(*event), "", again);
    if (accepted && !accepted->handoff.empty()) stored.push_back(accepted->handoff);
    if (!accepted && (accepted.error().kind != FailureKind::rejected || opens)) co_return accepted.error();
  }
  co_return Done{};
}

// A platform cannot be asked to mend what it sent: a member that does not fit the schema is left out, so
// that the rest is not lost. Whoever looks after the connector or the mapping has to hear of it.
Result<Event> Ingress::event_of(sdk::Arrival arrival, const Source& source) {
  json event = {{"specversion", "1.0"},
                {"id", std::move(arrival.id)},
                {"source", source.event_source},
                {"type", std::move(arrival.type)},
                {"data", std::move(arrival.data)}};
  auto errors = validator_.validate(event);
  for (const auto& error : errors) {
    const auto member = member_of_data(error.pointer);
    if (member.empty() || member == "conversation" || event["data"].erase(member) == 0) continue;
    ++figures_.sources.at(source.name).left_out;
    if (parts_.left_out) parts_.left_out(source, error);
  }
  if (!errors.empty()) errors = validator_.validate(event);
  if (!errors.empty())
    return Failure(FailureKind::rejected, errors.front().pointer + ": " + errors.front().detail);
  return make_event(std::move(event), {}, source);
}

Task<Reply> Ingress::is_there(RawRequest request) {
  const bool source = parts_.sources.contains(request.params["source"]);
  const bool destination = parts_.accounts.contains(DestinationId(request.params["destination"]));
  co_return Reply(source || destination ? 200 : 404);
}

Task<Reply> Ingress::hook(RawRequest request) {
  const auto named = request.params.find("destination");
  const auto account = named == request.params.end() ? parts_.accounts.end()
                                                     : parts_.accounts.find(DestinationId(named->second));
  if (account == parts_.accounts.end()) {
    co_return counted(refused(404, "unknown_destination", "No such destination",
                              "the address ends in the destination's name in the configuration"));
  }
  const auto& to = *account->second;
  if (to.connector->manifest().one_address) co_return co_await take_all(to, nullptr, std::move(request));
  auto webhook = to.connector->read_webhook(request, sdk::AccountKeys(to), to.settings);
  if (!webhook) co_return not_genuine(to.connector->manifest().refused_status, webhook.error());
  const Family alone = {&to};
  const auto taken = co_await take_webhook(alone, *webhook);
  if (!taken) co_return counted(not_now(taken.error()));
  const auto heeded = co_await heed(to, *webhook);
  if (!heeded) co_return counted(not_now(heeded.error()));
  co_return std::move(webhook->answer);
}

}  // namespace baton::ingress
