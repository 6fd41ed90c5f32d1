#include "gateway/handoff/tell_words.h"

#include <algorithm>
#include <utility>

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

#include "gateway/base/text.h"

namespace baton::handoff::tell {
namespace {

using Filled = std::initializer_list<std::pair<std::string_view, std::string>>;

// One pass: what is filled in is not looked at again.
std::string fill(std::string_view phrase, Filled values) {
  std::string out;
  while (!phrase.empty()) {
    const auto open = phrase.find('{');
    out += phrase.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = std::min(phrase.find('}', open), phrase.size() - 1);
    const auto named = phrase.substr(open + 1, close - open - 1);
    for (const auto& [key, value] : values) {
      if (key == named) out += value;
    }
    phrase.remove_prefix(close + 1);
  }
  return out;
}

// The phrases that a language has, and what is filled into each.
struct PhraseRule {
  std::string_view name;
  std::vector<std::string> holds;
};

const std::vector<PhraseRule>& phrase_rules() {
  static const auto& kRules = *new std::vector<PhraseRule>{{"minute", {}},
                                                           {"minutes", {"from", "to"}},
                                                           {"minutes_same", {"to"}},
                                                           {"hours", {"from", "to"}},
                                                           {"hours_same", {"to"}},
                                                           {"minutes_to_hours", {"from", "to"}},
                                                           {"over_a_day", {}},
                                                           {"today", {"time"}},
                                                           {"tomorrow", {"time"}},
                                                           {"weekday", {"weekday", "time"}},
                                                           {"day", {"weekday", "day", "month", "time"}},
                                                           {"zone", {"when", "zone"}},
                                                           {"quote", {"text"}},
                                                           {"team", {"name"}},
                                                           {"or", {}},
                                                           {"and", {}}};
  return kRules;
}

std::vector<std::string> fields_in(std::string_view phrase) {
  std::vector<std::string> found;
  for (auto open = phrase.find('{'); open != std::string_view::npos; open = phrase.find('{', open + 1)) {
    const auto close = std::min(phrase.find('}', open), phrase.size());
    found.emplace_back(phrase.substr(open + 1, close - open - 1));
  }
  return found;
}

void check_phrase(Fields& in, const PhraseRule& rule, const std::string& phrase) {
  const auto named = fields_in(phrase);
  for (const auto& field : named) {
    if (std::ranges::find(rule.holds, field) != rule.holds.end()) continue;
    const auto allowed =
        rule.holds.empty() ? "nothing is filled in here" : "allowed here: " + join(rule.holds, ", ");
    in.report(rule.name, "`{" + field + "}` is no field" + did_you_mean(field, rule.holds) + "; " + allowed);
  }
  for (const auto& field : rule.holds) {
    if (std::ranges::find(named, field) == named.end()) in.report(rule.name, "must name {" + field + "}");
  }
}

void read_phrases(Fields& in, bool whole, Words& words) {
  for (const auto& rule : phrase_rules()) {
    const auto key = std::string(rule.name);
    if (in.node(key).missing()) {
      if (whole) in.report(key, "is required");
      continue;
    }
    auto phrase = in.text(key);
    check_phrase(in, rule, phrase);
    words.phrases[key] = std::move(phrase);
  }
}

void read_names(Fields& in, const char* key, std::size_t count, bool whole, std::vector<std::string>& into) {
  if (in.node(key).missing() && !whole) return;
  auto names = in.texts(key);
  if (names.size() == count) into = std::move(names);
  else
    in.report(key, "must be a list of " + std::to_string(count) + " names, and is one of " +
                       std::to_string(names.size()));
}

void read_labels(Fields& in, const char* key, std::map<std::string, std::string, std::less<>>& into) {
  const auto& node = in.node(key);
  Fields labels(node, in.path_of(key), in.problems());
  for (const auto& member : node.members()) {
    auto text = labels.text(member.key);
    if (text.empty()) labels.report(member.key, "must not be empty");
    else if (text.find_first_of("{}[]") != std::string::npos)
      labels.report(member.key, "is shown as it stands: no fields, no brackets");
    else into[to_lower(member.key)] = std::move(text);
  }
}

void read_choices(Fields& in, bool whole, Words& words) {
  Fields choices(in.node("choices"), in.path_of("choices"), in.problems());
  for (std::size_t i = 0; i < kChoiceNames.size(); ++i) {
    auto text = choices.text(kChoiceNames[i]);
    if (!text.empty()) words.choices[i] = std::move(text);
    else if (whole) choices.report(kChoiceNames[i], "is required");
  }
  choices.done();
}

std::string whole_figure(std::int64_t value) { return std::to_string(value); }

std::int64_t up(Duration span, Duration unit) { return (span + unit - Duration{1}) / unit; }

// --- instants

// The local wall clock in a zone; nullopt if there is no such zone.
std::optional<date::local_seconds> local(TimePoint at, const std::string& zone) {
  if (zone.empty()) return std::nullopt;
  const auto second = date::floor<std::chrono::seconds>(at);
  // The library reports an unknown zone, and a system without zone data, by throwing.
  try {
    return date::locate_zone(zone)->to_local(second);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string clock_time(date::local_seconds at, const Words& words) {
  const auto minutes = date::floor<std::chrono::minutes>(at - date::floor<date::days>(at)).count();
  const auto hour = minutes / 60, minute = minutes % 60;
  if (!words.twelve_hours) return fmt::format("{:02}:{:02}", hour, minute);
  return fmt::format("{}:{:02} {}", hour % 12 == 0 ? 12 : hour % 12, minute, hour < 12 ? "am" : "pm");
}

std::string day_and_time(date::local_seconds at, date::local_seconds now, const Words& words) {
  const auto day = date::floor<date::days>(at);
  const auto ahead = (day - date::floor<date::days>(now)).count();
  const auto time = clock_time(at, words);
  if (ahead == 0) return fill(words.phrase("today"), {{"time", time}});
  if (ahead == 1) return fill(words.phrase("tomorrow"), {{"time", time}});
  const auto weekday = words.weekdays.at(date::weekday(day).iso_encoding() - 1);
  if (ahead > 1 && ahead < 7) return fill(words.phrase("weekday"), {{"weekday", weekday}, {"time", time}});
  const date::year_month_day ymd(day);
  return fill(words.phrase("day"), {{"weekday", weekday},
                                    {"day", whole_figure(static_cast<unsigned>(ymd.day()))},
                                    {"month", words.months.at(static_cast<unsigned>(ymd.month()) - 1)},
                                    {"time", time}});
}

// "America/New_York" -> "New York".
std::string city(const std::string& zone) {
  auto name = zone.substr(std::min(zone.size(), zone.rfind('/') + 1));
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

const std::string& Words::phrase(std::string_view name) const {
  static const auto& kNone = *new std::string;
  const auto found = phrases.find(name);
  return found == phrases.end() ? kNone : found->second;
}

std::string wait_in_words(const Range& wait, const Words& words) {
  using std::chrono::hours, std::chrono::minutes;
  const auto low = std::clamp(wait.low, Duration{0}, std::max(wait.high, Duration{0}));
  const auto high = std::max(wait.high, Duration{0});
  auto to = std::max<std::int64_t>(1, up(high, minutes(1)));
  if (to > 10) to = (to + 4) / 5 * 5;
  auto from = std::max<std::int64_t>(1, low / minutes(1));
  if (from > 10) from = from / 5 * 5;
  if (to == 1) return words.phrase("minute");
  if (to <= 90 && from >= to) return fill(words.phrase("minutes_same"), {{"to", whole_figure(to)}});
  if (to <= 90)
    return fill(words.phrase("minutes"), {{"from", whole_figure(from)}, {"to", whole_figure(to)}});
  if (low >= hours(24)) return words.phrase("over_a_day");
  const auto last = up(high, hours(1)), first = static_cast<std::int64_t>(low / hours(1));
  if (first == 0)
    return fill(words.phrase("minutes_to_hours"), {{"from", whole_figure(from)}, {"to", whole_figure(last)}});
  if (first >= last) return fill(words.phrase("hours_same"), {{"to", whole_figure(last)}});
  return fill(words.phrase("hours"), {{"from", whole_figure(first)}, {"to", whole_figure(last)}});
}

std::string span_in_words(Duration span, const Words& words) {
  using std::chrono::hours, std::chrono::minutes;
  auto whole = static_cast<std::int64_t>(span / minutes(1));
  if (whole <= 1) return words.phrase("minute");
  if (span >= hours(2)) return fill(words.phrase("hours_same"), {{"to", whole_figure(span / hours(1))}});
  if (whole > 10) whole = whole / 5 * 5;
  return fill(words.phrase("minutes_same"), {{"to", whole_figure(whole)}});
}

std::string moment_in_words(TimePoint at, TimePoint now, const std::string& zone,
                            const std::string& house_zone, const Words& words) {
  if (words.weekdays.size() != 7 || words.months.size() != 12) return {};
  if (const auto there = local(at, zone)) return day_and_time(*there, *local(now, zone), words);
  const auto known = local(at, house_zone) ? house_zone : "UTC";
  const auto there = known == "UTC"
                         ? date::local_seconds(date::floor<std::chrono::seconds>(at).time_since_epoch())
                         : *local(at, known);
  const auto here = known == "UTC"
                        ? date::local_seconds(date::floor<std::chrono::seconds>(now).time_since_epoch())
                        : *local(now, known);
  return fill(words.phrase("zone"), {{"when", day_and_time(there, here, words)}, {"zone", city(known)}});
}

std::string list_in_words(const std::vector<std::string>& items, std::string_view between,
                          const Words& words) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " " + words.phrase(between) + " " : ", ";
    text += items[i];
  }
  return text;
}

void read_words(Fields& in, bool whole, Words& words) {
  Fields phrases(in.node("words"), in.path_of("words"), in.problems());
  const std::vector<std::string> clocks = {"12", "24"};
  words.twelve_hours = phrases.one_of("clock", words.twelve_hours ? "12" : "24", clocks) == "12";
  read_names(phrases, "weekdays", 7, whole, words.weekdays);
  read_names(phrases, "months", 12, whole, words.months);
  read_phrases(phrases, whole, words);
  phrases.done();
  read_choices(in, whole, words);
  read_labels(in, "issues", words.issues);
  read_labels(in, "teams", words.teams);
  read_labels(in, "details", words.details);
  read_labels(in, "help", words.help);
}

}  // namespace baton::handoff::tell
