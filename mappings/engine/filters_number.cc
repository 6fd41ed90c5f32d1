// The filters of Liquid that count.
#include "mappings/engine/filters.h"
#include "mappings/engine/number.h"

namespace baton::mappings {
namespace {

using Binary = std::optional<Number> (*)(const Number&, const Number&);

Value result_of(const FilterInput& in, const std::optional<Number>& number) {
  return number ? number->to_value() : in.fail("the result is too large a number");
}

Value binary(const FilterInput& in, Binary operation) {
  return result_of(in, operation(to_number(in.value), to_number(in.argument(0))));
}

Value divide_by(const FilterInput& in, Binary operation) {
  if (to_number(in.argument(0)).zero()) return in.fail("divided by 0");
  return binary(in, operation);
}

Value plus(const FilterInput& in) { return binary(in, add); }
Value times(const FilterInput& in) { return binary(in, multiply); }
Value divided_by(const FilterInput& in) { return divide_by(in, divide); }
Value remainder(const FilterInput& in) { return divide_by(in, modulo); }

Value minus(const FilterInput& in) {
  const auto negated = negate(to_number(in.argument(0)));
  return result_of(in, negated ? add(to_number(in.value), *negated) : std::nullopt);
}

Value abs(const FilterInput& in) {
  const auto number = to_number(in.value);
  return result_of(in, less(number, Number()) ? negate(number) : number);
}

Value at_least(const FilterInput& in) {
  const auto number = to_number(in.value);
  const auto bound = to_number(in.argument(0));
  return (less(number, bound) ? bound : number).to_value();
}

Value at_most(const FilterInput& in) {
  const auto number = to_number(in.value);
  const auto bound = to_number(in.argument(0));
  return (less(bound, number) ? bound : number).to_value();
}

Value ceiling(const FilterInput& in) { return result_of(in, ceil(to_number(in.value))); }
Value flooring(const FilterInput& in) { return result_of(in, floor(to_number(in.value))); }

Value rounding(const FilterInput& in) {
  const auto places = floor(to_number(in.argument(0)));
  return result_of(in, round(to_number(in.value), places ? places->whole() : 0));
}

constexpr FilterRule kNumberFilters[] = {
    {"abs", 0, 0, abs},        {"at_least", 1, 1, at_least},     {"at_most", 1, 1, at_most},
    {"ceil", 0, 0, ceiling},   {"divided_by", 1, 1, divided_by}, {"floor", 0, 0, flooring},
    {"minus", 1, 1, minus},    {"modulo", 1, 1, remainder},      {"plus", 1, 1, plus},
    {"round", 0, 1, rounding}, {"times", 1, 1, times},
};

}  // namespace

std::span<const FilterRule> number_filters() { return kNumberFilters; }

}  // namespace baton::mappings
