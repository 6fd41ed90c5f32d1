// The `calendars` section of the configuration, and the calendars that teams write out themselves.
#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <date/tz.h>

#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/handoff/calendar.h"

namespace baton::handoff {
namespace {

constexpr auto kDays = std::to_array<std::string_view>({"mon", "tue", "wed", "thu", "fri", "sat", "sun"});

// Exactly `count` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "09:00"; up to "24:00".
std::optional<std::chrono::minutes> parse_clock(std::string_view text) {
  const auto hour = digits(text, 0, 2), minute = digits(text, 3, 2);
  if (text.size() != 5 || text[2] != ':' || !hour || !minute || *minute > 59) return std::nullopt;
  const auto total = std::chrono::minutes{*hour * 60 + *minute};
  return total <= std::chrono::hours{24} ? std::optional(total) : std::nullopt;
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !year || !month || !day) return std::nullopt;
  const auto date = std::chrono::year{*year} / *month / *day;
  return date.ok() ? std::optional(date) : std::nullopt;
}

// A zone whose city is the given text ("Berlin"), or whose name is nearly it.
std::string nearest_zone(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& zone : date::get_tzdb().zones) {
    const auto& name = zone.name();
    const auto slash = name.rfind('/');
    const bool city = slash != std::string::npos && equals_ignoring_case(name.substr(slash + 1), text);
    if (city) return ", did you mean `" + name + "`?";
    names.push_back(name);
  }
  return did_you_mean(text, names);
}

bool zone_exists(const std::string& zone, Fields& fields) {
  if (zone.empty()) return false;  // reported as missing
  try {
    date::locate_zone(zone);
    return true;
  } catch (const std::runtime_error&) {
    fields.report("zone", "`" + zone + "` is not a time zone of the IANA database" + nearest_zone(zone));
    return false;
  }
}

void read_day(std::string_view day, Fields& fields, std::vector<Span>& spans) {
  for (const auto& text : fields.texts(day)) {
    const auto shown = "`" + text + "`";
    const auto parts = split(text, '-');
    const auto from = parse_clock(trim(parts.front())), to = parse_clock(trim(parts.back()));
    if (parts.size() != 2 || !from || !to) {
      fields.report(day, shown + " must be hours such as 09:00-17:00");
    } else if (*to == *from) {
      fields.report(day, shown + " ends as it begins; the whole day is 00:00-24:00");
    } else if (*to < *from) {
      fields.report(day, shown + " ends before it begins; give what lies after midnight to the next day");
    } else {
      spans.push_back({*from, *to});
    }
  }
  std::ranges::sort(spans, {}, &Span::from);
  const auto overlap = std::ranges::adjacent_find(
      spans, [](const Span& first, const Span& second) { return second.from < first.to; });
  if (overlap != spans.end()) fields.report(day, "these hours overlap");
}

void read_weekdays(const Node& node, const std::string& path, Hours& hours, Problems& problems) {
  const auto before = problems.list().size();
  Fields fields(node, path, problems);
  for (std::size_t day = 0; day < kDays.size(); ++day) read_day(kDays[day], fields, hours.weekdays[day]);
  fields.done();
  const bool sound = problems.list().size() == before;
  const auto closed = [](const std::vector<Span>& spans) { return spans.empty(); };
  if (sound && !node.missing() && std::ranges::all_of(hours.weekdays, closed)) {
    problems.add(node.at(), path, "never open: give at least one day hours such as mon: 09:00-17:00");
  }
}

// Longer than any season: nobody waits for it.
constexpr std::chrono::days kLongestRest{300};

// A day off from which on no hours come for so long.
std::optional<std::chrono::year_month_day> closed_from(const Calendar& calendar) {
  for (const auto& holiday : calendar.hours()->holidays) {
    const TimePoint noon = std::chrono::sys_days(holiday) + std::chrono::hours{12};
    const auto opens = calendar.next_open(noon);
    if (!opens || *opens - noon > kLongestRest) return holiday;
  }
  return std::nullopt;
}

// Every day of the week that has hours may be a day off.
Calendar calendar_that_opens(Hours hours, Fields& fields) {
  Calendar calendar(std::move(hours));
  const auto closed = closed_from(calendar);
  if (!closed) return calendar;
  fields.report("holidays", "never open: from " + to_rfc3339(std::chrono::sys_days(*closed)).substr(0, 10) +
                                " on every day that has hours is a holiday, for more than " +
                                std::to_string(kLongestRest.count()) +
                                " days; keep only those on which nobody works");
  return {};
}

}  // namespace

Calendar read_calendar(const Node& node, const std::string& path, Problems& problems) {
  const auto before = problems.list().size();
  Hours hours;
  Fields fields(node, path, problems);
  if (node.kind() != Node::Kind::map) return {};
  hours.zone = fields.required_text("zone");
  const bool exists = zone_exists(hours.zone, fields);
  const auto& weekdays = fields.node("weekdays");
  if (weekdays.missing()) fields.report("weekdays", "is required; a day without hours is closed");
  read_weekdays(weekdays, fields.path_of("weekdays"), hours, problems);
  for (const auto& text : fields.texts("holidays")) {
    if (const auto date = parse_date(text)) hours.holidays.insert(*date);
    else fields.report("holidays", "`" + text + "` must be a date such as 2026-12-25");
  }
  fields.done();
  const bool sound = exists && problems.list().size() == before;
  return sound ? calendar_that_opens(std::move(hours), fields) : Calendar();
}

Calendars read_calendars(const Node& section, Problems& problems) {
  Calendars calendars;
  const Fields shape(section, "calendars", problems);  // reports a section that is no map
  for (const auto& [key, at, value] : section.members()) {
    calendars.emplace(key, read_calendar(value, shape.path_of(key), problems));
  }
  return calendars;
}

}  // namespace baton::handoff
