// Pipes, socket pairs, and passing descriptors over a Unix socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem {

struct Pipe {
  unique_fd read_end, write_end;
};
Pipe make_pipe();  // both ends close-on-exec

struct SocketPair {
  unique_fd first, second;
};
SocketPair make_socket_pair();  // AF_UNIX, SOCK_SEQPACKET, close-on-exec

void send_fds(int socket, const std::vector<int>& fds, std::string_view message);
struct Received {
  std::vector<unique_fd> fds;
  std::string message;  // empty with no fds: the peer closed
};
Received receive_fds(int socket);

std::string read_to_end(int fd, std::size_t limit_bytes = 1u << 20);

}  // namespace tandem
