#include "sidecars/log/ledger.hpp"

#include <algorithm>

#include "core/os/error.hpp"

namespace tandem::shipper {

void Ledger::add(const Segment& segment) {
  if (segment.start.offset != read_.offset || segment.end.offset <= segment.start.offset)
    throw Error(Fault::bug, "add a segment to the ledger", "", "it does not begin where the last one ended");
  segments_.push_back({segment, false});
  read_ = segment.end;
}

bool Ledger::acknowledge(std::uint64_t start_offset) {
  const auto entry = std::lower_bound(segments_.begin(), segments_.end(), start_offset,
                                      [](const Entry& e, std::uint64_t at) { return e.segment.start.offset < at; });
  if (entry == segments_.end() || entry->segment.start.offset != start_offset || entry->acknowledged) return false;
  entry->acknowledged = true;
  while (!segments_.empty() && segments_.front().acknowledged) {
    committed_ = segments_.front().segment.end;
    segments_.pop_front();
  }
  return true;
}

std::uint64_t Ledger::give_back() {
  std::uint64_t bytes = 0;
  while (!segments_.empty() && !segments_.back().acknowledged) {
    bytes += segments_.back().segment.bytes();
    read_ = segments_.back().segment.start;
    segments_.pop_back();
  }
  return bytes;
}

std::uint64_t Ledger::outstanding_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& entry : segments_) bytes += entry.acknowledged ? 0 : entry.segment.bytes();
  return bytes;
}

std::uint64_t Ledger::acknowledged_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& entry : segments_) bytes += entry.acknowledged ? entry.segment.bytes() : 0;
  return bytes;
}

bool Ledger::is_acknowledged(std::uint64_t start_offset) const {
  if (start_offset < committed_.offset) return true;
  for (const auto& entry : segments_)
    if (entry.segment.start.offset == start_offset) return entry.acknowledged;
  return false;
}

}  // namespace tandem::shipper
