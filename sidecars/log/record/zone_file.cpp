#include "sidecars/log/record/zone_file.hpp"

#include <algorithm>

namespace tandem::shipper {
namespace {

constexpr std::size_t header_bytes = 44, type_bytes = 6;

struct Counts {
  std::size_t is_utc = 0, is_standard = 0, leaps = 0, times = 0, types = 0, letters = 0;
  std::size_t block_bytes(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * type_bytes + letters + leaps * (time_bytes + 4) + is_standard + is_utc;
  }
};

// Big-endian, with a sign.
std::int64_t number(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < length; ++i) all = all << 8 | static_cast<unsigned char>(bytes[at + i]);
  return length == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(all)) : static_cast<std::int64_t>(all);
}

std::optional<Counts> read_header(std::string_view bytes) {
  if (bytes.size() < header_bytes || !bytes.starts_with("TZif")) return std::nullopt;
  std::size_t counts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t count = number(bytes, 20 + 4 * i, 4);
    if (count < 0 || count > 100'000) return std::nullopt;
    counts[i] = static_cast<std::size_t>(count);
  }
  return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

}  // namespace

std::optional<ZoneHistory> decode_zone_file(std::string_view bytes) {
  auto counts = read_header(bytes);
  if (!counts) return std::nullopt;
  std::size_t time_bytes = 4;
  if (bytes[4] >= '2') {  // the same again with longer times
    const std::size_t skipped = header_bytes + counts->block_bytes(4);
    if (skipped > bytes.size()) return std::nullopt;
    bytes.remove_prefix(skipped);
    counts = read_header(bytes);
    if (!counts) return std::nullopt;
    time_bytes = 8;
  }
  bytes.remove_prefix(header_bytes);
  if (bytes.size() < counts->block_bytes(time_bytes) || counts->types == 0 || counts->leaps > 0) return std::nullopt;

  const std::size_t indices = counts->times * time_bytes, types = indices + counts->times;
  const auto offset_of = [&](std::size_t type) { return number(bytes, types + type * type_bytes, 4); };
  for (std::size_t type = 0; type < counts->types; ++type)
    if (offset_of(type) < -89'999 || offset_of(type) > 93'599) return std::nullopt;
  ZoneHistory history;
  history.first_offset = static_cast<int>(offset_of(0));
  constexpr std::int64_t ages = std::int64_t{1} << 60;  // the Big Bang is in some files
  for (std::size_t i = 0; i < counts->times; ++i) {
    const std::size_t type = static_cast<unsigned char>(bytes[indices + i]);
    const std::int64_t at = std::clamp(number(bytes, i * time_bytes, time_bytes), -ages, ages);
    if (type >= counts->types || (i > 0 && at < history.changes.back().at)) return std::nullopt;
    history.changes.push_back({at, static_cast<int>(offset_of(type))});
  }
  if (time_bytes == 4) return history;
  bytes.remove_prefix(counts->block_bytes(time_bytes));
  const std::size_t end = bytes.find('\n', 1);
  if (bytes.empty() || bytes.front() != '\n' || end == bytes.npos) return std::nullopt;
  const std::string_view rule = bytes.substr(1, end - 1);
  if (!rule.empty() && !add_zone_rule(rule, history)) return std::nullopt;
  return history;
}

}  // namespace tandem::shipper
