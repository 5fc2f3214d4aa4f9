#include "core/config/node.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace tandem {

const Node* Node::find(std::string_view key) const {
  for (const auto& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

std::optional<bool> Node::as_bool() const {
  if (kind != Kind::boolean) return std::nullopt;
  const char first = text.empty() ? 'n' : text[0];  // true, yes, on, y
  if (first == 'o' || first == 'O') return text.size() == 2;
  return first == 't' || first == 'T' || first == 'y' || first == 'Y';
}

// Decimal, 0x, 0o and 0b with underscores, as YAML 1.1 has them; a leading 0 means octal.
std::optional<std::int64_t> Node::as_integer() const {
  if (kind != Kind::integer) return std::nullopt;
  std::string digits;
  for (char c : text)
    if (c != '_') digits += c;
  bool negative = false;
  std::size_t at = 0;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) negative = digits[at++] == '-';
  int base = 10;
  if (digits.size() > at + 1 && digits[at] == '0') {
    const char radix = digits[at + 1];
    base = radix == 'x' || radix == 'X' ? 16 : radix == 'b' || radix == 'B' ? 2 : 8;
    at += base != 8 || radix == 'o' ? 2 : 1;
  }
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data() + at, end, value, base);
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (error != std::errc() || stop != end || value > most + (negative ? 1 : 0)) return std::nullopt;
  return negative ? static_cast<std::int64_t>(-value) : static_cast<std::int64_t>(value);
}

std::optional<double> Node::as_number() const {
  if (const auto integer = as_integer()) return static_cast<double>(*integer);
  if (kind != Kind::number) return std::nullopt;
  std::string plain;
  for (char c : text)
    if (c != '_') plain += c;
  const char* begin = plain.data() + (!plain.empty() && plain[0] == '+' ? 1 : 0);
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, plain.data() + plain.size(), value);
  if (error != std::errc() || stop != plain.data() + plain.size()) return std::nullopt;
  return value;
}

const char* kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::boolean:
      return "a boolean";
    case Node::Kind::integer:
      return "an integer";
    case Node::Kind::number:
      return "a number";
    case Node::Kind::string:
      return "a string";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
  }
  return "?";
}

}  // namespace tandem
