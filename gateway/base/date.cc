#include "gateway/base/date.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace baton {
namespace {

// Exactly `digits` decimal digits at `at`, or -1.
int digits_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool is_at(std::string_view text, std::size_t at, std::string_view any_of) {
  return at < text.size() && any_of.find(text[at]) != std::string_view::npos;
}

// "Z" or "+hh:mm" at `at`, to the end of the text.
std::optional<std::chrono::minutes> offset_at(std::string_view text, std::size_t at) {
  if (is_at(text, at, "Zz") && at + 1 == text.size()) return std::chrono::minutes{0};
  if (!is_at(text, at, "+-") || at + 6 != text.size() || text[at + 3] != ':') return std::nullopt;
  const int hours = digits_at(text, at + 1, 2), minutes = digits_at(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return std::chrono::minutes{(text[at] == '-' ? -1 : 1) * (hours * 60 + minutes)};
}

}  // namespace

std::string to_rfc3339(TimePoint at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  std::array<char, 40> buffer;
  const int length = std::snprintf(
      buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const int y = digits_at(text, 0, 4), mo = digits_at(text, 5, 2), d = digits_at(text, 8, 2);
  const int h = digits_at(text, 11, 2), mi = digits_at(text, 14, 2), s = digits_at(text, 17, 2);
  const bool shaped = is_at(text, 4, "-") && is_at(text, 7, "-") && is_at(text, 10, "Tt ") &&
                      is_at(text, 13, ":") && is_at(text, 16, ":");
  if (!shaped || y < 0 || mo < 0 || d < 0 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60) {
    return std::nullopt;
  }
  const year_month_day date(year{y}, month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
  if (!date.ok()) return std::nullopt;
  std::size_t at = 19;
  int fraction = 0;
  if (is_at(text, at, ".")) {
    int scale = 100;
    const auto first = ++at;
    for (; is_at(text, at, "0123456789"); ++at, scale /= 10) fraction += scale * (text[at] - '0');
    if (at == first) return std::nullopt;
  }
  const auto offset = offset_at(text, at);
  if (!offset) return std::nullopt;
  return TimePoint(sys_days(date)) + hours{h} + minutes{mi} + seconds{s} + Duration{fraction} - *offset;
}

}  // namespace baton
