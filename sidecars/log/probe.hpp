// Recognising files by their content: small windows of it are read and hashed, never the whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sidecars/log/positions.hpp"

namespace tandem::shipper {

// Up to `length` bytes at `offset`; shorter at the end of the file, empty when it cannot be read.
std::string read_window(int fd, std::uint64_t offset, std::size_t length);

// The offset of the first byte from `offset` on that is not zero; the file's size, when it ends with a hole. Of zeros
// that lie on disk 64 MiB are passed over, so that a file which was made to take time does not.
std::uint64_t skip_zeros(int fd, std::uint64_t offset);

// Whether the bytes before position.offset are those it was taken from. True for offset 0.
bool position_matches(int fd, const Position& position);

// The position at `offset`, given the bytes before it (at least window_bytes of them, or all there are).
Position make_position(std::uint64_t offset, std::uint64_t line_start, std::string_view before);

// Tells first lines apart, or their first `most` bytes: of files that begin with these bytes at that offset. 0: they
// are too few to have it.
std::uint64_t first_line_key(std::string_view bytes, std::uint64_t offset, std::uint64_t most);

// The first window of a file after a hole, whose prefixes are hashed once however many generations they are compared
// with.
class Beginning {
 public:
  explicit Beginning(int fd);
  std::uint64_t offset() const { return offset_; }
  std::string_view bytes() const { return bytes_; }
  Head head() const;
  // Equal for files that begin with the same line at the same place; see first_line_key.
  std::uint64_t first_line(std::uint64_t most) const { return first_line_key(bytes_, offset_, most); }
  // How many bytes of the file are those that a generation with this head has; nullopt: it has others.
  std::optional<std::uint64_t> agreement(const Head& head) const;

 private:
  std::uint64_t hash_of(std::uint32_t length) const;
  std::uint64_t offset_;
  std::string bytes_;
  mutable std::unordered_map<std::uint32_t, std::uint64_t> hashes_;
};

// What is known of a generation, for comparing.
struct Known {
  const FileRecord* record = nullptr;
  int fd = -1;  // its own open file, when it still has one; looked at only while the bytes before `read` are in it
  std::uint64_t size = 0;
  std::string_view tail;  // the bytes before `read`, when they are in memory
  Position read;
};

// How far a file agrees with a generation: the first `verified` bytes do, as far as windows can tell.
struct Likeness {
  std::uint64_t verified = 0;
  bool diverges = false;  // it has other bytes after those
};

Likeness compare_content(int fd, std::uint64_t size, const Beginning& beginning, const Known& known);

// gzip, zstd, xz, bzip2, lz4 by their first bytes: never lines.
bool looks_compressed(std::string_view head);

}  // namespace tandem::shipper
