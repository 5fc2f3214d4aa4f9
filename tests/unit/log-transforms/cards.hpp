// Cards found the slow way, to judge what finds them fast.
#pragma once

#include <string>
#include <string_view>

namespace tandem::tests {

// Whether 13 to 19 digits of the text, the first of them 2 to 6, with a valid Luhn sum stand between what is no digit;
// single blanks and hyphens may stand between them.
inline bool has_card(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!digit(text[begin]) || (begin > 0 && digit(text[begin - 1]))) continue;
    if (text[begin] < '2' || text[begin] > '6') continue;
    std::string digits;
    for (std::size_t end = begin; end < text.size(); ++end) {
      if (digit(text[end])) {
        digits += text[end];
      } else if ((text[end] != ' ' && text[end] != '-') || !digit(text[end - 1])) {
        break;
      }
      const bool ends = digit(text[end]) && (end + 1 == text.size() || !digit(text[end + 1]));
      if (!ends || digits.size() < 13 || digits.size() > 19) continue;
      int sum = 0;
      for (std::size_t i = 0; i < digits.size(); ++i) {
        const int value = digits[digits.size() - 1 - i] - '0';
        sum += i % 2 == 0 ? value : value * 2 / 10 + value * 2 % 10;
      }
      if (sum % 10 == 0) return true;
    }
  }
  return false;
}

}  // namespace tandem::tests
