#include "sidecars/log/record/zone_rule.hpp"

#include <algorithm>
#include <chrono>

namespace tandem::shipper {
namespace {

namespace ch = std::chrono;

constexpr int first_year = 1677, last_year = 2262;
constexpr std::int64_t seconds_a_day = 86'400;

struct ChangeDay {
  enum class Kind { month_week, without_leap_day, with_leap_day };
  Kind kind = Kind::month_week;
  int month = 0, week = 0, day = 0;  // the first two of month_week only
  int time = 7200;                   // seconds after midnight, of the clocks before the change
};

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool take_number(std::string_view& text, int most, int& number) {
  std::size_t digits = 0;
  for (number = 0; digits < 3 && digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    number = number * 10 + (text[digits] - '0');
  text.remove_prefix(digits);
  return digits > 0 && number <= most;
}

bool take_name(std::string_view& text) {
  const bool is_quoted = take(text, '<');
  std::size_t length = 0;
  while (length < text.size() && (is_quoted ? text[length] != '>' : is_letter(text[length]))) ++length;
  text.remove_prefix(length);
  return length >= 3 && (!is_quoted || take(text, '>'));
}

bool take_span(std::string_view& text, int most_hours, int& seconds) {
  const bool is_negative = take(text, '-');
  if (!is_negative) take(text, '+');
  int hours = 0, minutes = 0, rest = 0;
  if (!take_number(text, most_hours, hours)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 59, minutes)) return false;
    if (take(text, ':') && !take_number(text, 59, rest)) return false;
  }
  seconds = ((hours * 60 + minutes) * 60 + rest) * (is_negative ? -1 : 1);
  return true;
}

bool take_day(std::string_view& text, ChangeDay& change) {
  if (take(text, 'M')) {
    if (!take_number(text, 12, change.month) || !take(text, '.') || !take_number(text, 5, change.week) ||
        !take(text, '.') || !take_number(text, 6, change.day) || change.month < 1 || change.week < 1)
      return false;
  } else if (take(text, 'J')) {
    change.kind = ChangeDay::Kind::without_leap_day;
    if (!take_number(text, 365, change.day) || change.day < 1) return false;
  } else {
    change.kind = ChangeDay::Kind::with_leap_day;
    if (!take_number(text, 365, change.day)) return false;
  }
  return !take(text, '/') || take_span(text, 167, change.time);
}

// What the clocks show, had they been Greenwich's, at the change.
std::int64_t clock_of(const ChangeDay& change, int year_number) {
  const ch::year year(year_number);
  std::int64_t day = 0;
  if (change.kind == ChangeDay::Kind::month_week) {
    const ch::weekday wanted(static_cast<unsigned>(change.day));
    const ch::year_month month = year / ch::month(static_cast<unsigned>(change.month));
    const ch::sys_days found = change.week == 5 ? ch::sys_days(month / wanted[ch::last])
                                                : ch::sys_days(month / wanted[static_cast<unsigned>(change.week)]);
    day = found.time_since_epoch().count();
  } else {
    day = ch::sys_days(year / ch::January / 1).time_since_epoch().count() + change.day;
    if (change.kind == ChangeDay::Kind::without_leap_day && !(year.is_leap() && change.day >= 60)) --day;
  }
  return day * seconds_a_day + change.time;
}

int year_of(std::int64_t seconds) {
  if (seconds < -10'000'000'000) return first_year;
  if (seconds > 10'000'000'000) return last_year + 1;
  const auto day = ch::floor<ch::days>(ch::sys_seconds(ch::seconds(seconds)));
  return static_cast<int>(ch::year_month_day(day).year());
}

}  // namespace

bool add_zone_rule(std::string_view rule, ZoneHistory& history) {
  int winter = 0, summer = 0;  // as the rule has them: west of Greenwich
  if (!take_name(rule) || !take_span(rule, 24, winter)) return false;
  const bool begins = history.changes.empty();
  if (rule.empty()) {
    if (begins)
      history.first_offset = -winter;
    else if (history.changes.back().offset != -winter)
      return false;  // RFC 8536, section 3.3: it agrees with the last change
    return true;
  }
  summer = winter - 3600;
  if (!take_name(rule)) return false;
  if (!rule.empty() && rule.front() != ',' && !take_span(rule, 24, summer)) return false;
  if (rule.empty()) rule = ",M3.2.0,M11.1.0";
  ChangeDay to_summer, to_winter;
  if (!take(rule, ',') || !take_day(rule, to_summer) || !take(rule, ',') || !take_day(rule, to_winter) || !rule.empty())
    return false;

  std::vector<ZoneChange> changes;
  for (int year = begins ? first_year : year_of(history.changes.back().at); year <= last_year; ++year) {
    changes.push_back({clock_of(to_summer, year) + winter, -summer});
    changes.push_back({clock_of(to_winter, year) + summer, -winter});
  }
  // Stable: a summer that lasts all year ends when the next one begins.
  std::stable_sort(changes.begin(), changes.end(),
                   [](const ZoneChange& a, const ZoneChange& b) { return a.at < b.at; });
  if (begins) history.first_offset = -winter;
  const auto later = begins
                         ? changes.begin()
                         : std::upper_bound(changes.begin(), changes.end(), history.changes.back().at,
                                            [](std::int64_t at, const ZoneChange& change) { return at < change.at; });
  history.changes.insert(history.changes.end(), later, changes.end());
  return true;
}

}  // namespace tandem::shipper
