// When a zone's clocks are changed, and the rule that says it for years to come.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tandem::shipper {

struct ZoneChange {
  std::int64_t at = 0;  // seconds since the epoch
  int offset = 0;       // from then on: seconds east of Greenwich
};

struct ZoneHistory {
  int first_offset = 0;  // before the first change
  std::vector<ZoneChange> changes;
};

// Adds what a rule as in POSIX's TZ says after the last change until 2263, which is as far as nanoseconds reach; hours
// of a change may be -167 to 167 (RFC 8536, section 3.3.1). A summer time without days is changed as glibc does it
// (M3.2.0, M11.1.0). False: this is no rule; `history` is as it was.
bool add_zone_rule(std::string_view rule, ZoneHistory& history);

}  // namespace tandem::shipper
