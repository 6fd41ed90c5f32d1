#include "mappings/engine/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "gateway/base/text.h"

namespace baton::mappings {
namespace {

using Wide = Number::Wide;

bool widen(Wide& digits, int places) {
  for (; places > 0; --places) {
    if (__builtin_mul_overflow(digits, Wide{10}, &digits)) return false;
  }
  return true;
}

Wide power_of_ten(int exponent) {
  Wide power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

Wide floor_divide(Wide a, Wide b) {
  const Wide quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

std::string to_digits(Wide value) {
  std::string text;
  const bool negative = value < 0;
  do {
    const int digit = static_cast<int>(value % 10);
    text.insert(text.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  return negative ? "-" + text : text;
}

std::optional<double> read_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "-12.50"; nothing if it is not of that form.
std::optional<Number> read_decimal(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto start = at;
  Wide digits = 0;
  int scale = 0;
  bool point = false;
  bool fits = true;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !point && at > start) {
      point = true;
      continue;
    }
    if (!is_digit(text[at])) return std::nullopt;
    fits = fits && !__builtin_mul_overflow(digits, Wide{10}, &digits) &&
           !__builtin_add_overflow(digits, Wide{text[at] - '0'}, &digits);
    if (point) ++scale;
  }
  if (!point || scale == 0) return std::nullopt;
  if (fits && scale <= 30) return Number::decimal(text.starts_with('-') ? -digits : digits, scale);
  return Number::real(read_double(text).value_or(0));
}

}  // namespace

Number Number::decimal(Wide digits, int scale) {
  Number made;
  made.kind_ = Kind::decimal;
  made.digits_ = digits;
  made.scale_ = scale;
  return made;
}

Number Number::real(double value) {
  Number made;
  made.kind_ = Kind::real;
  made.real_ = value;
  return made;
}

bool Number::zero() const {
  return kind_ == Kind::whole ? whole_ == 0 : kind_ == Kind::decimal ? digits_ == 0 : real_ == 0;
}

double Number::to_double() const {
  if (kind_ == Kind::whole) return static_cast<double>(whole_);
  if (kind_ == Kind::real) return real_;
  return read_double(to_digits(digits_) + "e-" + std::to_string(scale_)).value_or(0);
}

Value Number::to_value() const { return kind_ == Kind::whole ? Value::of(whole_) : Value::of(to_double()); }

Number Number::as_decimal() const { return kind_ == Kind::whole ? decimal(whole_, 0) : *this; }

std::optional<std::pair<Number, Number>> Number::aligned(const Number& a, const Number& b) {
  if (a.kind_ == Kind::real || b.kind_ == Kind::real) return std::nullopt;
  auto left = a.as_decimal();
  auto right = b.as_decimal();
  const int scale = std::max(left.scale_, right.scale_);
  if (!widen(left.digits_, scale - left.scale_) || !widen(right.digits_, scale - right.scale_)) {
    return std::nullopt;
  }
  left.scale_ = right.scale_ = scale;
  return std::pair{left, right};
}

std::optional<Number> add(const Number& a, const Number& b) {
  if (a.is_whole() && b.is_whole()) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.whole_, b.whole_, &sum)) return std::nullopt;
    return Number(sum);
  }
  if (const auto both = Number::aligned(a, b)) {
    Wide sum = 0;
    if (!__builtin_add_overflow(both->first.digits_, both->second.digits_, &sum)) {
      return Number::decimal(sum, both->first.scale_);
    }
  }
  return Number::real(a.to_double() + b.to_double());
}

std::optional<Number> multiply(const Number& a, const Number& b) {
  if (a.is_whole() && b.is_whole()) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a.whole_, b.whole_, &product)) return std::nullopt;
    return Number(product);
  }
  if (a.kind_ != Number::Kind::real && b.kind_ != Number::Kind::real) {
    const auto left = a.as_decimal();
    const auto right = b.as_decimal();
    Wide product = 0;
    if (left.scale_ + right.scale_ <= Number::kMaxScale &&
        !__builtin_mul_overflow(left.digits_, right.digits_, &product)) {
      return Number::decimal(product, left.scale_ + right.scale_);
    }
  }
  return Number::real(a.to_double() * b.to_double());
}

std::optional<Number> divide(const Number& a, const Number& b) {
  if (b.zero()) return std::nullopt;
  if (a.is_whole() && b.is_whole()) {
    const Wide quotient = floor_divide(a.whole_, b.whole_);
    if (quotient > INT64_MAX) return std::nullopt;
    return Number(static_cast<std::int64_t>(quotient));
  }
  // An exact quotient stays a decimal, so that what is counted next is exact too.
  if (const auto both = Number::aligned(a, b)) {
    if (both->first.digits_ % both->second.digits_ == 0) {
      return Number::decimal(both->first.digits_ / both->second.digits_, 0);
    }
    return Number::real(static_cast<double>(static_cast<long double>(both->first.digits_) /
                                            static_cast<long double>(both->second.digits_)));
  }
  return Number::real(a.to_double() / b.to_double());
}

std::optional<Number> modulo(const Number& a, const Number& b) {
  if (b.zero()) return std::nullopt;
  if (const auto both = Number::aligned(a, b)) {
    const Wide divisor = both->second.digits_;
    const Wide rest = both->first.digits_ - floor_divide(both->first.digits_, divisor) * divisor;
    if (a.is_whole() && b.is_whole()) return Number(static_cast<std::int64_t>(rest));
    return Number::decimal(rest, both->first.scale_);
  }
  const double divisor = b.to_double();
  const double rest = std::fmod(a.to_double(), divisor);
  return Number::real(rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest);
}

std::optional<Number> negate(const Number& a) { return multiply(a, Number(-1)); }

bool less(const Number& a, const Number& b) {
  if (const auto both = Number::aligned(a, b)) return both->first.digits_ < both->second.digits_;
  return a.to_double() < b.to_double();
}

// direction: -1 down, +1 up, 0 to the nearest, half away from zero.
std::optional<Number> Number::rounded_to_whole(int direction) const {
  if (kind_ == Kind::whole) return *this;
  if (kind_ == Kind::real) {
    const double whole = direction < 0   ? std::floor(real_)
                         : direction > 0 ? std::ceil(real_)
                                         : std::round(real_);
    if (!(std::fabs(whole) < 9.2e18)) return std::nullopt;
    return Number(static_cast<std::int64_t>(whole));
  }
  const Wide unit = power_of_ten(scale_);
  Wide whole = floor_divide(digits_, unit);
  const Wide rest = digits_ - whole * unit;
  if (direction > 0 && rest != 0) ++whole;
  if (direction == 0 && (rest * 2 > unit || (rest * 2 == unit && digits_ > 0))) ++whole;
  if (whole > INT64_MAX || whole < INT64_MIN) return std::nullopt;
  return Number(static_cast<std::int64_t>(whole));
}

std::optional<Number> round(const Number& a, std::int64_t places) {
  if (places > 0) {
    if (a.kind_ != Number::Kind::decimal || places >= a.scale_) return a;
    const auto shifted = Number::decimal(a.digits_, a.scale_ - static_cast<int>(places)).rounded_to_whole(0);
    if (!shifted) return Number::real(a.to_double());
    return Number::decimal(shifted->whole_, static_cast<int>(places));
  }
  const auto whole = a.rounded_to_whole(0);
  if (places == 0 || !whole) return whole;
  if (places < -18) return Number(std::int64_t{0});
  const Wide unit = power_of_ten(static_cast<int>(-places));
  // Once, from the exact value: 44.9 to tens is 40, and not 45 to 50.
  const auto tens = a.is_whole() || a.kind_ == Number::Kind::real
                        ? Number::decimal(whole->whole_, static_cast<int>(-places)).rounded_to_whole(0)
                    : a.scale_ - places <= Number::kMaxScale
                        ? Number::decimal(a.digits_, a.scale_ + static_cast<int>(-places)).rounded_to_whole(0)
                        : std::optional<Number>(std::in_place, std::int64_t{0});
  if (!tens) return std::nullopt;
  const Wide result = Wide{tens->whole_} * unit;
  if (result > INT64_MAX || result < INT64_MIN) return std::nullopt;
  return Number(static_cast<std::int64_t>(result));
}

std::optional<Number> floor(const Number& a) { return a.rounded_to_whole(-1); }
std::optional<Number> ceil(const Number& a) { return a.rounded_to_whole(1); }

Number to_number(const Value& value) {
  if (value.kind() == Kind::integer) return Number(value.integer());
  if (value.kind() == Kind::json_big) return Number::real(value.json().get<double>());
  if (value.is_text()) {
    const auto text = trim(value.text());
    if (const auto decimal = read_decimal(text)) return *decimal;
    return Number(leading_integer(text));
  }
  if (value.kind() != Kind::real) return Number(std::int64_t{0});
  // The digits that a person would see, not the bits: 0.1 counts as a tenth.
  std::array<char, 400> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value.real(), std::chars_format::fixed).ptr;
  std::string text(digits.data(), end);
  if (text.find('.') == std::string::npos) text += ".0";
  return read_decimal(text).value_or(Number::real(value.real()));
}

std::int64_t leading_integer(std::string_view text) {
  text = trim(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i > 0 && i + 1 < text.size() && is_digit(text[i + 1]) && text[i - 1] != '_')
      continue;
    if (!is_digit(text[i])) break;
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
        __builtin_add_overflow(value, std::int64_t{text[i] - '0'}, &value)) {
      return negative ? INT64_MIN : INT64_MAX;
    }
  }
  return negative ? -value : value;
}

std::optional<std::int64_t> to_integer(const Value& value) {
  if (value.kind() == Kind::integer) return value.integer();
  if (!value.is_text()) return std::nullopt;
  auto text = trim(value.text());
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace baton::mappings
