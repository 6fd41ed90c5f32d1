// What the record of a handoff says, as far as a customer is concerned.
#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/tell.h"

namespace baton::handoff::tell {
namespace {

constexpr std::size_t kLookedAt = 20;     // messages, from the last
constexpr std::size_t kMostBytes = 2000;  // of each
constexpr int kFewestWords = 4;           // fewer say nothing about what it is

int words_in(std::string_view text) {
  int words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ';
    words += !blank && !inside;
    inside = !blank;
  }
  return words;
}

// The longest of the customer's latest messages says most about what it is; the last one is often only "a
// person, please".
std::string quote(JsonView data) {
  const auto transcript = items(data["transcript"]);
  std::string longest;
  const auto first = transcript.size() - std::min(transcript.size(), kLookedAt);
  for (auto i = first; i < transcript.size(); ++i) {
    if (transcript[i]["role"].text() != "customer") continue;
    const auto text = transcript[i]["text"].text();
    const auto part = clip_utf8(text, kMostBytes);
    if (part.size() > longest.size()) longest = part;
  }
  return words_in(longest) >= kFewestWords ? longest : "";
}

bool wrote_something(JsonView data) {
  const auto transcript = items(data["transcript"]);
  return std::ranges::any_of(transcript, [](JsonView message) {
    return message["role"].text() == "customer" && !trim(message["text"].text()).empty();
  });
}

std::vector<std::string> kinds(JsonView data) {
  std::vector<std::string> all;
  for (const auto& one : items(data["identifiers"])) {
    auto kind = one["kind"].text();
    std::ranges::replace(kind, ' ', '_');
    if (one["value"].id().value_or("").empty() || all.size() == kLookedAt) continue;
    all.push_back(std::string(clip_utf8(kind, 60)));
  }
  return all;
}

}  // namespace

Mood mood_of(JsonView data) {
  const auto sentiment = data["sentiment"];
  const auto said = sentiment["label"].text();
  const auto label = trim(said);
  if (is_any_of(label, {"frustrated", "angry", "annoyed", "furious", "upset", "irritated", "very_negative"}))
    return Mood::frustrated;
  if (is_any_of(label, {"worried", "anxious", "afraid", "concerned", "scared", "nervous", "stressed"}))
    return Mood::worried;
  if (is_any_of(label, {"calm", "neutral", "positive", "happy", "satisfied", "mixed"})) return Mood::calm;
  auto score = sentiment["score"].number();
  const auto points = items(sentiment["points"]);
  if (!points.empty() && points.back()["score"].number()) score = points.back()["score"].number();
  constexpr double kBad = -0.4;
  return score && *score <= kBad ? Mood::frustrated : Mood::calm;
}

Facts facts_of(const Handoff& handoff, const Outlook& outlook, TimePoint now) {
  const JsonView data(handoff.data);
  Facts facts;
  facts.workspace = handoff.workspace;
  facts.now = now;
  facts.language = data.at_path("conversation.language").text();
  facts.zone = data.at_path("customer.timezone").text();
  facts.house_zone = outlook.house_zone;
  facts.mood = mood_of(data);
  facts.intent = data.at_path("intent.name").text();
  facts.category = data.at_path("intent.category").text();
  facts.quote = quote(data);
  facts.messages = wrote_something(data);
  facts.tried = !items(data["attempts"]).empty();
  facts.details = kinds(data);
  if (handoff.ticket) facts.ticket = handoff.ticket->called();
  facts.team = handoff.route.team;
  facts.asked = handoff.announced && !handoff.route.alerts.empty();
  facts.claimed = handoff.state == State::claimed || handoff.state == State::active;
  facts.solved = handoff.state == State::resolved || handoff.state == State::returned;
  facts.person = handoff.owner_name;
  facts.resolution = handoff.resolution;
  if (facts.solved) facts.follow_ups = handoff.follow_ups;
  facts.open = outlook.open;
  facts.back_at = outlook.back_at;
  facts.wait = outlook.wait;
  facts.position = outlook.position;
  facts.offers = outlook.offers;
  if (now > handoff.requested_at) facts.waited = now - handoff.requested_at;
  return facts;
}

}  // namespace baton::handoff::tell
