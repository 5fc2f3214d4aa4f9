#include "sidecars/log/transform/number.hpp"

#include <charconv>
#include <limits>

namespace tandem::shipper {
namespace {

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return std::nullopt;  // most texts
  const std::size_t first = text[0] == '-' ? 1 : 0;
  std::size_t at = skip_digits(text, first);
  if (at == first) return std::nullopt;
  const char* const end = text.data() + text.size();
  if (at == text.size()) {
    std::int64_t integer = 0;
    if (std::from_chars(text.data(), end, integer).ec == std::errc()) return Number{true, integer, 0};
  }
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(text, fraction);
    if (at == fraction) return std::nullopt;
  }
  bool shrinks = false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) shrinks = text[at++] == '-';
    const std::size_t exponent = at;
    at = skip_digits(text, exponent);
    if (at == exponent) return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  Number number;
  if (std::from_chars(text.data(), end, number.real).ec == std::errc::result_out_of_range) {
    number.real = shrinks ? 0.0 : std::numeric_limits<double>::infinity();
    if (first == 1) number.real = -number.real;
  }
  return number;
}

std::strong_ordering compare(const Number& left, const Number& right) {
  if (left.whole && right.whole) return left.integer <=> right.integer;
  // 64 bits of mantissa on x86: every int64 and every double is exact. Elsewhere it is a double's precision or better.
  const long double a = left.whole ? static_cast<long double>(left.integer) : static_cast<long double>(left.real);
  const long double b = right.whole ? static_cast<long double>(right.integer) : static_cast<long double>(right.real);
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

}  // namespace tandem::shipper
