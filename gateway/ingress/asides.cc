// What comes in and opens no ordinary handoff: questions whose answer is an event, and what is said of
// conversations that the AI had alone. The latter are counted in a document per day, and their event ids
// remembered for some days, so that a repetition counts once.
#include <algorithm>
#include <functional>

#include "gateway/base/json_view.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/satisfaction.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/documents.h"
#include "gateway/journal/opening.h"

namespace baton::ingress {
namespace {

using nlohmann::json;

constexpr auto kHeard = "ai_event";  // documents: ids of events that were counted
constexpr auto kRemembered = std::chrono::days(8);
constexpr std::size_t kParts = 16;

std::int64_t ticks(TimePoint at) { return at.time_since_epoch().count(); }

int part_of(const ConversationId& conversation) {
  return static_cast<int>(std::hash<std::string>{}(conversation.source + "\n" + conversation.text) % kParts);
}

handoff::AiAlone told_by(const Event& event, TimePoint now) {
  handoff::AiAlone one;
  if (event.type == "conversation.resolved") one.resolved = 1;
  else if (const auto rating = handoff::read_rating(JsonView(event.data), now))
    one.satisfaction.add(rating->scale, rating->score);
  return one;
}

}  // namespace

std::string Ingress::arm_of(const json& data, const ConversationId& conversation) const {
  return parts_.pilot ? handoff::arm(*parts_.pilot, conversation, data) : std::string();
}

handoff::HandoverDecision Ingress::decide(const json& data, const ConversationId& conversation) const {
  auto made = handoff::decide(data, *parts_.decisions);
  if (parts_.pilot) handoff::apply(*parts_.pilot, arm_of(data, conversation), made);
  return made;
}

// A case of Baton's own, which ends with its answer: so that this has retries and a dead letter like any
// other.
Task<std::optional<Accepted>> Ingress::answer_question(Event event, const std::string& digest) {
  Route route;
  route.platform = handoff::route(event.data, parts_.rules).route.platform;
  const auto source = parts_.sources.find(event.key.source);
  handoff::equip(route, abilities_, source == parts_.sources.end() ? std::nullopt : source->second.platform);
  if (!route.platform || !route.able(*route.platform, Operation::emit)) {
    co_return Failure(FailureKind::rejected,
                      "no chat platform that takes events stands in the routes, so nobody could hear the "
                      "answer: ask POST /v1/decisions, which answers at once");
  }
  const auto made = decide(event.data, event.conversation);
  auto answer = handoff::to_json(made);
  answer["id"] = event.key.id;
  answer["conversation_id"] = event.conversation.text;
  event.data = std::move(answer);
  event.data_text.clear();
  const auto key = event.key;
  event.conversation = ConversationId(std::string(kOwnSource) + "decisions", key.text());
  const auto now = parts_.clock.now();
  const HandoffId id(make_id("hof", now, parts_.random));
  Accepted accepted;
  accepted.handoff = id;
  accepted.destinations = {*route.platform};
  const auto committed = co_await parts_.journal.commit(
      opening(id, std::move(route), std::move(event), key.text(), digest, now));
  if (!committed) co_return committed.error();
  if (committed->verdict == Verdict::fact_known) co_return co_await answer_again(key, *committed, digest);
  if (!committed->done()) co_return std::optional<Accepted>();
  ++figures_.decisions;
  if (made.hand_over) ++figures_.handovers_decided;
  co_return accepted;
}

// The answer that the event had when it was counted; nothing if it never was.
Task<std::optional<Accepted>> Ingress::heard_before(const EventKey& key, const std::string& digest) {
  const auto found = co_await find_document(parts_.journal, kHeard, key.text());
  if (!found) co_return found.error();
  if (!*found) co_return std::optional<Accepted>();
  if (JsonView((*found)->body)["digest"].text() != digest) {
    co_return Failure(
        FailureKind::rejected,
        "the event id `" + key.id + "` was used before with another body: a new event needs a new id");
  }
  ++figures_.duplicates;
  co_return std::optional<Accepted>(Accepted());
}

// Nothing if somebody was quicker.
Task<std::optional<Accepted>> Ingress::count_alone(const Event& event, const std::string& digest) {
  const auto now = parts_.clock.now();
  const auto kind = std::string(handoff::kAiConversations);
  const auto key = handoff::ai_document_key(now, event.key.workspace, arm_of(event.data, event.conversation),
                                            part_of(event.conversation));
  const auto known = co_await find_document(parts_.journal, kind, key);
  if (!known) co_return known.error();
  handoff::AiAlone sum;
  if (*known) sum = handoff::ai_alone_from(JsonView((*known)->body));
  sum.add(told_by(event, now));
  Batch batch;
  batch.documents.emplace_back(kind, key, handoff::to_document(sum), *known ? (*known)->version : 0);
  batch.documents.emplace_back(kHeard, event.key.text(), json{{"at", ticks(now)}, {"digest", digest}});
  const auto forgotten = co_await forget_old(event.key, batch);
  if (!forgotten) co_return forgotten.error();
  const auto committed = co_await parts_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (!committed->done()) co_return std::optional<Accepted>();
  co_return std::optional<Accepted>(Accepted());
}

// Two others at a time, the next ones by their keys: so there are never many more than are young.
Task<Done> Ingress::forget_old(const EventKey& key, Batch& batch) {
  constexpr int kAtOnce = 2;
  auto next = co_await parts_.journal.query(DocumentQuery(kHeard, {}, key.text(), kAtOnce));
  if (next && next->size() < kAtOnce) {
    next = co_await parts_.journal.query(DocumentQuery(kHeard, {}, {}, kAtOnce));
  }
  if (!next) co_return next.error();
  const auto until = ticks(parts_.clock.now() - kRemembered);
  for (auto& old : *next) {
    if (old.key == key.text() || JsonView(old.body)["at"].integer().value_or(0) >= until) continue;
    batch.documents.emplace_back(kHeard, old.key, nullptr, old.version);
  }
  co_return Done{};
}

}  // namespace baton::ingress
