// Which bytes of one file generation are read, acknowledged and committed.
#pragma once

#include <cstdint>
#include <deque>

namespace tandem::shipper {

// A place between two bytes of a file, and what is needed to go on from it and to recognise it again.
struct Position {
  std::uint64_t offset = 0;
  std::uint64_t line_start = 0;  // less than offset only inside a line that is shipped in pieces
  std::uint64_t tail_hash = 0;   // of the tail_length bytes before offset
  std::uint32_t tail_length = 0;
  bool operator==(const Position&) const = default;
};

struct Segment {
  Position start, end;
  std::uint64_t bytes() const { return end.offset - start.offset; }
  bool operator==(const Segment&) const = default;
};

// Segments are read in order without gaps and acknowledged in any order; the committed position moves over the
// acknowledged ones from the front.
class Ledger {
 public:
  Ledger() = default;
  explicit Ledger(const Position& start) : committed_(start), read_(start) {}

  void add(const Segment& segment);  // starts where the last one ended; bug otherwise
  // True when the segment that starts there was outstanding. Acknowledging twice is harmless: false.
  bool acknowledge(std::uint64_t start_offset);
  // Forgets what is not acknowledged from the end backwards, so that it is read again; returns the bytes given back.
  std::uint64_t give_back();

  const Position& committed() const { return committed_; }
  const Position& read() const { return read_; }
  std::uint64_t outstanding_bytes() const;   // read, not acknowledged
  std::uint64_t acknowledged_bytes() const;  // beyond the committed position
  bool all_acknowledged() const { return segments_.empty(); }
  bool is_acknowledged(std::uint64_t start_offset) const;

 private:
  struct Entry {
    Segment segment;
    bool acknowledged = false;
  };
  Position committed_, read_;
  std::deque<Entry> segments_;
};

}  // namespace tandem::shipper
