// Batches for sinks that send records one by one.
#pragma once

#include "sidecars/log/batch.hpp"
#include "sidecars/log/encode/record_format.hpp"

namespace tandem::test {

// One record of `size` bytes at each of the offsets.
struct Piece {
  shipper::FileId file;
  std::uint64_t begin = 0, end = 0;
  std::vector<std::uint64_t> offsets;
};

inline shipper::Batch batch_of(shipper::RecordFormat& format, const std::vector<Piece>& pieces, std::size_t size = 10) {
  shipper::Batch batch;
  batch.id = "a batch";
  shipper::Event event;
  format.start(batch.body);
  for (const auto& piece : pieces) {
    shipper::Segment segment;
    segment.start.offset = piece.begin;
    segment.end.offset = piece.end;
    batch.segments.push_back({piece.file, segment});
    for (const auto offset : piece.offsets) {
      event.clear();
      event.file = piece.file;
      event.offset = offset;
      const std::string message = std::to_string(offset) + ":" + std::string(size, 'x');
      event.set("message", message);
      format.append(event, batch.body);
      ++batch.records;
    }
  }
  format.finish(batch.body);
  return batch;
}

}  // namespace tandem::test
