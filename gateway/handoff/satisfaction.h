// Purpose: ratings on different scales as one figure, and what the AI did without us in a day: so many
// conversations solved, so many ratings. Pure. Owner: the measure and ingress. Threads: plain values.
// Units: scores from 0 to 1. Errors: none; what lies beyond its scale is taken for the scale's end.
#pragma once

#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

// 0 to 1, whatever the scale: thumbs 0 and 1, stars 1 to 5, nps 0 to 10.
double normalised(std::string_view scale, double score);
// Thumbs up, four stars, a promoter's nine.
bool is_satisfied(std::string_view scale, double score);

// Nothing unless the event says a score and a scale.
std::optional<Rating> read_rating(JsonView data, TimePoint at);

struct Satisfaction {
  void add(std::string_view scale, double score);
  void add(const Satisfaction& other);

  std::uint64_t count = 0, satisfied = 0;
  double total = 0;  // of what normalised() gives
};

// {"count", "mean", "satisfied"}, the last two null where nobody rated.
nlohmann::json to_json(const Satisfaction& some);

// The conversations of which no handoff tells.
struct AiAlone {
  void add(const AiAlone& other);

  std::uint64_t resolved = 0;
  Satisfaction satisfaction;
};

// One document for a day, a workspace, an arm of the pilot and a part of the conversations, so that not all
// that arrives at one time has to replace the same one.
inline constexpr std::string_view kAiConversations = "ai_conversations";
std::string ai_document_key(TimePoint at, const WorkspaceId& workspace, std::string_view pilot, int part);
std::string_view pilot_of_ai_document(std::string_view key);

nlohmann::json to_document(const AiAlone& some);
AiAlone ai_alone_from(JsonView document);

}  // namespace baton::handoff
