// The other end of the log drain, and the least that draining or following a file can cost.
//
//   log_peers tcp|http LINES    takes records; prints its port, and when LINES have come, or on SIGTERM,
//                               "LINES BYTES FIRST LAST": how many came, and when (CLOCK_MONOTONIC)
//   log_peers loop FILE PORT    reads FILE, looks for its lines with memchr, writes them to PORT
//   log_peers follow FILE PORT  the same and goes on: inotify says when there is more
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <vector>

#include "tests/bench/log_http.hpp"
#include "tests/bench/log_net.hpp"

namespace {

using namespace bench;

constexpr std::size_t block_bytes = 256u << 10;
volatile std::sig_atomic_t ended = 0;

struct Connection {
  int fd = -1;
  std::unique_ptr<HttpConnection> http;
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

int receive(bool http, std::uint64_t expected) {
  int port = 0;
  const int listener = listen_on(port);
  if (listener < 0) return 1;
  std::printf("%d\n", port);
  std::fflush(stdout);
  struct sigaction action {};
  action.sa_handler = [](int) { ended = 1; };
  ::sigaction(SIGTERM, &action, nullptr);
  std::vector<Connection> connections;
  std::vector<char> block(block_bytes);
  Totals totals;
  const auto piece = [&](const Request&, const char* at, std::size_t length) { totals.add(at, length); };
  const auto whole = [](const Request&) {};
  while (!ended && totals.lines < expected) {
    std::vector<pollfd> waiting{{listener, POLLIN, 0}};
    for (const auto& connection : connections) waiting.push_back({connection.fd, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), 1000) <= 0) continue;
    for (std::size_t i = waiting.size() - 1; i > 0; --i) {
      if (!waiting[i].revents) continue;
      Connection& connection = connections[i - 1];
      const auto count = ::recv(connection.fd, block.data(), block.size(), 0);
      bool open = count > 0;
      const auto length = static_cast<std::size_t>(count);
      if (open && http) open = connection.http->take(connection.fd, block.data(), length, piece, whole);
      if (open && !http) totals.add(block.data(), length);
      if (open) continue;
      ::close(connection.fd);
      connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
    if (waiting[0].revents)
      connections.push_back({::accept(listener, nullptr, nullptr), std::make_unique<HttpConnection>()});
  }
  if (!ended) ::usleep(200'000);  // an answer that is on its way goes before the connection
  std::printf("%llu %llu %.6f %.6f\n", static_cast<unsigned long long>(totals.lines),
              static_cast<unsigned long long>(totals.bytes), totals.first, totals.last);
  return 0;
}

// Reads to the end of the file as it is now and writes its whole lines.
class Drain {
 public:
  Drain(int file, int connection) : file_(file), connection_(connection), block_(block_bytes) {}
  void run() {
    for (ssize_t count; (count = ::read(file_, block_.data() + kept_, block_.size() - kept_)) > 0;) {
      const char* at = block_.data();
      const char* const end = at + kept_ + count;
      while (const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
        at = static_cast<const char*>(newline) + 1;
        ++lines_;
      }
      write_whole(connection_, block_.data(), static_cast<std::size_t>(at - block_.data()));
      kept_ = static_cast<std::size_t>(end - at);
      std::memmove(block_.data(), at, kept_);
    }
  }
  std::uint64_t lines() const { return lines_; }

 private:
  int file_, connection_;
  std::vector<char> block_;
  std::size_t kept_ = 0;
  std::uint64_t lines_ = 0;
};

int drain(const char* path, int port) {
  const int file = ::open(path, O_RDONLY), connection = connect_to(port);
  if (file < 0 || connection < 0) return 1;
  Drain one(file, connection);
  one.run();
  ::shutdown(connection, SHUT_WR);
  return one.lines() > 0 ? 0 : 1;
}

int follow(const char* path, int port) {
  const int file = ::open(path, O_RDONLY), connection = connect_to(port), changes = ::inotify_init1(IN_CLOEXEC);
  if (file < 0 || connection < 0 || ::inotify_add_watch(changes, path, IN_MODIFY) < 0) return 1;
  Drain one(file, connection);
  char events[4096];
  do one.run();
  while (::read(changes, events, sizeof events) > 0);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  if ((what == "tcp" || what == "http") && count == 3)
    return receive(what == "http", std::strtoull(arguments[2], nullptr, 10));
  if (what == "loop" && count == 4) return drain(arguments[2], std::atoi(arguments[3]));
  if (what == "follow" && count == 4) return follow(arguments[2], std::atoi(arguments[3]));
  std::fprintf(stderr, "usage: log_peers tcp LINES | http LINES | loop FILE PORT | follow FILE PORT\n");
  return 64;
}
