#include "core/os/pipe.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "core/os/check.hpp"

namespace tandem {

namespace {

constexpr std::size_t max_fds = 64;
constexpr std::size_t max_message_bytes = 64 << 10;

}  // namespace

Pipe make_pipe() {
  std::array<int, 2> ends{};
  check([&] { return ::pipe2(ends.data(), O_CLOEXEC); }, "make pipe");
  return {unique_fd(ends[0]), unique_fd(ends[1])};
}

SocketPair make_socket_pair() {
  std::array<int, 2> ends{};
  check([&] { return ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()); }, "make socket pair");
  return {unique_fd(ends[0]), unique_fd(ends[1])};
}

void send_fds(int socket, const std::vector<int>& fds, std::string_view message) {
  if (fds.size() > max_fds) throw Error(Fault::bug, "send", "descriptors", "more than " + std::to_string(max_fds));
  iovec part{const_cast<char*>(message.data()), message.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_fds)] = {};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
  }
  check([&] { return ::sendmsg(socket, &header, MSG_NOSIGNAL); }, "send", "descriptors");
}

Received receive_fds(int socket) {
  Received received;
  received.message.resize(max_message_bytes);
  iovec part{received.message.data(), received.message.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_fds)];
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const auto count = check([&] { return ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC); }, "receive", "descriptors");
  received.message.resize(static_cast<std::size_t>(count));
  for (cmsghdr* rights = CMSG_FIRSTHDR(&header); rights; rights = CMSG_NXTHDR(&header, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t number = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < number; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(rights) + i * sizeof(int), sizeof fd);
      received.fds.emplace_back(fd);
    }
  }
  return received;
}

std::string read_to_end(int fd, std::size_t limit_bytes) {
  std::string bytes;
  std::array<char, 16384> buffer;
  while (bytes.size() < limit_bytes) {
    const auto count = check([&] { return ::read(fd, buffer.data(), buffer.size()); }, "read", "pipe");
    if (count == 0) break;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

}  // namespace tandem
