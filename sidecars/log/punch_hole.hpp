// Gives back the disk space of what was shipped of a file that goes on: its bytes become a hole, its length stays.
#pragma once

#include <cstdint>
#include <string>

namespace tandem::shipper {

// The beginning, by which the file is known, and what lies just before the place that is read next stay.
inline constexpr std::uint64_t kept_head = 64u << 10, kept_tail = 1u << 20;

struct ByteRange {
  std::uint64_t begin = 0, end = 0;  // end: behind the last
  std::uint64_t bytes() const { return end - begin; }
};

// What may go of the bytes that nobody needs, of which those before `punched` are a hole already: whole blocks of
// 64 KiB; none while they are less than a MiB.
ByteRange hole_to_punch(ByteRange unneeded, std::uint64_t punched);

// Returns how many bytes it freed; `problem` says why it could not. The time of the last modification stays, as it
// tells the order of files. `path` is left alone when it is another file by now.
std::uint64_t punch_hole(const std::string& path, std::uint64_t device, std::uint64_t inode, ByteRange unneeded,
                         std::string& problem);

}  // namespace tandem::shipper
