// The words of syslog: syslog_severities, facilities, names.
#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "sidecars/log/encode/syslog_format.hpp"

namespace tandem::shipper {
namespace {

constexpr std::pair<std::string_view, int> syslog_severities[] = {
    {"info", 6},        {"error", 3},     {"warn", 4},
    {"warning", 4},     {"debug", 7},     {"err", 3},
    {"notice", 5},      {"trace", 7},     {"fatal", 2},
    {"critical", 2},    {"crit", 2},      {"alert", 1},
    {"panic", 0},       {"emergency", 0}, {"emerg", 0},
    {"severe", 3},      {"verbose", 7},   {"fine", 7},
    {"finer", 7},       {"finest", 7},    {"informational", 6},
    {"information", 6}, {"i", 6},         {"e", 3},
    {"w", 4},           {"d", 7},         {"f", 2},
    {"c", 2},
};

constexpr std::string_view facilities[] = {"kern",   "user",     "mail",    "daemon",       "auth",     "syslog",
                                           "lpr",    "news",     "uucp",    "cron",         "authpriv", "ftp",
                                           "ntp",    "security", "console", "solaris-cron", "local0",   "local1",
                                           "local2", "local3",   "local4",  "local5",       "local6",   "local7"};

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int> parse_severity(std::string_view word) {
  char lower[16];
  if (word.empty() || word.size() > sizeof lower) return std::nullopt;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::string_view wanted(lower, word.size());
  for (const auto& [name, severity] : syslog_severities)
    if (name == wanted) return severity;
  const auto number = parse_number(word);
  if (!number) return std::nullopt;
  if (*number <= 7) return *number;
  switch (*number) {  // pino's, bunyan's
    case 10:
    case 20:
      return 7;
    case 30:
      return 6;
    case 40:
      return 4;
    case 50:
      return 3;
    case 60:
      return 2;
    default:
      return std::nullopt;
  }
}

std::optional<int> parse_facility(std::string_view word) {
  const auto* const found = std::find(std::begin(facilities), std::end(facilities), word);
  if (found != std::end(facilities)) return static_cast<int>(found - std::begin(facilities));
  const auto number = parse_number(word);
  return number && *number <= 23 ? number : std::nullopt;
}

bool is_structured_data_id(std::string_view text) {
  const auto at = text.find('@');
  if (text.size() > 32 || at == 0 || at == std::string_view::npos || at + 1 == text.size()) return false;
  const auto number = text.substr(at + 1);
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at),
                     [](char c) { return c > ' ' && c < 0x7f && c != '=' && c != ']' && c != '"'; }) &&
         std::all_of(number.begin(), number.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) &&
         number.front() != '.' && number.back() != '.' && number.find("..") == std::string_view::npos;
}

}  // namespace tandem::shipper
