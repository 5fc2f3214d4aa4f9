#include "core/net/peer.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace tandem::net {

Peer peer_of(int socket) {
  Peer peer{"unknown", false};
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return peer;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_UNIX) {
    peer.text = "unix";
    peer.is_local = true;
  } else if (address.ss_family == AF_INET) {
    auto& in4 = reinterpret_cast<sockaddr_in&>(address);
    peer.text =
        std::string(::inet_ntop(AF_INET, &in4.sin_addr, text, sizeof text)) + ":" + std::to_string(ntohs(in4.sin_port));
    peer.is_local = (ntohl(in4.sin_addr.s_addr) >> 24) == 127;
  } else if (address.ss_family == AF_INET6) {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address);
    peer.text = "[" + std::string(::inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text)) +
                "]:" + std::to_string(ntohs(in6.sin6_port));
    bool mapped_loopback = IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) && in6.sin6_addr.s6_addr[12] == 127;
    peer.is_local = IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) || mapped_loopback;
  }
  return peer;
}

}  // namespace tandem::net
