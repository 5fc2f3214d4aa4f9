#include "sidecars/log/probe.hpp"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/os/check.hpp"
#include "sidecars/log/hash.hpp"

namespace tandem::shipper {

std::string read_window(int fd, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  std::size_t used = 0;
  while (used < length) {
    const auto count =
        attempt([&] { return ::pread(fd, bytes.data() + used, length - used, static_cast<off_t>(offset + used)); });
    if (count <= 0) break;
    used += static_cast<std::size_t>(count);
  }
  bytes.resize(used);
  return bytes;
}

Head probe_head(int fd, std::uint64_t size) {
  const auto bytes = read_window(fd, 0, static_cast<std::size_t>(std::min<std::uint64_t>(size, window_bytes)));
  return {static_cast<std::uint32_t>(bytes.size()), hash64(bytes)};
}

bool position_matches(int fd, const Position& position) {
  const auto bytes = read_window(fd, position.offset - position.tail_length, position.tail_length);
  return bytes.size() == position.tail_length && (position.tail_length == 0 || hash64(bytes) == position.tail_hash);
}

bool head_matches(int fd, const Head& head) {
  const auto bytes = read_window(fd, 0, head.length);
  return bytes.size() == head.length && (head.length == 0 || hash64(bytes) == head.hash);
}

Position make_position(std::uint64_t offset, std::uint64_t line_start, std::string_view before) {
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>({offset, window_bytes, before.size()}));
  before.remove_prefix(before.size() - length);
  return {offset, line_start, length ? hash64(before) : 0, length};
}

Beginning::Beginning(int fd, std::uint64_t size)
    : bytes_(read_window(fd, 0, static_cast<std::size_t>(std::min<std::uint64_t>(size, window_bytes)))) {}

bool Beginning::matches(const Head& head) const {
  if (bytes_.size() < head.length) return false;
  auto [at, fresh] = hashes_.try_emplace(head.length, 0);
  if (fresh) at->second = hash64(std::string_view(bytes_).substr(0, head.length));
  return at->second == head.hash;
}

Likeness compare_content(int fd, std::uint64_t size, const Beginning& beginning, const Known& known) {
  const FileRecord& record = *known.record;
  if (size == 0) return {};
  const auto shared = std::min(known.start.size(), beginning.bytes().size());
  if (known.start.substr(0, shared) != beginning.bytes().substr(0, shared)) return {};
  std::uint64_t verified = 0;

  if (record.head.length > 0 && size >= record.head.length) {
    if (!beginning.matches(record.head)) return {};
    verified = record.head.length;
  }

  std::vector<Position> places = record.marks;
  places.push_back(record.ledger.committed());
  places.push_back(record.ledger.read());
  places.push_back(known.read);
  std::sort(places.begin(), places.end(), [](const Position& a, const Position& b) { return a.offset > b.offset; });
  bool diverges = false;
  for (const auto& place : places) {
    if (place.offset > size || place.offset <= verified || place.tail_length == 0) continue;
    if (position_matches(fd, place)) {
      verified = place.offset;
      break;
    }
    diverges = true;
  }
  if (diverges) return {verified, verified > 0};

  // Past the last known place: against the generation's own bytes, on disk or in memory.
  if (known.fd >= 0 && position_matches(known.fd, known.read)) {
    const std::uint64_t common = std::min(size, known.size);
    if (common > verified) {
      const std::uint64_t from = common > window_bytes ? common - window_bytes : 0;
      const auto length = static_cast<std::size_t>(common - from);
      const auto ours = read_window(fd, from, length);
      if (ours.size() < length || ours != read_window(known.fd, from, length)) return {verified, verified > 0};
      if (verified == 0 && from > 0 && read_window(fd, 0, window_bytes) != read_window(known.fd, 0, window_bytes))
        return {};
      verified = common;
    }
  } else if (known.read.offset > verified && size > known.read.offset - known.tail.size()) {
    const std::uint64_t from = known.read.offset - known.tail.size();
    const auto length = static_cast<std::size_t>(std::min(size, known.read.offset) - from);
    if (length > 0 && (verified > 0 || from == 0) && read_window(fd, from, length) == known.tail.substr(0, length))
      verified = from + length;
  }
  return {verified, false};
}

bool looks_compressed(std::string_view head) {
  using namespace std::string_view_literals;
  for (const auto magic : {"\x1f\x8b\x08"sv, "\x28\xb5\x2f\xfd"sv,
                           "\xfd"
                           "7zXZ\0"sv,
                           "BZh"sv, "\x04\x22\x4d\x18"sv})
    if (head.starts_with(magic)) return true;
  return false;
}

}  // namespace tandem::shipper
