// What a text says of a time, and the moment it means.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/text/characters.hpp"

namespace tandem::shipper {

class TimeZone;

struct Zone {
  std::shared_ptr<const TimeZone> place;  // whose clocks may be changed
  int offset = 0;                         // without a place: seconds east of Greenwich
};

struct TimeFields {
  static constexpr int unsaid = -1;
  int year = unsaid, month = unsaid, day = unsaid;  // 1..12, 1..31; both or none
  int day_of_year = unsaid;                         // 1..366, instead of month and day
  int hour = 0, minute = 0, second = 0, nanos = 0;  // a second of 60 is the next minute's first
  std::optional<int> offset;                        // seconds east; otherwise the zone's
};

// nullopt: no such date or time of day, or out of what nanoseconds reach. Without a year the year, without a date the
// day, that brings it nearest to now.
std::optional<std::int64_t> to_epoch_ns(const TimeFields& fields, const Zone& zone, std::int64_t now_ns);

// Seconds and nanoseconds as one number; nullopt: too far away.
std::optional<std::int64_t> join_epoch(std::int64_t seconds, std::int64_t nanos);

// A text that is read from its beginning; every function takes what it found, and says false (and may have taken
// something) when there is nothing of the kind.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}
  bool is_at_end() const { return at_ == end_; }
  bool skip(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool skip_any(char a, char b) { return skip(a) || skip(b); }
  void skip_blanks();
  bool two(int& number) {
    if (end_ - at_ < 2 || !is_digit(at_[0]) || !is_digit(at_[1])) return false;
    number = (at_[0] - '0') * 10 + (at_[1] - '0');
    at_ += 2;
    return true;
  }
  bool four(int& number) {
    int high, low;
    if (!two(high) || !two(low)) return false;
    number = high * 100 + low;
    return true;
  }
  bool number(int most_digits, int& number);                                      // one to that many digits
  bool fraction(int& nanos);                                                      // one digit or more, of a second
  bool fraction_of(int digits, int& nanos);                                       // exactly that many
  bool clock(TimeFields& fields);                                                 // HH:MM:SS
  bool month_name(int& month);                                                    // Nov, november
  bool day_name();                                                                // Sun, sunday
  bool offset(int& seconds);                                                      // Z, z, +02:00, +0200, +02
  bool word(std::string_view word);                                               // in any case
  bool decimal(std::int64_t unit, std::int64_t& ns, bool may_have_point = true);  // -12.345 times unit nanoseconds
  bool whole(std::int64_t& number) { return decimal(1, number, false); }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace tandem::shipper
