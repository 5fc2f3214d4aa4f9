#include "pods/cli/print/age.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstdio>

namespace tandem::print {

namespace {

using namespace std::chrono;

// "2d3h", or "2d" when there is no rest.
std::string two_units(long long large, char large_unit, long long rest, char rest_unit) {
  if (rest == 0) return fmt::format("{}{}", large, large_unit);
  return fmt::format("{}{}{}{}", large, large_unit, rest, rest_unit);
}

}  // namespace

std::optional<Time> parse_time(const std::string& text) {
  int year, month, day_of_month, hour, minute, second, read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day_of_month, &hour, &minute, &second,
                  &read) != 6) {
    return std::nullopt;
  }
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day_of_month))};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  milliseconds fraction{0};
  auto at = static_cast<std::size_t>(read);
  if (at < text.size() && text[at] == '.') {
    int scale = 100;
    for (++at; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at, scale /= 10) {
      fraction += milliseconds(scale * (text[at] - '0'));
    }
  }
  if (text.substr(at) != "Z") return std::nullopt;
  return Time(sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) + seconds(second) + fraction);
}

std::string duration_text(milliseconds duration) {
  const long long total = duration.count() / 1000;
  if (total < -1) return "<invalid>";
  if (total < 0) return "0s";
  if (total < 120) return fmt::format("{}s", total);
  const long long in_minutes = total / 60, in_hours = total / 3600, in_days = in_hours / 24;
  if (in_minutes < 10) return two_units(in_minutes, 'm', total % 60, 's');
  if (in_minutes < 180) return fmt::format("{}m", in_minutes);
  if (in_hours < 8) return two_units(in_hours, 'h', in_minutes % 60, 'm');
  if (in_hours < 48) return fmt::format("{}h", in_hours);
  if (in_days < 8) return two_units(in_days, 'd', in_hours % 24, 'h');
  if (in_days < 730) return fmt::format("{}d", in_days);
  if (in_days < 365 * 8) return two_units(in_days / 365, 'y', in_days % 365, 'd');
  return fmt::format("{}y", in_days / 365);
}

std::string age_text(const std::string& since, Time now) {
  const auto time = parse_time(since);
  return time ? duration_text(now - *time) : "<unknown>";
}

std::string date_text(const std::string& text) {
  const auto time = parse_time(text);
  if (!time) return text;
  static constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto midnight = floor<days>(*time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(floor<seconds>(*time - midnight));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", weekdays[weekday(midnight).c_encoding()],
                     unsigned(date.day()), months[unsigned(date.month()) - 1], int(date.year()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace tandem::print
