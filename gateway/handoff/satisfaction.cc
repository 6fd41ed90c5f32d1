#include "gateway/handoff/satisfaction.h"

#include <algorithm>
#include <cmath>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

std::uint64_t count_at(JsonView document, std::string_view member) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(document[member].integer().value_or(0), 0));
}

json rounded(double value) { return std::round(1000.0 * value) / 1000.0; }

}  // namespace

double normalised(std::string_view scale, double score) {
  const double share = scale == "stars" ? (score - 1) / 4 : scale == "nps" ? score / 10 : score;
  return std::clamp(share, 0.0, 1.0);
}

bool is_satisfied(std::string_view scale, double score) {
  return score >= (scale == "stars" ? 4 : scale == "nps" ? 9 : 1);
}

std::optional<Rating> read_rating(JsonView data, TimePoint at) {
  constexpr std::size_t kMost = 1024;
  const auto score = data["score"].number();
  const auto scale = data["scale"].text();
  if (!score || !std::isfinite(*score) || scale.empty()) return std::nullopt;
  const auto comment = data["comment"].text();
  return Rating(at, *score, scale, data["phase"].text(), std::string(clip_utf8(comment, kMost)));
}

void Satisfaction::add(std::string_view scale, double score) {
  ++count;
  satisfied += is_satisfied(scale, score);
  total += normalised(scale, score);
}

void Satisfaction::add(const Satisfaction& other) {
  count += other.count;
  satisfied += other.satisfied;
  total += other.total;
}

json to_json(const Satisfaction& some) {
  if (some.count == 0) return {{"count", 0}, {"mean", nullptr}, {"satisfied", nullptr}};
  const auto count = static_cast<double>(some.count);
  return {{"count", some.count},
          {"mean", rounded(some.total / count)},
          {"satisfied", rounded(static_cast<double>(some.satisfied) / count)}};
}

void AiAlone::add(const AiAlone& other) {
  resolved += other.resolved;
  satisfaction.add(other.satisfaction);
}

std::string ai_document_key(TimePoint at, const WorkspaceId& workspace, std::string_view pilot, int part) {
  return to_rfc3339(at).substr(0, 10) + "/" + workspace.text + "/" + std::string(pilot) + "/" +
         std::to_string(part);
}

std::string_view pilot_of_ai_document(std::string_view key) {
  const auto parts = split(key, '/');
  return parts.size() == 4 ? parts[2] : std::string_view();
}

json to_document(const AiAlone& some) {
  return {{"resolved", some.resolved},
          {"rated", some.satisfaction.count},
          {"satisfied", some.satisfaction.satisfied},
          {"total", some.satisfaction.total}};
}

AiAlone ai_alone_from(JsonView document) {
  AiAlone some;
  some.resolved = count_at(document, "resolved");
  some.satisfaction.count = count_at(document, "rated");
  some.satisfaction.satisfied = count_at(document, "satisfied");
  some.satisfaction.total = document["total"].number().value_or(0);
  return some;
}

}  // namespace baton::handoff
