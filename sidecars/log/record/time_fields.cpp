#include "sidecars/log/record/time_fields.hpp"

#include <array>
#include <chrono>
#include <limits>

#include "core/text/characters.hpp"
#include "sidecars/log/record/time_zone.hpp"

namespace tandem::shipper {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000, day_seconds = 86'400;

constexpr std::array<std::string_view, 12> months = {"january",   "february", "march",    "april",
                                                     "may",       "june",     "july",     "august",
                                                     "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> days = {"sunday",   "monday", "tuesday", "wednesday",
                                                  "thursday", "friday", "saturday"};

// Letters in any case as one number.
constexpr std::uint32_t first_three(const char* letters) {
  std::uint32_t all = 0;
  for (int i = 0; i < 3; ++i) all = all << 8 | static_cast<unsigned char>(lower(letters[i]));
  return all;
}
constexpr auto starts = [] {
  std::array<std::uint32_t, 12> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = first_three(months[i].data());
  return all;
}();

std::optional<std::int64_t> day_number(int year, const TimeFields& fields) {
  using namespace std::chrono;
  if (fields.day_of_year != TimeFields::unsaid) {
    const std::chrono::year y(year);
    if (fields.day_of_year < 1 || fields.day_of_year > (y.is_leap() ? 366 : 365)) return std::nullopt;
    return sys_days(y / January / 1).time_since_epoch().count() + fields.day_of_year - 1;
  }
  const year_month_day date(std::chrono::year(year), month(static_cast<unsigned>(fields.month)),
                            day(static_cast<unsigned>(fields.day)));
  if (!date.ok()) return std::nullopt;
  return sys_days(date).time_since_epoch().count();
}

// Seconds on a clock of the zone as seconds since the epoch.
std::int64_t to_utc(std::int64_t clock_seconds, const TimeFields& fields, const Zone& zone) {
  if (fields.offset) return clock_seconds - *fields.offset;
  return zone.place ? zone.place->to_utc(clock_seconds) : clock_seconds - zone.offset;
}

std::int64_t distance(std::int64_t a, std::int64_t b) { return a < b ? b - a : a - b; }

}  // namespace

std::optional<std::int64_t> join_epoch(std::int64_t seconds, std::int64_t nanos) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / second_ns - 1;
  if (seconds > most || seconds < -most) return std::nullopt;
  return seconds * second_ns + nanos;
}

std::optional<std::int64_t> to_epoch_ns(const TimeFields& fields, const Zone& zone, std::int64_t now_ns) {
  if (fields.hour > 23 || fields.minute > 59 || fields.second > 60) return std::nullopt;
  const std::int64_t in_day = (fields.hour * 60 + fields.minute) * 60 + fields.second;
  const auto moment = [&](std::optional<std::int64_t> day) -> std::optional<std::int64_t> {
    if (!day) return std::nullopt;
    return join_epoch(to_utc(*day * day_seconds + in_day, fields, zone), fields.nanos);
  };
  if (fields.year != TimeFields::unsaid) return moment(day_number(fields.year, fields));

  const auto today = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(now_ns)));
  const bool has_date = fields.month != TimeFields::unsaid || fields.day_of_year != TimeFields::unsaid;
  const int this_year = static_cast<int>(std::chrono::year_month_day(today).year());
  std::optional<std::int64_t> nearest;
  for (const int most : {1, 4}) {  // a 29th of February may be four years away
    if (nearest || (most > 1 && !has_date)) break;
    for (int step = -most; step <= most; ++step) {
      const auto candidate = moment(has_date ? day_number(this_year + step, fields)
                                             : std::optional(today.time_since_epoch().count() + step));
      if (candidate && (!nearest || distance(*candidate, now_ns) < distance(*nearest, now_ns))) nearest = candidate;
    }
  }
  return nearest;
}

void TimeText::skip_blanks() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
}

bool TimeText::number(int most_digits, int& number) {
  int digits = 0;
  number = 0;
  for (; digits < most_digits && at_ != end_ && is_digit(*at_); ++digits) number = number * 10 + (*at_++ - '0');
  return digits > 0;
}

bool TimeText::fraction(int& nanos) {
  int digits = 0;
  nanos = 0;
  for (; at_ != end_ && is_digit(*at_); ++at_)
    if (digits < 9) {
      nanos = nanos * 10 + (*at_ - '0');
      ++digits;
    }
  if (digits == 0) return false;
  for (; digits < 9; ++digits) nanos *= 10;
  return true;
}

bool TimeText::fraction_of(int digits, int& nanos) {
  nanos = 0;
  for (int i = 0; i < 9; ++i) {
    nanos *= 10;
    if (i >= digits) continue;
    if (at_ == end_ || !is_digit(*at_)) return false;
    nanos += *at_++ - '0';
  }
  return true;
}

bool TimeText::clock(TimeFields& fields) {
  return two(fields.hour) && skip(':') && two(fields.minute) && skip(':') && two(fields.second);
}

bool TimeText::word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (lower(at_[i]) != lower(word[i])) return false;
  at_ += word.size();
  return true;
}

bool TimeText::month_name(int& month) {
  if (end_ - at_ < 3) return false;
  const std::uint32_t start = first_three(at_);
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (start != starts[i]) continue;
    at_ += 3;
    word(months[i].substr(3));
    month = static_cast<int>(i) + 1;
    return true;
  }
  return false;
}

bool TimeText::day_name() {
  for (const std::string_view day : days) {
    if (!word(day.substr(0, 3))) continue;
    word(day.substr(3));
    return true;
  }
  return false;
}

bool TimeText::offset(int& seconds) {
  if (skip_any('Z', 'z')) {
    seconds = 0;
    return true;
  }
  const bool is_west = skip('-');
  if (!is_west && !skip('+')) return false;
  int hours = 0, minutes = 0;
  if (!two(hours)) return false;
  if (skip(':') ? !two(minutes) : (at_ != end_ && is_digit(*at_) && !two(minutes))) return false;
  if (hours > 23 || minutes > 59) return false;
  seconds = (hours * 60 + minutes) * 60 * (is_west ? -1 : 1);
  return true;
}

bool TimeText::decimal(std::int64_t unit, std::int64_t& ns, bool may_have_point) {
  const bool is_negative = skip('-');
  std::int64_t sum = 0;
  const char* const from = at_;
  for (; at_ != end_ && is_digit(*at_); ++at_)
    if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, *at_ - '0', &sum)) return false;
  if (at_ == from || __builtin_mul_overflow(sum, unit, &sum)) return false;
  if (may_have_point && skip('.')) {
    const char* const point = at_;
    for (std::int64_t place = unit / 10; at_ != end_ && is_digit(*at_); ++at_, place /= 10)
      if (__builtin_add_overflow(sum, place * (*at_ - '0'), &sum)) return false;
    if (at_ == point) return false;
  }
  ns = is_negative ? -sum : sum;
  return true;
}

}  // namespace tandem::shipper
