#include "sidecars/log/record/cri_line.hpp"

#include <charconv>
#include <cstddef>

namespace tandem::shipper {
namespace {

// The value of `count` digits; past 9999_9999_9: one of them is no digit.
constexpr std::uint32_t no_number = 0xffffffff;
std::uint32_t digits(const char* at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    const auto digit = static_cast<std::uint32_t>(at[i] - '0');
    if (digit > 9) return no_number;
    value = value * 10 + digit;
  }
  return value;
}

// Days since 1970-01-01 of a day of the proleptic Gregorian calendar: years begin in March, so that the leap day is the
// last.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

bool is_day(std::uint32_t year, std::uint32_t month, std::uint32_t day) {
  if (month - 1 > 11 || day - 1 > 30) return false;
  if (month == 2) return day <= (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29U : 28U);
  return day <= 30U + ((month + (month >> 3)) & 1);
}

// Moves `at` past the fraction and the zone.
bool parse_rest_of_time(const char*& at, const char* end, std::int64_t seconds, std::int64_t& time_ns) {
  std::int64_t nanoseconds = 0;
  if (at != end && *at == '.') {
    std::int64_t unit = 100'000'000;
    const char* const first = ++at;
    for (; at != end && static_cast<unsigned char>(*at - '0') <= 9; ++at, unit /= 10) {
      if (unit == 0) return false;  // a tenth digit
      nanoseconds += (*at - '0') * unit;
    }
    if (at == first) return false;
  }
  if (at == end) return false;
  if (*at == 'Z') {
    ++at;
  } else {
    if ((*at != '+' && *at != '-') || end - at < 6 || at[3] != ':') return false;
    const std::uint32_t hours = digits(at + 1, 2), minutes = digits(at + 4, 2);
    if (hours > 23 || minutes > 59) return false;
    const std::int64_t offset = hours * 3600 + minutes * 60;
    seconds += *at == '+' ? -offset : offset;
    at += 6;
  }
  time_ns = seconds * 1'000'000'000 + nanoseconds;
  return true;
}

bool parse_time(const char*& at, const char* end, std::int64_t& time_ns) {
  if (end - at < 20 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':') return false;
  const std::uint32_t year = digits(at, 4), month = digits(at + 5, 2), day = digits(at + 8, 2);
  const std::uint32_t hour = digits(at + 11, 2), minute = digits(at + 14, 2), second = digits(at + 17, 2);
  // What an int64 of nanoseconds holds, whatever the offset.
  if (year < 1678 || year > 2261 || !is_day(year, month, day) || hour > 23 || minute > 59 || second > 60) return false;
  at += 19;
  return parse_rest_of_time(at, end, days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second, time_ns);
}

}  // namespace

bool parse_cri_line(std::string_view line, CriLine& out) {
  const char* at = line.data();
  const char* const end = at + line.size();
  CriLine result;
  if (!parse_time(at, end, result.time_ns)) return false;
  // " stdout F" at least
  if (end - at < 9) return false;
  result.stream = {at + 1, 6};
  if (at[0] != ' ' || at[7] != ' ' || (result.stream != "stdout" && result.stream != "stderr")) return false;
  at += 8;
  if (*at != 'F' && *at != 'P') return false;
  result.partial = *at++ == 'P';
  // Tags that nobody has defined yet.
  if (at != end && *at == ':') {
    while (at != end && *at != ' ') ++at;
  }
  // A runtime that writes an empty message may leave out the space.
  if (at != end && *at++ != ' ') return false;
  result.message = {at, static_cast<std::size_t>(end - at)};
  out = result;
  return true;
}

namespace {

// The last component of `path`, which it loses with its slash.
std::string_view take_last(std::string_view& path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view last = slash == path.npos ? path : path.substr(slash + 1);
  path = slash == path.npos ? std::string_view() : path.substr(0, slash);
  return last;
}

// "0.log", "12.log.20261122-100000"
bool parse_restart(std::string_view name, std::uint32_t& restart) {
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, restart);
  if (error != std::errc() || (name[0] == '0' && stop != name.data() + 1)) return false;
  const std::string_view rest(stop, static_cast<std::size_t>(end - stop));
  return rest == ".log" || rest.starts_with(".log.") || rest.starts_with(".log-");
}

// The first twelve digits of a uid, without its dash.
bool is_short_uid(std::string_view text) {
  if (text.size() != 12) return false;
  for (const char c : text)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  return true;
}

}  // namespace

bool parse_pod_log_path(std::string_view path, PodLogPath& out) {
  PodLogPath result;
  if (!parse_restart(take_last(path), result.restart)) return false;
  result.container = take_last(path);
  if (result.container.empty()) return false;
  std::string_view directory = take_last(path);
  if (directory == "logs") {
    result.uid = take_last(path);
    if (!is_short_uid(result.uid)) return false;
  } else {
    const std::size_t first = directory.find('_'), last = directory.rfind('_');
    if (first == last || first == 0 || last == first + 1 || last + 1 == directory.size()) return false;
    result.name_space = directory.substr(0, first);
    result.pod = directory.substr(first + 1, last - first - 1);
    result.uid = directory.substr(last + 1);
    if (result.pod.find('_') != result.pod.npos) return false;
  }
  if (take_last(path) != "pods") return false;
  out = result;
  return true;
}

}  // namespace tandem::shipper
