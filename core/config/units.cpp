#include "core/config/units.hpp"

#include <array>
#include <cctype>
#include <utility>

#include "core/text/characters.hpp"

namespace tandem {

namespace {

__extension__ typedef __int128 Wide;

struct Decimal {  // digits * 10^exponent
  Wide digits = 0;
  int exponent = 0;
  bool negative = false;
};

constexpr int max_digits = 18;  // more do not fit into 64 bits with any suffix that matters

// Takes the number at the front of `text`; false: there is none, or it has too many digits.
bool take_decimal(std::string_view& text, Decimal& number) {
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) number.negative = text[at++] == '-';
  int digits = 0;
  bool any = false, point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (number.digits > 0 || text[at] != '0') ++digits;
    if (digits > max_digits) return false;
    number.digits = number.digits * 10 + (text[at] - '0');
    if (point) --number.exponent;
  }
  text.remove_prefix(at);
  return any;
}

bool take_exponent(std::string_view text, int& exponent) {
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return false;
  text.remove_prefix(1);
  bool negative = false;
  if (text[0] == '-' || text[0] == '+') {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 2) return false;
  int value = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  exponent = negative ? -value : value;
  return true;
}

// number * multiplier * 10^(exponent), rounded up; nullopt when it does not fit.
std::optional<std::int64_t> scaled(Decimal number, Wide multiplier) {
  constexpr Wide most = INT64_MAX;
  if (number.digits == 0) return 0;
  Wide value = number.digits * multiplier;  // at most 10^18 * 2^60: fits in 127 bits
  for (; number.exponent > 0; --number.exponent) {
    if (value > most) return std::nullopt;
    value *= 10;
  }
  Wide divisor = 1;
  for (; number.exponent < 0; ++number.exponent) {
    if (divisor > value) return number.negative ? 0 : 1;
    divisor *= 10;
  }
  value = number.negative ? value / divisor : (value + divisor - 1) / divisor;
  if (value > most) return std::nullopt;
  return static_cast<std::int64_t>(number.negative ? -value : value);
}

// The value of a quantity times `unit` (1 for bytes, 1000 for millicores).
std::optional<std::int64_t> parse_quantity(std::string_view text, int unit) {
  Decimal number;
  if (!take_decimal(text, number)) return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, int>, 10> decimal{
      {{"", 0}, {"n", -9}, {"u", -6}, {"m", -3}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}}};
  static constexpr std::array<std::pair<std::string_view, int>, 6> binary{
      {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}}};
  for (const auto& [suffix, shift] : binary)
    if (text == suffix) return scaled(number, (Wide{1} << shift) * (unit == 1 ? 1 : unit));
  for (const auto& [suffix, power] : decimal) {
    if (text != suffix) continue;
    number.exponent += power;
    return scaled(number, unit);
  }
  int exponent = 0;
  if (!take_exponent(text, exponent)) return std::nullopt;
  number.exponent += exponent;
  return scaled(number, unit);
}

}  // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto value = parse_quantity(text, 1);
  if (!value) return std::nullopt;
  return Bytes{*value};
}

std::optional<Millicores> parse_millicores(std::string_view text) {
  const auto value = parse_quantity(text, 1000);
  if (!value) return std::nullopt;
  return Millicores{*value};
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> units{{{"ns", 1},
                                                                                   {"us", 1'000},
                                                                                   {"µs", 1'000},
                                                                                   {"ms", 1'000'000},
                                                                                   {"s", 1'000'000'000},
                                                                                   {"m", 60'000'000'000},
                                                                                   {"h", 3'600'000'000'000}}};
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    Decimal number;
    if (text[0] == '-' || text[0] == '+' || !take_decimal(text, number)) return std::nullopt;
    std::size_t end = 0;
    while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
    const std::string_view unit = text.substr(0, end);
    std::optional<std::int64_t> part;
    for (const auto& [name, nanoseconds] : units)
      if (unit == name) part = scaled(number, nanoseconds);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
    text.remove_prefix(end);
  }
  return std::chrono::nanoseconds(negative ? -total : total);
}

std::string to_string(Bytes bytes) {
  static constexpr std::array<std::string_view, 7> suffixes{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::int64_t value = bytes.value;
  std::size_t suffix = 0;
  while (value != 0 && value % 1024 == 0 && suffix + 1 < suffixes.size()) {
    value /= 1024;
    ++suffix;
  }
  return std::to_string(value) + std::string(suffixes[suffix]);
}

std::string to_string(Millicores cores) {
  if (cores.value % 1000 == 0) return std::to_string(cores.value / 1000);
  return std::to_string(cores.value) + "m";
}

std::string to_string(std::chrono::nanoseconds duration) {
  std::int64_t left = duration.count();
  if (left == 0) return "0s";
  std::string text = left < 0 ? "-" : "";
  if (left < 0) left = -left;
  static constexpr std::array<std::pair<const char*, std::int64_t>, 6> units{{{"h", 3'600'000'000'000},
                                                                              {"m", 60'000'000'000},
                                                                              {"s", 1'000'000'000},
                                                                              {"ms", 1'000'000},
                                                                              {"us", 1'000},
                                                                              {"ns", 1}}};
  for (const auto& [name, size] : units) {
    if (left < size) continue;
    text += std::to_string(left / size) + name;
    left %= size;
  }
  return text;
}

}  // namespace tandem
