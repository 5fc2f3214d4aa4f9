#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "core/os/check.hpp"
#include "pods/network/ipv4.hpp"
#include "pods/network/name_server.hpp"

namespace tandem::network {

namespace {

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

SocketAddress ipv4_address(std::uint32_t address, int port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  in.sin_port = htons(static_cast<std::uint16_t>(port));
  SocketAddress result;
  std::memcpy(&result.bytes, &in, sizeof in);
  result.size = sizeof in;
  return result;
}

// "fe80::1%eth0" too, as resolv.conf has it.
std::optional<SocketAddress> ipv6_address(const std::string& text, int port) {
  sockaddr_in6 in{};
  const auto percent = text.find('%');
  if (::inet_pton(AF_INET6, text.substr(0, percent).c_str(), &in.sin6_addr) != 1) return std::nullopt;
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(static_cast<std::uint16_t>(port));
  if (percent != std::string::npos) in.sin6_scope_id = ::if_nametoindex(text.substr(percent + 1).c_str());
  SocketAddress result;
  std::memcpy(&result.bytes, &in, sizeof in);
  result.size = sizeof in;
  return result;
}

std::optional<SocketAddress> parse_address(const std::string& text, int port) {
  if (const auto address = parse_ipv4(text)) return ipv4_address(*address, port);
  return ipv6_address(text, port);
}

unique_fd bound_socket(int type, const SocketAddress& address, const std::string& what) {
  unique_fd fd(check([&] { return ::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }, "open", what));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check([&] { return ::bind(fd.get(), address.get(), address.size); }, "bind", what);
  return fd;
}

}  // namespace

bool is_upstream_address(const std::string& address) { return parse_address(address, 0).has_value(); }

unique_fd connect_upstream(const std::string& address, int type, int port) {
  const auto parsed = parse_address(address, port);
  if (!parsed) return {};
  unique_fd fd(::socket(parsed->bytes.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || (::connect(fd.get(), parsed->get(), parsed->size) != 0 && errno != EINPROGRESS)) return {};
  return fd;
}

ListenSockets listen_for_names(const std::string& address, int port) {
  constexpr int backlog = 16;
  const std::string what = "name service socket " + address + ":" + std::to_string(port);
  const auto parsed = parse_ipv4(address);
  if (!parsed) throw Error(Fault::bug, "open", what, "not an IPv4 address");
  ListenSockets sockets;
  // Port 0: the kernel chooses it for UDP, and TCP takes the same.
  sockets.udp = bound_socket(SOCK_DGRAM, ipv4_address(*parsed, port), what);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  check([&] { return ::getsockname(sockets.udp.get(), reinterpret_cast<sockaddr*>(&bound), &size); }, "name", what);
  sockets.tcp = bound_socket(SOCK_STREAM, ipv4_address(*parsed, ntohs(bound.sin_port)), what);
  check([&] { return ::listen(sockets.tcp.get(), backlog); }, "listen on", what);
  return sockets;
}

}  // namespace tandem::network
