// Datagrams, and who sent them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/net/endpoint.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::shipper {

// Bound, non-blocking, close-on-exec. A Unix socket's file that nobody listens on any more is replaced; the new one has
// `mode`. Throws Error{environment}.
unique_fd bind_datagrams(const net::Endpoint& endpoint, unsigned mode);

struct Datagram {
  std::string_view text;      // in the buffer
  std::string peer;           // "127.0.0.1:40000", "pid=17,uid=1000"
  std::uint32_t dropped = 0;  // so many the kernel has thrown away on this socket before, as nobody took them
};

// The next one; longer ones are cut to `room`. False: there is none now.
bool receive_datagram(int fd, char* buffer, std::size_t room, Datagram& out);

// The same name for the other end of a connection.
std::string stream_peer(int fd);

}  // namespace tandem::shipper
