// Sizes, CPU and durations as people write them.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem {

struct Bytes {
  std::int64_t value = 0;
  auto operator<=>(const Bytes&) const = default;
};

struct Millicores {
  std::int64_t value = 0;  // 1000 is one CPU
  auto operator<=>(const Millicores&) const = default;
};

// Kubernetes quantities: 128974848, 129e6, 129M, 123Mi, 0.5, 100m. Nullopt: not a quantity, or out of range.
// Fractions are rounded up, as Kubernetes does.
std::optional<Bytes> parse_bytes(std::string_view text);
std::optional<Millicores> parse_millicores(std::string_view text);

// Go durations as Kubernetes' config files have them: 300ms, 1.5s, 1m30s, 2h. A bare number is refused, but for 0.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

std::string to_string(Bytes bytes);       // "64Mi", "1500" : exact, the largest binary unit that divides it
std::string to_string(Millicores cores);  // "250m", "2"
std::string to_string(std::chrono::nanoseconds duration);  // "1m30s", "300ms"

}  // namespace tandem
