// The other ends of the log rows, and the least that draining a file can cost.
//
//   log_peers tcp|http LINES    takes records; prints its port, and when LINES have come, or on SIGTERM,
//                               "LINES BYTES FIRST LAST": how many came, and when (CLOCK_MONOTONIC)
//   log_peers loop FILE PORT    reads FILE, looks for its lines with memchr, writes them to PORT
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::size_t block_bytes = 256u << 10;
volatile std::sig_atomic_t ended = 0;

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void write_whole(int fd, const char* at, std::size_t length) {
  while (length > 0) {
    const auto count = ::write(fd, at, length);
    if (count <= 0) std::exit(1);
    at += count;
    length -= static_cast<std::size_t>(count);
  }
}

// What one connection has sent of an HTTP request that is not complete.
struct Connection {
  int fd = -1;
  std::string head;
  std::size_t body_left = 0;
};

struct Totals {
  std::uint64_t lines = 0, bytes = 0;
  double first = 0, last = 0;
  void add(const char* at, std::size_t length) {
    lines += static_cast<std::uint64_t>(std::count(at, at + length, '\n'));
    bytes += length;
    last = seconds();
    if (first == 0) first = last;
  }
};

// False: the connection is to be closed.
bool take_http(Connection& connection, const char* at, std::size_t length, Totals& totals) {
  while (length > 0) {
    if (connection.body_left > 0) {
      const std::size_t part = std::min(length, connection.body_left);
      totals.add(at, part);
      at += part;
      length -= part;
      connection.body_left -= part;
      if (connection.body_left > 0) return true;
      static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
      if (::send(connection.fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) return false;
      continue;
    }
    connection.head += *at++;
    --length;
    if (!connection.head.ends_with("\r\n\r\n")) continue;
    const auto field = connection.head.find("Content-Length: ");
    if (field == std::string::npos) return false;
    connection.body_left = std::strtoull(connection.head.c_str() + field + 16, nullptr, 10);
    connection.head.clear();
  }
  return true;
}

int receive(bool http, std::uint64_t expected) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 64) != 0) return 1;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  struct sigaction action {};
  action.sa_handler = [](int) { ended = 1; };
  ::sigaction(SIGTERM, &action, nullptr);
  std::vector<Connection> connections;
  std::vector<char> block(block_bytes);
  Totals totals;
  while (!ended && totals.lines < expected) {
    std::vector<pollfd> waiting{{listener, POLLIN, 0}};
    for (const auto& connection : connections) waiting.push_back({connection.fd, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), 1000) <= 0) continue;
    for (std::size_t i = waiting.size() - 1; i > 0; --i) {
      if (!waiting[i].revents) continue;
      Connection& connection = connections[i - 1];
      const auto count = ::recv(connection.fd, block.data(), block.size(), 0);
      bool open = count > 0;
      if (open && http) open = take_http(connection, block.data(), static_cast<std::size_t>(count), totals);
      if (open && !http) totals.add(block.data(), static_cast<std::size_t>(count));
      if (open) continue;
      ::close(connection.fd);
      connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
    if (waiting[0].revents) connections.push_back({::accept(listener, nullptr, nullptr), "", 0});
  }
  if (!ended) ::usleep(200'000);  // an answer that is on its way goes before the connection
  std::printf("%llu %llu %.6f %.6f\n", static_cast<unsigned long long>(totals.lines),
              static_cast<unsigned long long>(totals.bytes), totals.first, totals.last);
  return 0;
}

int drain(const char* path, int port) {
  const int file = ::open(path, O_RDONLY), connection = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  if (file < 0 || ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
  std::vector<char> block(block_bytes);
  std::size_t kept = 0;
  std::uint64_t lines = 0;
  for (ssize_t count; (count = ::read(file, block.data() + kept, block.size() - kept)) > 0;) {
    const char* at = block.data();
    const char* const end = at + kept + count;
    while (const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      at = static_cast<const char*>(newline) + 1;
      ++lines;
    }
    write_whole(connection, block.data(), static_cast<std::size_t>(at - block.data()));
    kept = static_cast<std::size_t>(end - at);
    std::memmove(block.data(), at, kept);
  }
  ::shutdown(connection, SHUT_WR);
  return lines > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  if ((what == "tcp" || what == "http") && count == 3)
    return receive(what == "http", std::strtoull(arguments[2], nullptr, 10));
  if (what == "loop" && count == 4) return drain(arguments[2], std::atoi(arguments[3]));
  std::fprintf(stderr, "usage: log_peers tcp LINES | http LINES | loop FILE PORT\n");
  return 64;
}
