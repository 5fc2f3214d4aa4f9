#include "pods/network/host_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/network/ipv4.hpp"

namespace tandem::network {

void require_free(const plan::HostPort& port) {
  const bool tcp = port.protocol == "TCP";
  const std::string what = std::to_string(port.host_port) + "/" + port.protocol;
  const unique_fd socket(
      check([&] { return ::socket(AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0); }, "open", "a socket"));
  // Only who listens is in the way, not connections that have ended a moment ago. With UDP everybody listens.
  const int on = 1;
  if (tcp) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(parse_ipv4(port.host_ip).value_or(INADDR_ANY));
  address.sin_port = htons(static_cast<std::uint16_t>(port.host_port));
  const int result =
      attempt([&] { return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); });
  if (result == -EADDRINUSE)
    throw Error(Fault::environment, "publish hostPort", what, "a program of this machine listens there",
                "stop that program (ss -" + std::string(tcp ? "t" : "u") + "lnp shows it), or choose another hostPort");
}

}  // namespace tandem::network
