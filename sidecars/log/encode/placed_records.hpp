// A body whose records know their places in their files: for sinks that send records one by one, and tell from the
// place whether one has arrived already.
#pragma once

#include <cstdint>
#include <string_view>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

// In a body the views are of that body. Within a file offsets only grow: no two records begin at the same byte.
struct PlacedRecord {
  FileId file;
  std::uint64_t offset = 0;
  std::int64_t time_ns = 0;
  std::string_view key;      // what a sink sorts records by; whatever its format put there
  std::string_view content;  // the record as it is sent
  std::uint32_t parts = 0;   // of the content, where a format counts some
};

// Between the two the content is appended to `body`.
std::size_t open_record(const Event& event, std::string_view key, Buffer& body);
void close_record(std::size_t opened, std::uint32_t parts, Buffer& body);

// Takes records from the left of a body that was made with the functions above.
class PlacedRecords {
 public:
  explicit PlacedRecords(std::string_view body) : rest_(body) {}
  bool next(PlacedRecord& record);  // false: there are no more

 private:
  std::string_view rest_;
};

}  // namespace tandem::shipper
