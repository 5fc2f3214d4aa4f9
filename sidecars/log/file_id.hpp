// The name of a file generation: 128 random bits, given when the generation is first seen and kept through renames.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::shipper {

struct FileId {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const FileId&) const = default;
  bool is_null() const { return high == 0 && low == 0; }
};

FileId random_file_id();                                     // from getrandom(2); never null
std::string to_string(const FileId& id);                     // 32 hex digits
std::optional<FileId> parse_file_id(std::string_view text);  // nullopt: not 32 lower-case hex digits, or null

struct FileIdHash {
  std::size_t operator()(const FileId& id) const { return static_cast<std::size_t>(id.low); }
};

}  // namespace tandem::shipper
