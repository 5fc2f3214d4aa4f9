// Records to write.
#pragma once

#include <string>
#include <vector>

#include "sidecars/log/encode/record_format.hpp"

namespace tandem::test {

inline constexpr std::int64_t noon_ns = 1'763'812'800'123'456'789;  // 2025-11-22T12:00:00.123456789Z

// An event cannot be copied, so it is filled in place.
inline void fill(shipper::Event& event, std::vector<shipper::Field> fields, std::uint64_t offset = 4711,
                 std::int64_t time_ns = noon_ns) {
  event.clear();
  event.time_ns = time_ns;
  event.file = {0x0123456789abcdef, 0xfedcba9876543210};
  event.offset = offset;
  event.piece = 0;
  event.fields = std::move(fields);
}

// The body of one record for each set of fields, at offsets 0, 100, 200, ...
inline std::string body_of(shipper::RecordFormat& format, const std::vector<std::vector<shipper::Field>>& records,
                           std::int64_t time_ns = noon_ns) {
  shipper::Buffer body;
  format.start(body);
  shipper::Event event;
  std::uint64_t offset = 0;
  for (const auto& fields : records) {
    fill(event, fields, offset, time_ns);
    format.append(event, body);
    offset += 100;
  }
  format.finish(body);
  return std::string(body.view());
}

inline shipper::Field text(std::string_view name, std::string_view value) { return {name, value, false, {}}; }
inline shipper::Field literal(std::string_view name, std::string_view value) { return {name, value, true, {}}; }

}  // namespace tandem::test
