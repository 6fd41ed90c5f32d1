// Purpose: Liquid's arithmetic. Whole numbers stay whole (division floors); numbers with a point are
// decimals while they are counted with, so that 0.1 + 0.2 is 0.3, and floats when they are written.
// Owner: values. Threads: any. Errors: nullopt where a result fits neither, or on division by zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mappings/engine/value.h"

namespace baton::mappings {

class Number {
 public:
  __extension__ typedef __int128 Wide;

  Number() = default;
  explicit Number(std::int64_t whole) : whole_(whole) {}
  static Number decimal(Wide digits, int scale);
  static Number real(double value);

  bool is_whole() const { return kind_ == Kind::whole; }
  std::int64_t whole() const { return whole_; }
  bool zero() const;
  double to_double() const;
  Value to_value() const;

  friend std::optional<Number> add(const Number& a, const Number& b);
  friend std::optional<Number> multiply(const Number& a, const Number& b);
  friend std::optional<Number> divide(const Number& a, const Number& b);
  friend std::optional<Number> modulo(const Number& a, const Number& b);
  friend std::optional<Number> negate(const Number& a);
  friend bool less(const Number& a, const Number& b);
  // To `places` behind the point, half away from zero; negative places round tens.
  friend std::optional<Number> round(const Number& a, std::int64_t places);
  friend std::optional<Number> floor(const Number& a);
  friend std::optional<Number> ceil(const Number& a);

 private:
  // A decimal is digits_ * 10^-scale_, 0 <= scale_ <= kMaxScale; a real is what no decimal can hold.
  enum class Kind { whole, decimal, real };
  static constexpr int kMaxScale = 30;

  // Both at the same scale, or nothing if they do not fit.
  static std::optional<std::pair<Number, Number>> aligned(const Number& a, const Number& b);
  Number as_decimal() const;
  std::optional<Number> rounded_to_whole(int direction) const;

  Kind kind_ = Kind::whole;
  std::int64_t whole_ = 0;
  Wide digits_ = 0;
  int scale_ = 0;
  double real_ = 0;
};

std::optional<Number> add(const Number& a, const Number& b);
std::optional<Number> multiply(const Number& a, const Number& b);
std::optional<Number> divide(const Number& a, const Number& b);
std::optional<Number> modulo(const Number& a, const Number& b);
std::optional<Number> negate(const Number& a);
bool less(const Number& a, const Number& b);
std::optional<Number> round(const Number& a, std::int64_t places);
std::optional<Number> floor(const Number& a);
std::optional<Number> ceil(const Number& a);

// A number is itself; a text that is a number with a point is a decimal, another text is the whole
// number that it starts with, or 0; all else is 0.
Number to_number(const Value& value);
// The whole number at the start of a text, or 0: "12 apples" is 12.
std::int64_t leading_integer(std::string_view text);
// Only what is a whole number, or a text that is exactly one.
std::optional<std::int64_t> to_integer(const Value& value);

}  // namespace baton::mappings
