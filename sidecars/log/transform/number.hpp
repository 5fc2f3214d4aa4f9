// Numbers in records: decimal as JSON writes them (RFC 8259, section 6; leading zeros are taken too), compared exactly.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tandem::shipper {

struct Number {
  bool whole = false;  // exact in `integer`; otherwise `real` is the nearest double
  std::int64_t integer = 0;
  double real = 0;

  double as_double() const { return whole ? static_cast<double>(integer) : real; }
};

// Nullopt: not a number as a whole. Past the largest double it is infinite.
std::optional<Number> parse_number(std::string_view text);

// Integers past 2^53 are not rounded.
std::strong_ordering compare(const Number& left, const Number& right);

}  // namespace tandem::shipper
