// An address to listen on or connect to, as people write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tandem::net {

struct Endpoint {
  Endpoint() = default;
  Endpoint(std::string tcp_host, std::uint16_t tcp_port) : host(std::move(tcp_host)), port(tcp_port) {}

  std::string host;  // TCP: a name or an address without brackets; "0.0.0.0" when only ":PORT" was written
  std::uint16_t port = 0;
  std::string path;  // Unix socket: absolute path; host and port are unused

  bool is_unix() const { return !path.empty(); }
  bool operator==(const Endpoint&) const = default;
};

// "HOST:PORT", "[::1]:PORT", ":PORT", "unix:/PATH". Nullopt with `why` filled: it is none of these. Port 0 is accepted
// (the kernel picks one).
std::optional<Endpoint> parse_endpoint(std::string_view text, std::string& why);

std::string to_string(const Endpoint& endpoint);  // what parse_endpoint reads back

}  // namespace tandem::net
