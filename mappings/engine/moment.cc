#include "mappings/engine/moment.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <date/date.h>
#include <date/tz.h>

#include "gateway/base/text.h"

namespace baton::mappings {
namespace {

constexpr auto kMonths =
    std::to_array<std::string_view>({"January", "February", "March", "April", "May", "June", "July", "August",
                                     "September", "October", "November", "December"});
constexpr auto kDays = std::to_array<std::string_view>(
    {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"});

// A full name or its first three letters; -1 if it is none.
template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (equals_ignoring_case(names[i], word) || equals_ignoring_case(names[i].substr(0, 3), word)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// Reads a text from left to right; whatever does not fit leaves it where it was.
class MomentReader {
 public:
  explicit MomentReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view characters) {
    while (!rest_.empty() && characters.find(rest_.front()) != std::string_view::npos) rest_.remove_prefix(1);
  }
  std::size_t digits_ahead() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }
  std::optional<int> number(std::size_t min_digits, std::size_t max_digits) {
    const auto digits = std::min(digits_ahead(), max_digits);
    if (digits < min_digits) return std::nullopt;
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + digits, value);
    rest_.remove_prefix(digits);
    return value;
  }
  std::string_view word() {
    std::size_t length = 0;
    while (length < rest_.size() && is_letter(rest_[length])) ++length;
    const auto found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }
  std::string_view rest() const { return rest_; }
  void back_to(std::string_view rest) { rest_ = rest; }

 private:
  std::string_view rest_;
};

struct Parts {
  std::optional<int> year, month, day;
  int hour = 0, minute = 0, second = 0;
  std::int32_t nanoseconds = 0;
  std::int32_t offset = 0;
  std::string zone = "UTC";
  bool has_time = false;
};

bool read_offset(MomentReader& in, Parts& parts) {
  const bool negative = in.peek() == '-';
  if (!in.take('+') && !in.take('-')) return false;
  const auto hours = in.number(2, 2);
  in.take(':');
  const auto minutes = in.number(2, 2);
  if (!hours || *hours > 23 || minutes.value_or(0) > 59) return false;
  parts.offset = (*hours * 3600 + minutes.value_or(0) * 60) * (negative ? -1 : 1);
  parts.zone.clear();
  return true;
}

// 10:15, 10:15:30.25, 3:30 pm; with the offset behind it.
bool read_time(MomentReader& in, Parts& parts) {
  const auto before = in.rest();
  const auto hour = in.number(1, 2);
  if (!hour || !in.take(':')) {
    in.back_to(before);
    return false;
  }
  const auto minute = in.number(2, 2);
  if (!minute) return false;
  parts.hour = *hour;
  parts.minute = *minute;
  if (in.take(':')) parts.second = in.number(2, 2).value_or(99);
  if (in.take('.') || in.take(',')) {
    std::int32_t unit = 100'000'000;
    for (; is_digit(in.peek()); unit /= 10) parts.nanoseconds += *in.number(1, 1) * unit;
  }
  in.skip(" ");
  const auto mark = in.rest();
  const auto word = in.word();
  const bool am = equals_ignoring_case(word, "am");
  if (am || equals_ignoring_case(word, "pm")) parts.hour = parts.hour % 12 + (am ? 0 : 12);
  else in.back_to(mark);
  in.skip(" ");
  parts.has_time = parts.hour <= 24 && parts.minute <= 59 && parts.second <= 60;
  return parts.has_time;
}

bool read_zone(MomentReader& in, Parts& parts) {
  if (in.peek() == '+' || in.peek() == '-') return read_offset(in, parts);
  const auto word = in.word();
  return equals_ignoring_case(word, "z") || equals_ignoring_case(word, "utc") ||
         equals_ignoring_case(word, "gmt");
}

// 2016-03-14, 2016/3/14, 20160314
bool read_numeric_date(MomentReader& in, Parts& parts) {
  const auto digits = in.digits_ahead();
  if (digits == 8) {
    parts.year = in.number(4, 4);
    parts.month = in.number(2, 2);
    parts.day = in.number(2, 2);
    return true;
  }
  if (digits != 4) return false;
  parts.year = in.number(4, 4);
  const char separator = in.peek();
  if (separator != '-' && separator != '/' && separator != '.') return false;
  in.take(separator);
  parts.month = in.number(1, 2);
  parts.day = in.take(separator) ? in.number(1, 2) : 1;
  return parts.month && parts.day;
}

// One word of a date in words: a month, a day of the week, a zone.
bool read_word(MomentReader& in, Parts& parts) {
  const auto before = in.rest();
  const auto word = in.word();
  if (const int month = index_of(kMonths, word); month >= 0) {
    parts.month = month + 1;
    return true;
  }
  if (index_of(kDays, word) >= 0 || equals_ignoring_case(word, "at") || equals_ignoring_case(word, "t"))
    return true;
  in.back_to(before);
  return parts.has_time && read_zone(in, parts);
}

// "March 14, 2016", "14 Mar 2016", "Mon, 14 Mar 2016 10:15:00 +0100"
std::optional<Parts> read_parts(std::string_view text) {
  MomentReader in(text);
  Parts parts;
  for (in.skip(" \t,"); !in.at_end(); in.skip(" \t,")) {
    const auto before = in.rest();
    if (is_letter(in.peek())) {
      if (!read_word(in, parts)) return std::nullopt;
    } else if (parts.has_time && (in.peek() == '+' || in.peek() == '-')) {
      if (!read_offset(in, parts)) return std::nullopt;
    } else if (!parts.year && !parts.month && (in.digits_ahead() == 4 || in.digits_ahead() == 8)) {
      if (!read_numeric_date(in, parts)) return std::nullopt;
    } else if (read_time(in, parts)) {
      continue;
    } else if (in.back_to(before); in.digits_ahead() == 4) {
      parts.year = in.number(4, 4);
    } else if (const auto day = in.number(1, 2); day && !parts.day) {
      parts.day = day;
      for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
        if (in.rest().starts_with(ending)) in.back_to(in.rest().substr(2));
      }
    } else {
      return std::nullopt;
    }
  }
  if (!parts.month && !parts.year && !parts.day && !parts.has_time) return std::nullopt;
  return parts;
}

std::int64_t days_from_civil(int year, int month, int day) {
  return date::local_days(date::year(year) / month / day).time_since_epoch().count();
}

std::int64_t whole_units(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::optional<Moment> to_moment(const Parts& parts, TimePoint now) {
  const date::year_month_day today{date::floor<date::days>(now)};
  const int year = parts.year.value_or(static_cast<int>(today.year()));
  const bool time_only = !parts.year && !parts.month && !parts.day;
  const int month =
      parts.month.value_or(time_only ? static_cast<int>(static_cast<unsigned>(today.month())) : 1);
  const int day = parts.day.value_or(time_only ? static_cast<int>(static_cast<unsigned>(today.day())) : 1);
  const auto date = date::year(year) / month / day;
  if (!date.ok()) return std::nullopt;
  Moment made;
  made.offset = parts.offset;
  made.zone = parts.zone;
  made.nanoseconds = parts.nanoseconds;
  made.seconds = days_from_civil(year, month, day) * 86'400 + parts.hour * 3600 + parts.minute * 60 +
                 parts.second - parts.offset;
  return made;
}

// The usual form, without any search: 2026-11-20T09:58:07Z
std::optional<Moment> parse_iso_utc(std::string_view text) {
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != 'Z') {
    return std::nullopt;
  }
  const auto two = [&](std::size_t at) {
    const int high = text[at] - '0';
    const int low = text[at + 1] - '0';
    return high < 0 || high > 9 || low < 0 || low > 9 ? -10'000 : high * 10 + low;
  };
  const int year = two(0) * 100 + two(2);
  const auto date = date::year(year) / two(5) / two(8);
  const int hour = two(11);
  const int minute = two(14);
  const int second = two(17);
  if (year < 0 || two(5) < 0 || two(8) < 0 || !date.ok() || hour < 0 || hour > 24 || minute < 0 ||
      minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  Moment made;
  made.seconds = days_from_civil(year, two(5), two(8)) * 86'400 + hour * 3600 + minute * 60 + second;
  return made;
}

// A moment taken apart into what its local clock and calendar show.
struct Local {
  explicit Local(const Moment& moment) {
    const auto local = moment.seconds + moment.offset;
    days = whole_units(local, 86'400);
    second_of_day = static_cast<int>(local - days * 86'400);
    const date::year_month_day date{date::local_days(date::days(static_cast<int>(days)))};
    year = static_cast<int>(date.year());
    month = static_cast<int>(static_cast<unsigned>(date.month()));
    day = static_cast<int>(static_cast<unsigned>(date.day()));
    weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    year_day = static_cast<int>(days - days_from_civil(year, 1, 1)) + 1;
  }
  int hour() const { return second_of_day / 3600; }
  int hour12() const { return hour() % 12 == 0 ? 12 : hour() % 12; }
  int minute() const { return second_of_day / 60 % 60; }
  int second() const { return second_of_day % 60; }

  // The ISO week and the year that it belongs to.
  std::pair<int, int> iso_week() const {
    const auto thursday = days + 3 - (weekday + 6) % 7;
    const date::year_month_day date{date::local_days(date::days(static_cast<int>(thursday)))};
    const int week_year = static_cast<int>(date.year());
    return {static_cast<int>(thursday - days_from_civil(week_year, 1, 1)) / 7 + 1, week_year};
  }

  std::int64_t days;
  int second_of_day, year, month, day, weekday, year_day;
};

struct Directive {
  char flag = '\0';  // the last of -, 0, _
  bool upper = false;
  bool swap = false;
  int colons = 0;
  int width = -1;
};

std::string padded(std::int64_t value, int width, char pad, const Directive& directive) {
  if (directive.flag == '-') return std::to_string(value);
  if (directive.flag == '0') pad = '0';
  if (directive.flag == '_') pad = ' ';
  if (directive.width >= 0) width = directive.width;
  auto digits = std::to_string(value < 0 ? -value : value);
  const int missing = width - static_cast<int>(digits.size()) - (value < 0 ? 1 : 0);
  const std::string fill(static_cast<std::size_t>(std::max(0, missing)), pad);
  return (value < 0 ? "-" : "") + fill + digits;
}

std::string named(std::string_view word, const Directive& directive) {
  std::string out(word);
  if (directive.upper || directive.swap) {
    for (auto& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  const auto size = static_cast<int>(out.size());
  if (directive.width > size) {
    out.insert(0, static_cast<std::size_t>(directive.width - size), directive.flag == '0' ? '0' : ' ');
  }
  return out;
}

std::string offset_text(const Moment& moment, const Directive& directive) {
  const int size = moment.offset < 0 ? -moment.offset : moment.offset;
  const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  std::string out = moment.offset < 0 ? "-" : "+";
  out += two(size / 3600);
  if (directive.colons > 0) out += ':';
  out += two(size / 60 % 60);
  if (directive.colons == 2) out += ":" + two(size % 60);
  return out;
}

std::string fraction(const Moment& moment, int digits) {
  auto text = std::to_string(moment.nanoseconds);
  text.insert(0, 9 - std::min<std::size_t>(9, text.size()), '0');
  text.resize(static_cast<std::size_t>(std::clamp(digits, 1, 30)), '0');
  return text;
}

// Directives that stand for others.
std::string_view expansion(char letter) {
  switch (letter) {
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'v': return "%e-%^b-%Y";
    case '+': return "%a %b %e %H:%M:%S %Z %Y";
    default: return {};
  }
}

std::optional<std::string> calendar_text(const Local& local, char letter, const Directive& directive) {
  switch (letter) {
    case 'Y': return padded(local.year, local.year < 0 ? 5 : 4, '0', directive);
    case 'C': return padded(whole_units(local.year, 100), 2, '0', directive);
    case 'y': return padded(((local.year % 100) + 100) % 100, 2, '0', directive);
    case 'm': return padded(local.month, 2, '0', directive);
    case 'B': return named(kMonths[static_cast<std::size_t>(local.month - 1)], directive);
    case 'b':
    case 'h': return named(kMonths[static_cast<std::size_t>(local.month - 1)].substr(0, 3), directive);
    case 'd': return padded(local.day, 2, '0', directive);
    case 'e': return padded(local.day, 2, ' ', directive);
    case 'j': return padded(local.year_day, 3, '0', directive);
    case 'A': return named(kDays[static_cast<std::size_t>(local.weekday)], directive);
    case 'a': return named(kDays[static_cast<std::size_t>(local.weekday)].substr(0, 3), directive);
    case 'u': return padded(local.weekday == 0 ? 7 : local.weekday, 1, '0', directive);
    case 'w': return padded(local.weekday, 1, '0', directive);
    case 'G': return padded(local.iso_week().second, 4, '0', directive);
    case 'g': return padded(local.iso_week().second % 100, 2, '0', directive);
    case 'V': return padded(local.iso_week().first, 2, '0', directive);
    case 'U': return padded((local.year_day + 6 - local.weekday) / 7, 2, '0', directive);
    case 'W': return padded((local.year_day + 6 - (local.weekday + 6) % 7) / 7, 2, '0', directive);
    default: return std::nullopt;
  }
}

std::optional<std::string> clock_text(const Moment& moment, const Local& local, char letter,
                                      const Directive& directive) {
  switch (letter) {
    case 'H': return padded(local.hour(), 2, '0', directive);
    case 'k': return padded(local.hour(), 2, ' ', directive);
    case 'I': return padded(local.hour12(), 2, '0', directive);
    case 'l': return padded(local.hour12(), 2, ' ', directive);
    case 'M': return padded(local.minute(), 2, '0', directive);
    case 'S': return padded(local.second(), 2, '0', directive);
    case 'L': return fraction(moment, directive.width < 0 ? 3 : directive.width);
    case 'N': return fraction(moment, directive.width < 0 ? 9 : directive.width);
    case 'P': return named(local.hour() < 12 ? "am" : "pm", directive);
    case 'p':
      if (directive.swap) return local.hour() < 12 ? "am" : "pm";
      return named(local.hour() < 12 ? "AM" : "PM", directive);
    case 'z': return offset_text(moment, directive);
    case 'Z': return named(moment.zone, directive);
    case 's': return padded(moment.seconds, 1, '0', directive);
    case 'n': return "\n";
    case 't': return "\t";
    case '%': return "%";
    default: return std::nullopt;
  }
}

// The flags and the width behind `%`; how many characters they take.
std::size_t read_directive(std::string_view format, Directive& directive) {
  std::size_t at = 1;
  for (; at < format.size(); ++at) {
    const char c = format[at];
    if (c == '^') directive.upper = true;
    else if (c == '#') directive.swap = true;
    else if (c == ':') ++directive.colons;
    else if (c == '-' || c == '_' || c == '0') directive.flag = c;
    else break;
  }
  for (; at < format.size() && is_digit(format[at]); ++at) {
    directive.width = std::min(200, std::max(0, directive.width) * 10 + (format[at] - '0'));
  }
  return at;
}

}  // namespace

Moment moment_of(TimePoint at) {
  Moment made;
  const auto milliseconds = at.time_since_epoch().count();
  made.seconds = whole_units(milliseconds, 1000);
  made.nanoseconds = static_cast<std::int32_t>((milliseconds - made.seconds * 1000) * 1'000'000);
  return made;
}

std::optional<Moment> parse_moment(std::string_view text, TimePoint now) {
  if (const auto iso = parse_iso_utc(text)) return iso;
  text = trim(text);
  if (text.empty() || text.size() > 100) return std::nullopt;
  if (equals_ignoring_case(text, "now") || equals_ignoring_case(text, "today")) return moment_of(now);
  if (std::ranges::all_of(text, is_digit)) {
    Moment made;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), made.seconds);
    // Years of five digits and more are no time that anybody means.
    return error == std::errc() && made.seconds < 253'402'300'800 ? std::optional(made) : std::nullopt;
  }
  const auto parts = read_parts(text);
  return parts ? to_moment(*parts, now) : std::nullopt;
}

std::optional<Moment> in_zone(const Moment& moment, std::string_view zone) {
  // The library reports an unknown zone, and a system without zone data, by throwing.
  try {
    const auto info =
        date::locate_zone(zone)->get_info(date::sys_seconds(std::chrono::seconds(moment.seconds)));
    auto made = moment;
    made.offset = static_cast<std::int32_t>(info.offset.count());
    made.zone = info.abbrev;
    return made;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string format_moment(const Moment& moment, std::string_view format) {
  const Local local(moment);
  std::string out;
  while (!format.empty()) {
    const auto percent = std::min(format.find('%'), format.size());
    out.append(format.substr(0, percent));
    format.remove_prefix(percent);
    if (format.empty()) break;
    Directive directive;
    const auto length = read_directive(format, directive);
    const char letter = length < format.size() ? format[length] : '\0';
    auto piece = calendar_text(local, letter, directive);
    if (!piece) piece = clock_text(moment, local, letter, directive);
    if (const auto expanded = expansion(letter); !piece && !expanded.empty()) {
      piece = named(format_moment(moment, expanded), directive);
    }
    const auto taken = std::min(length + 1, format.size());
    out.append(piece ? std::string_view(*piece) : format.substr(0, taken));
    format.remove_prefix(taken);
  }
  return out;
}

}  // namespace baton::mappings
