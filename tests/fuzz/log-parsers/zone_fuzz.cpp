// Any bytes as a zone file, or as TZ's rule: refused, or a clock that every time has a place on.
#include <string_view>

#include "sidecars/log/record/time_zone.hpp"
#include "sidecars/log/record/zone_file.hpp"
#include "tests/fuzz/log-parsers/found.hpp"

using namespace tandem::shipper;

namespace {

void look_at(const ZoneHistory& history) {
  const TimeZone zone(history);
  constexpr std::int64_t most = 10'000'000'000;  // seconds: nanoseconds since 1970 end before that
  for (std::int64_t clock = -most; clock <= most; clock += most / 50) {
    const std::int64_t first = zone.to_utc(clock);
    require(first == zone.to_utc(clock));  // whatever was asked before
    require(first > clock - 200'000 && first < clock + 200'000);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto history = decode_zone_file(bytes)) look_at(*history);
  ZoneHistory ruled;
  if (add_zone_rule(bytes, ruled)) look_at(ruled);
  return 0;
}
