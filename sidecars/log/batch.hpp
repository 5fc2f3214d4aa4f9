// What travels to a sink: the encoded records of some segments.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/positions.hpp"

namespace tandem::shipper {

struct Batch {
  std::string id;  // the same after a crash, for a sink that wants to recognise it
  std::int64_t time_ns = 0;
  bool again = false;  // sent before by a process that died; it may have arrived then
  std::uint64_t records = 0, input_bytes = 0;
  Buffer body;  // one record a line
  std::vector<BatchSegment> segments;
};

}  // namespace tandem::shipper
