// `date`, of Liquid, and `in_zone`, our own.
#include "mappings/engine/filters.h"
#include "mappings/engine/moment.h"

namespace baton::mappings {
namespace {

constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999

std::optional<Moment> moment_in(const FilterInput& in) {
  if (in.value.is_text()) return parse_moment(in.value.text(), in.run.now());
  if (in.value.kind() != Kind::integer) return std::nullopt;
  if (in.value.integer() < -kLastSecond || in.value.integer() > kLastSecond) return std::nullopt;
  Moment made;
  made.seconds = in.value.integer();
  return made;
}

// What is no time, and a format without characters, leave the value as it is.
Value date(const FilterInput& in) {
  const auto format = in.text(0);
  if (format.empty() || !in.run.spend(format.size())) return in.value;
  const auto moment = moment_in(in);
  return moment ? in.made(format_moment(*moment, format)) : in.value;
}

// A zone that nobody knows is UTC, and the text says so: a customer's odd setting stops no ticket.
Value local_time(const FilterInput& in) {
  const auto moment = moment_in(in);
  if (!moment) return in.value;
  const auto format = in.has(1) ? in.text(1) : std::string_view("%Y-%m-%d %H:%M %Z");
  if (!in.run.spend(format.size())) return {};
  const auto zone = in.text(0);
  auto utc = *moment;
  utc.offset = 0;
  utc.zone = "UTC";
  const auto local = zone.empty() ? std::optional(utc) : in_zone(utc, zone);
  return in.made(format_moment(local.value_or(utc), format));
}

constexpr FilterRule kTimeFilters[] = {
    {"date", 1, 1, date},
    {"in_zone", 1, 2, local_time},
};

}  // namespace

std::span<const FilterRule> time_filters() { return kTimeFilters; }

}  // namespace baton::mappings
