// Who is at the other end of a socket.
#pragma once

#include <string>

namespace tandem::net {

struct Peer {
  std::string text;       // "127.0.0.1:40000", "[::1]:40000", "unix", or "unknown"
  bool is_local = false;  // a loopback address or a Unix socket
};

Peer peer_of(int socket);

}  // namespace tandem::net
