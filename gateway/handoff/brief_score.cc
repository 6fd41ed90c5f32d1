// How much of a brief is there, by field and by source, with the reason for every gap.
#include <algorithm>
#include <array>
#include <map>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_parts.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

constexpr Duration kFreshContext{3'600'000};
constexpr std::string_view kEvent = "event";

// What a complete package holds, as an agent would miss it.
struct Wanted {
  std::string_view path;
  std::string_view words;
};
constexpr auto kWanted = std::to_array<Wanted>({{"customer.name", "the customer's name"},
                                                {"customer.email", "their address"},
                                                {"intent.summary", "a summary"},
                                                {"reason.trigger", "why it was handed over"},
                                                {"transcript", "the conversation"},
                                                {"attempts", "what was tried"}});

class Score {
 public:
  void present(const std::string& source) { add(source, 2); }
  void gap(Gap one) {
    add(one.source, one.state == "stale" ? 1 : 0);
    gaps.push_back(std::move(one));
  }

  std::vector<Gap> gaps;

  int percent() const {
    int have = 0, want = 0;
    for (const auto& [source, sum] : sources_) {
      have += sum.first;
      want += sum.second;
    }
    return want == 0 ? 100 : 100 * have / want;
  }
  std::vector<SourceScore> by_source() const {
    std::vector<SourceScore> all;
    for (const auto& [source, sum] : sources_) all.push_back({source, 100 * sum.first / sum.second});
    return all;
  }

 private:
  void add(const std::string& source, int points) {
    auto& [have, want] = sources_[source];
    have += points;
    want += 2;
  }
  std::map<std::string, std::pair<int, int>> sources_;
};

void count_event(JsonView data, Score& score) {
  for (const auto& wanted : kWanted) {
    const auto view = data.at_path(wanted.path);
    const bool there = view.string() ? !trim(*view.string()).empty()
                       : view.list() ? !view.list()->empty()
                                     : false;
    if (there) score.present(std::string(kEvent));
    else
      score.gap(
          {std::string(wanted.path), "missing", "the chat platform did not send it", std::string(kEvent)});
  }
}

// What came late is there all the same.
bool has_come(const ContextPart& part) {
  return part.part == Part::present || (part.part == Part::late && part.at != TimePoint{});
}

void count_source(const std::string& source, const ContextPart& part, TimePoint now, Score& score) {
  if (!has_come(part)) {
    return score.gap({source, std::string(name(part.part)),
                      part.reason.empty() ? "no answer yet" : tidy(part.reason), source});
  }
  const auto age = std::chrono::duration_cast<std::chrono::hours>(now - part.at);
  if (now - part.at > kFreshContext) {
    score.gap({source, "stale",
               "read " + std::to_string(age.count()) + (age.count() == 1 ? " hour" : " hours") + " ago",
               source});
  } else {
    score.present(source);
  }
  constexpr std::size_t kMost = 10;
  const auto missing = items(JsonView(part.found)["missing"]);
  for (std::size_t i = 0; i < std::min(missing.size(), kMost); ++i) {
    auto field = shorten(tidy(missing[i]["part"]), 60), why = shorten(tidy(missing[i]["why"]), 160);
    if (!field.empty())
      score.gap({std::move(field), "missing", why.empty() ? "no reason given" : std::move(why), source});
  }
}

// What would help with this category, and nobody says although all were heard.
void count_sections(const Handoff& handoff, JsonView known, Subject category, Score& score) {
  if (handoff.route.context.empty()) return;
  for (const auto& [destination, part] : handoff.context) {
    if (!has_come(part)) return;  // then that is the gap
  }
  const auto empty = [&](std::string_view section) {
    const auto view = known[section];
    return !view.raw() || view.raw()->empty();
  };
  const bool paid = category == Subject::billing || category == Subject::cancellation;
  if (paid && empty("money")) score.gap({"money", "missing", "no destination says it", "context"});
}

std::string gaps_in_words(const std::vector<Gap>& gaps) {
  constexpr std::size_t kMost = 300;
  std::vector<std::string> parts;
  for (const auto& gap : gaps) {
    if (gap.state == "stale") continue;
    const auto wanted = std::ranges::find(kWanted, gap.field, &Wanted::path);
    if (wanted != kWanted.end()) parts.emplace_back(wanted->words);
    else parts.push_back(gap.field + " (" + gap.reason + ")");
  }
  return join_within(parts, ", ", kMost);
}

}  // namespace

void score(const Handoff& handoff, JsonView known, TimePoint now, Brief& brief) {
  Score all;
  count_event(handoff.data, all);
  for (const auto& [destination, part] : handoff.context) count_source(destination.text, part, now, all);
  count_sections(handoff, known, brief.category, all);
  brief.completeness = all.percent();
  brief.by_source = all.by_source();
  brief.missing = std::move(all.gaps);
  brief.not_known = gaps_in_words(brief.missing);
}

}  // namespace baton::handoff
