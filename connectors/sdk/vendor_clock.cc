#include "connectors/sdk/vendor_clock.h"

#include <algorithm>
#include <string>

#include "gateway/base/date.h"

namespace baton::sdk {

std::optional<TimePoint> read_date(std::string_view date) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (date.size() != 29 || !date.ends_with(" GMT")) return std::nullopt;
  const auto month = kMonths.find(date.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const auto number = std::to_string(month / 3 + 1);
  return parse_rfc3339(std::string(date.substr(12, 4)) + (number.size() == 1 ? "-0" : "-") + number + "-" +
                       std::string(date.substr(5, 2)) + "T" + std::string(date.substr(17, 8)) + "Z");
}

void count_contacts(const std::vector<std::optional<TimePoint>>& opened, std::optional<TimePoint> now,
                    nlohmann::json& history) {
  if (!now) return;
  const auto within = [&](Duration span) {
    return std::ranges::count_if(opened, [&](const auto& at) { return at && *at >= *now - span; });
  };
  history["contacts_7d"] = within(std::chrono::days(7));
  history["contacts_14d"] = within(std::chrono::days(14));
}

}  // namespace baton::sdk
