// Recognising files by their content: small windows of it are read and hashed, never the whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sidecars/log/positions.hpp"

namespace tandem::shipper {

// Up to `length` bytes at `offset`; shorter at the end of the file, empty when it cannot be read.
std::string read_window(int fd, std::uint64_t offset, std::size_t length);

Head probe_head(int fd, std::uint64_t size);

// Whether the bytes before position.offset are those it was taken from. True for offset 0.
bool position_matches(int fd, const Position& position);
bool head_matches(int fd, const Head& head);

// The position at `offset`, given the bytes before it (at least window_bytes of them, or all there are).
Position make_position(std::uint64_t offset, std::uint64_t line_start, std::string_view before);

// The first window of a file, whose prefixes are hashed once however many generations they are compared with.
class Beginning {
 public:
  Beginning(int fd, std::uint64_t size);
  std::string_view bytes() const { return bytes_; }
  bool matches(const Head& head) const;  // false also when the file is shorter

 private:
  std::string bytes_;
  mutable std::unordered_map<std::uint32_t, std::uint64_t> hashes_;
};

// What is known of a generation, for comparing.
struct Known {
  const FileRecord* record = nullptr;
  int fd = -1;  // its own open file, when it still has one; looked at only while the bytes before `read` are in it
  std::uint64_t size = 0;
  std::string_view start;  // its first bytes, when they are in memory: to be quick with the many that differ
  std::string_view tail;   // the bytes before `read`, when they are in memory
  Position read;
};

// How far a file agrees with a generation: the first `verified` bytes do, as far as windows can tell. 0: not the same.
struct Likeness {
  std::uint64_t verified = 0;
  bool diverges = false;  // agrees at first, but not further on where both have bytes
};

Likeness compare_content(int fd, std::uint64_t size, const Beginning& beginning, const Known& known);

// gzip, zstd, xz, bzip2, lz4 by their first bytes: never lines.
bool looks_compressed(std::string_view head);

}  // namespace tandem::shipper
