#include "connectors/stripe/amounts.h"

#include <algorithm>
#include <array>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::stripe {
namespace {

// ISK and UGX have no minor unit either, but Stripe writes them with two digits, as it always did.
constexpr auto kWhole =
    std::to_array<std::string_view>({"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf",
                                     "vnd", "vuv", "xaf", "xof", "xpf"});
constexpr auto kThousandths = std::to_array<std::string_view>({"bhd", "jod", "kwd", "omr", "tnd"});

}  // namespace

int decimals_of(std::string_view currency) {
  if (std::ranges::find(kWhole, currency) != kWhole.end()) return 0;
  return std::ranges::find(kThousandths, currency) != kThousandths.end() ? 3 : 2;
}

std::optional<double> amount_of(JsonView amount, std::string_view currency) {
  const auto units = amount.integer();
  if (!units || currency.empty()) return std::nullopt;
  constexpr double kDivisors[] = {1, 10, 100, 1000};
  return static_cast<double>(*units) / kDivisors[decimals_of(currency)];
}

std::optional<TimePoint> time_of(JsonView seconds) {
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  const auto value = seconds.integer();
  if (!value || *value <= 0 || *value > kLast) return std::nullopt;
  return TimePoint(std::chrono::seconds(*value));
}

std::string rfc3339_of(JsonView seconds) {
  const auto at = time_of(seconds);
  return at ? to_rfc3339(*at) : std::string();
}

std::string to_upper_code(std::string_view currency) {
  std::string code(currency);
  for (auto& c : code) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return code;
}

// "Fri, 20 Nov 2026 12:00:00 GMT"
}  // namespace baton::stripe
