#include "core/net/endpoint.hpp"

#include <charconv>

namespace tandem::net {

namespace {

constexpr std::size_t unix_path_limit = 107;  // unix(7): sun_path has 108 bytes, the last is 0

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || failure != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text, std::string& why) {
  Endpoint endpoint;
  if (text.starts_with("unix:")) {
    endpoint.path = std::string(text.substr(5));
    if (endpoint.path.starts_with('/') && endpoint.path.size() <= unix_path_limit) return endpoint;
    why =
        endpoint.path.starts_with('/') ? "a Unix socket's path has at most 107 bytes" : "unix: needs an absolute path";
    return std::nullopt;
  }
  auto colon = text.rfind(':');
  std::optional<std::uint16_t> port;
  if (colon != std::string_view::npos) port = parse_port(text.substr(colon + 1));
  if (!port) {
    why = "is not HOST:PORT, [ADDRESS]:PORT, :PORT or unix:/PATH";
    return std::nullopt;
  }
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
    bool is_address = host.find(':') != std::string_view::npos &&
                      host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    if (!is_address) {
      why = "has no IPv6 address between [ and ]";
      return std::nullopt;
    }
  } else if (host.find_first_of(":[] /") != std::string_view::npos) {
    why = "has no usable host; an IPv6 address is written [ADDRESS]:PORT";
    return std::nullopt;
  }
  endpoint.host = host.empty() ? "0.0.0.0" : std::string(host);
  endpoint.port = *port;
  return endpoint;
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.is_unix()) return "unix:" + endpoint.path;
  auto port = std::to_string(endpoint.port);
  return endpoint.host.find(':') == std::string::npos ? endpoint.host + ":" + port : "[" + endpoint.host + "]:" + port;
}

}  // namespace tandem::net
