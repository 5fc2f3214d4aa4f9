#include "pods/network/subnet_choice.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/os/error.hpp"

namespace tandem::network {

std::vector<Prefix> subnet_candidates(const std::string& tag) {
  std::vector<Prefix> candidates;
  if (tag.empty()) {
    for (std::uint32_t second = 83; second < 88; ++second) candidates.push_back({10u << 24 | second << 16, 16});
    return candidates;
  }
  std::uint32_t number = 0;
  std::from_chars(tag.data(), tag.data() + tag.size(), number, 16);
  const std::uint32_t base = 10u << 24 | 160u << 16;
  for (std::uint32_t i = 0; i < 16; ++i) candidates.push_back({base | ((number + i * 37) % 512) << 12, 20});
  return candidates;
}

Subnet to_subnet(const Prefix& prefix) { return {format_ipv4(prefix.address + 1), prefix.length}; }

Prefix to_prefix(const Subnet& subnet) {
  const auto address = parse_ipv4(subnet.address);
  if (!address || subnet.prefix_length < 8 || subnet.prefix_length > 30) {
    throw Error(Fault::bug, "use subnet", subnet.address + "/" + std::to_string(subnet.prefix_length), "not a subnet");
  }
  return prefix_of(*address, subnet.prefix_length);
}

std::optional<std::uint32_t> next_address(const Prefix& prefix, const std::vector<std::uint32_t>& taken,
                                          std::uint32_t last) {
  const std::uint32_t first = prefix.address + 2, end = prefix.last();  // [first, end)
  const std::uint32_t count = end - first;
  const std::uint32_t start = last >= first && last < end ? last - first + 1 : 0;
  const std::set<std::uint32_t> used(taken.begin(), taken.end());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t candidate = first + (start + i) % count;
    if (!used.contains(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace tandem::network
