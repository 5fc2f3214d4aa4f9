// How far a dead-letter file has been sent again: FILE.replayed beside it, one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tandem::shipper {

struct ReplayPosition {
  std::uint64_t offset = 0, lines = 0;  // bytes and lines that are done with
  std::string sink;                     // the sink that was named; "": each letter's own
  std::uint64_t hash = 0;               // of the file's bytes before `offset`, the last 1024 of them at most
};

// "4711 12 0123456789abcdef out\n".
std::string encode_replay_position(const ReplayPosition& position);
std::optional<ReplayPosition> parse_replay_position(const std::string& text);

// The hash of the bytes of the file that is open as `fd` before `offset`; 0 where there are none.
std::uint64_t hash_before(int fd, std::uint64_t offset);

}  // namespace tandem::shipper
