#include "sidecars/log/replay_position.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "sidecars/log/hash.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t window = 1024;

}  // namespace

std::string encode_replay_position(const ReplayPosition& position) {
  return fmt::format("{} {} {:016x} {}\n", position.offset, position.lines, position.hash, position.sink);
}

std::optional<ReplayPosition> parse_replay_position(const std::string& text) {
  ReplayPosition position;
  int end = 0;
  const int found = std::sscanf(text.c_str(), "%" SCNu64 " %" SCNu64 " %16" SCNx64 "%n", &position.offset,
                                &position.lines, &position.hash, &end);
  const auto at = static_cast<std::size_t>(end);
  if (found != 3 || at >= text.size() || text[at] != ' ' || text.back() != '\n') return std::nullopt;
  position.sink = text.substr(at + 1, text.size() - at - 2);
  return position;
}

std::uint64_t hash_before(int fd, std::uint64_t offset) {
  std::string bytes(static_cast<std::size_t>(std::min(offset, window)), '\0');
  const std::uint64_t begin = offset - bytes.size();
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = ::pread(fd, bytes.data() + size, bytes.size() - size, static_cast<off_t>(begin + size));
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes.empty() ? 0 : hash64(bytes);
}

}  // namespace tandem::shipper
