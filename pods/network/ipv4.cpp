#include "pods/network/ipv4.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace tandem::network {

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

std::string format_ipv4(std::uint32_t address) {
  const in_addr value{htonl(address)};
  char text[INET_ADDRSTRLEN];
  return ::inet_ntop(AF_INET, &value, text, sizeof text);
}

std::array<unsigned char, 6> hardware_address_of(std::uint32_t address) {
  const auto byte = [&](int shift) { return static_cast<unsigned char>(address >> shift); };
  return {0x0a, 0x58, byte(24), byte(16), byte(8), byte(0)};
}

Prefix prefix_of(std::uint32_t address, int length) {
  Prefix prefix{address, length};
  prefix.address &= prefix.mask();
  return prefix;
}

std::optional<Prefix> parse_prefix(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ipv4(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  int length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || error != std::errc{} || end != digits.data() + digits.size() || length < 0 || length > 32) {
    return std::nullopt;
  }
  const Prefix prefix = prefix_of(*address, length);
  return prefix.address == *address ? std::optional(prefix) : std::nullopt;
}

std::string to_string(const Prefix& prefix) {
  return format_ipv4(prefix.address) + "/" + std::to_string(prefix.length);
}

}  // namespace tandem::network
