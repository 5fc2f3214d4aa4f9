#include "sidecars/log/probe.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/os/check.hpp"
#include "sidecars/log/hash.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t zeros_at_once = 64 * 1024;
constexpr std::uint64_t most_zeros = 64 << 20;  // read in one go, and beginnings are looked at again and again

}  // namespace

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

std::uint64_t skip_zeros(int fd, std::uint64_t offset) {
  for (std::uint64_t read = 0; read < most_zeros;) {
    const auto data = attempt([&] { return ::lseek(fd, static_cast<off_t>(offset), SEEK_DATA); });
    // A hole to the end, which may be exabytes away: nothing of it is read.
    if (data == -ENXIO)
      return std::max(offset, static_cast<std::uint64_t>(std::max<off_t>(::lseek(fd, 0, SEEK_END), 0)));
    if (data > static_cast<off_t>(offset)) offset = static_cast<std::uint64_t>(data);
    const std::string block = read_window(fd, offset, zeros_at_once);
    const auto text = block.find_first_not_of('\0');
    if (text != std::string::npos) return offset + text;
    if (block.empty()) return offset;
    offset += block.size();
    read += block.size();
  }
  return offset;
}

bool position_matches(int fd, const Position& position) {
  const auto bytes = read_window(fd, position.offset - position.tail_length, position.tail_length);
  return bytes.size() == position.tail_length && (position.tail_length == 0 || hash64(bytes) == position.tail_hash);
}

Position make_position(std::uint64_t offset, std::uint64_t line_start, std::string_view before) {
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>({offset, window_bytes, before.size()}));
  before.remove_prefix(before.size() - length);
  return {offset, line_start, length ? hash64(before) : 0, length};
}

std::uint64_t first_line_key(std::string_view bytes, std::uint64_t offset, std::uint64_t most) {
  const auto newline = bytes.find('\n');
  const std::uint64_t length = std::min<std::uint64_t>(newline, most - 1) + 1;
  if (length > bytes.size()) return 0;
  const std::uint64_t key = hash64(bytes.substr(0, static_cast<std::size_t>(length))) + offset;
  return key != 0 ? key : 1;
}

Beginning::Beginning(int fd) : offset_(skip_zeros(fd, 0)), bytes_(read_window(fd, offset_, window_bytes)) {}

Head Beginning::head() const {
  return {static_cast<std::uint32_t>(bytes_.size()), hash64(bytes_), offset_, bytes_.substr(0, start_bytes)};
}

std::uint64_t Beginning::hash_of(std::uint32_t length) const {
  auto [at, fresh] = hashes_.try_emplace(length, 0);
  if (fresh) at->second = hash64(std::string_view(bytes_).substr(0, length));
  return at->second;
}

std::optional<std::uint64_t> Beginning::agreement(const Head& head) const {
  const auto shared = std::min(head.start.size(), bytes_.size());
  if (head.offset != offset_ || bytes_.compare(0, shared, head.start, 0, shared) != 0) return std::nullopt;
  if (bytes_.size() < head.length) return offset_ + shared;
  if (hash_of(head.length) != head.hash) return std::nullopt;
  return offset_ + head.length;
}

namespace {

// Zeros may be where shipped bytes were given back (punch_hole.hpp), before or after a copy was made: they tell
// nothing, for or against.
bool may_be_equal(std::string_view ours, std::string_view theirs) {
  return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                    [](char a, char b) { return a == b || a == 0 || b == 0; });
}
bool has_hole_before(int fd, const Position& position) {
  const auto bytes = read_window(fd, position.offset - position.tail_length, position.tail_length);
  return bytes.find('\0') != bytes.npos;
}

}  // namespace

Likeness compare_content(int fd, std::uint64_t size, const Beginning& beginning, const Known& known) {
  const FileRecord& record = *known.record;
  const auto agreement = beginning.agreement(record.head);
  if (!agreement) return {0, true};
  std::uint64_t verified = *agreement;
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
    diverges = diverges || !has_hole_before(fd, place);
  }
  if (diverges) return {verified, true};

  // Past the last known place: against the generation's own bytes, on disk or in memory.
  const auto agrees = [&](std::uint64_t from, std::uint64_t end, auto&& theirs) {
    const auto length = static_cast<std::size_t>(end - from);
    return may_be_equal(read_window(fd, from, length), theirs(from, length));
  };
  if (known.fd >= 0 && position_matches(known.fd, known.read)) {
    const auto theirs = [&](std::uint64_t from, std::size_t length) { return read_window(known.fd, from, length); };
    const std::uint64_t common = std::min(size, known.size), head = std::min<std::uint64_t>(common, window_bytes);
    if (verified < head && !agrees(0, head, theirs)) return {0, true};
    verified = std::max(verified, head);
    if (common > verified) {
      if (!agrees(common - window_bytes, common, theirs)) return {verified, true};
      verified = common;
    }
  } else if (const std::uint64_t from = known.read.offset - known.tail.size();
             known.read.offset > verified && size > from && (verified > 0 || from == 0)) {
    const std::uint64_t end = std::min(size, known.read.offset);
    if (!agrees(from, end, [&](std::uint64_t, std::size_t length) { return known.tail.substr(0, length); }))
      return {verified, true};
    verified = std::max(verified, end);
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
