// Times as logs write them, as nanoseconds since the epoch. Zones are read when a format is made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tandem::shipper {

class TimeFormat {
 public:
  virtual ~TimeFormat() = default;
  // False: all of `text` is not such a time, or one before 1678 or after 2261; `epoch_ns` is as it was. What the text
  // does not say (rfc3164's year) is such that the time is nearest to `now_ns`. Fractions past nanoseconds are cut off;
  // a leap second is the first one of the next minute.
  virtual bool parse(std::string_view text, std::int64_t now_ns, std::int64_t& epoch_ns) const = 0;
};

// rfc3339   2026-11-22T10:00:00.123456Z, with a blank for the T, a comma for the point, +02:00, +0200, or no offset
// clf       22/Nov/2026:10:00:00 +0000 (web servers)
// rfc3164   Nov 22 10:00:00 (syslog), with or without a fraction
// unix, unix_ms, unix_us, unix_ns   numbers of that unit, with or without a fraction
// a pattern with %, as strptime(3): %Y %y %m %d %e %j %H %I %p %M %S %b %B %h %a %A %s %z %Z %T %F %D %R %n %t %%, and
// for
//   fractions %f (any digits), %L and %3N (milliseconds), %6N, %9N and %N (nine). %z takes Z, +02:00, +0200, +02; %Z
//   takes UTC, GMT and Z. A blank takes any number of blanks.
// `zone` is for times without an offset: UTC (also when empty), +02:00, Europe/Berlin, or local (what TZ says); what
// becomes of times that its clocks show twice or skip, time_zone.hpp says.
// nullptr: `problem` says what is wrong; it begins with "format" or "zone".
std::shared_ptr<const TimeFormat> make_time_format(const std::string& format, const std::string& zone,
                                                   std::string& problem);

}  // namespace tandem::shipper
