// IPv4 addresses and prefixes as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::network {

std::optional<std::uint32_t> parse_ipv4(
    std::string_view text);  // "10.83.0.1", in host byte order; nothing else is taken
std::string format_ipv4(std::uint32_t address);

// A hardware address that follows from the IP address: whoever gets the address again is found under the same one, so
// that no neighbour table is stale; and a bridge that is given one keeps it when ports come and go.
std::array<unsigned char, 6> hardware_address_of(std::uint32_t address);

// The addresses that share `address`'s first `length` bits; the other bits of `address` are zero.
struct Prefix {
  std::uint32_t address = 0;
  int length = 0;

  std::uint32_t mask() const { return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length); }
  std::uint32_t last() const { return address | ~mask(); }  // the broadcast address
  bool contains(std::uint32_t other) const { return (other & mask()) == address; }
  bool overlaps(const Prefix& other) const { return contains(other.address) || other.contains(address); }
  bool operator==(const Prefix&) const = default;
};
Prefix prefix_of(std::uint32_t address, int length);        // clears the host's bits
std::optional<Prefix> parse_prefix(std::string_view text);  // "10.83.0.0/16"; bits past the length must be zero
std::string to_string(const Prefix& prefix);

}  // namespace tandem::network
