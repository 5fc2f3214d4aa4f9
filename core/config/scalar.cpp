#include "core/config/scalar.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tandem {

namespace {

using std::string_view;

bool one_of(string_view text, std::initializer_list<string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool all(string_view text, string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == string_view::npos;
}

bool is_integer(string_view text) {
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text.empty() || !std::isdigit(static_cast<unsigned char>(text[0]))) return false;
  if (text.size() > 2 && text[0] == '0') {
    const char mark = text[1];
    if (mark == 'x' || mark == 'X') return all(text.substr(2), "0123456789abcdefABCDEF_");
    if (mark == 'b' || mark == 'B') return all(text.substr(2), "01_");
    if (mark == 'o') return all(text.substr(2), "01234567_");
  }
  if (text.size() > 1 && text[0] == '0') return all(text, "01234567_");
  return all(text, "0123456789_");
}

bool is_number(string_view text) {
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (one_of(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return true;
  std::size_t at = 0, digits = 0;
  for (; at < text.size() && (std::isdigit(static_cast<unsigned char>(text[at])) || (text[at] == '_' && at > 0)); ++at)
    ++digits;
  if (at < text.size() && text[at] == '.')
    for (++at; at < text.size() && (std::isdigit(static_cast<unsigned char>(text[at])) || text[at] == '_'); ++at)
      ++digits;
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t first = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
    if (at == first) return false;
  }
  return at == text.size();
}

}  // namespace

Node::Kind resolve_plain_scalar(std::string_view text) {
  if (text.empty() || one_of(text, {"~", "null", "Null", "NULL"})) return Node::Kind::null;
  if (one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No",
                    "NO",   "on",   "On",   "ON",    "off",   "Off",   "OFF", "y",   "Y",   "n",  "N"}))
    return Node::Kind::boolean;
  if (is_integer(text)) return Node::Kind::integer;
  if (is_number(text)) return Node::Kind::number;
  return Node::Kind::string;
}

}  // namespace tandem
