#include "sidecars/log/file_id.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include "core/os/check.hpp"

namespace tandem::shipper {

FileId random_file_id() {
  FileId id;
  while (id.is_null()) check([&] { return ::getrandom(&id, sizeof id, 0); }, "get random bytes");
  return id;
}

std::string to_string(const FileId& id) { return fmt::format("{:016x}{:016x}", id.high, id.low); }

std::optional<FileId> parse_file_id(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  FileId id;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return std::nullopt;
    std::uint64_t& half = i < 16 ? id.high : id.low;
    half = half << 4 | static_cast<std::uint64_t>(digit);
  }
  if (id.is_null()) return std::nullopt;
  return id;
}

}  // namespace tandem::shipper
