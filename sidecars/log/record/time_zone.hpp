// The clocks of a place: from what they show to the moment it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sidecars/log/record/zone_rule.hpp"

namespace tandem::shipper {

class TimeZone {
 public:
  explicit TimeZone(const ZoneHistory& history);
  // Both in seconds since 1970. A clock that was turned back shows a time twice: the first of the two. One that was put
  // forward skips times: as if it had not been yet, so 02:30 is what is 03:30 then. Any thread.
  std::int64_t to_utc(std::int64_t clock_seconds) const;

 private:
  struct Period {
    std::int64_t begin = 0, end = 0;  // on the clock; ends ascend
    int offset = 0;
  };
  std::vector<Period> periods_;
  mutable std::atomic<std::size_t> latest_{0};  // where the last time was found: the next one mostly is there too
};

// A zone of the database by its name (Europe/Berlin), below $TZDIR or /usr/share/zoneinfo. nullptr: `problem` says why.
std::shared_ptr<const TimeZone> find_time_zone(const std::string& name, std::string& problem);

// What TZ says, a name or a rule as in POSIX; UTC when it is empty; without TZ, /etc/localtime, and UTC without that.
std::shared_ptr<const TimeZone> local_time_zone(std::string& problem);

}  // namespace tandem::shipper
