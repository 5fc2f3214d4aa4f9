#include "tests/support/hostile.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <fstream>

#include "core/os/check.hpp"

namespace tandem::test {

unique_fd connect_to_port(int port) {
  unique_fd fd(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make", "a socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  check([&] { return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); }, "connect");
  return fd;
}

std::vector<unique_fd> connect_many(int port, int many) {
  std::vector<unique_fd> all;
  for (int i = 0; i < many; ++i) all.push_back(connect_to_port(port));
  return all;
}

std::size_t flood(int connection, const std::string& head, const std::string& piece, std::size_t most) {
  std::size_t sent = 0;
  for (const std::string* next = &head; sent < most; next = &piece) {
    const ssize_t count = ::send(connection, next->data(), next->size(), MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

std::string plain_get(int port, const std::string& path, int seconds) {
  const unique_fd connection = connect_to_port(port);
  const timeval limit{seconds, 0};
  ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  flood(connection.get(), request, "", request.size());
  std::string answer;
  char buffer[16 * 1024];
  for (ssize_t count; (count = ::recv(connection.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(count));
  return answer;
}

NoQuarantine::NoQuarantine() {
  if (const char* const options = std::getenv("ASAN_OPTIONS")) before_ = options;
  const std::string more = "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
  ::setenv("ASAN_OPTIONS", (before_.empty() ? more : before_ + ":" + more).c_str(), 1);
}
NoQuarantine::~NoQuarantine() {
  if (before_.empty())
    ::unsetenv("ASAN_OPTIONS");
  else
    ::setenv("ASAN_OPTIONS", before_.c_str(), 1);
}

long peak_kib(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
  return 0;
}

}  // namespace tandem::test
