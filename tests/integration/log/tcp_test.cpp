// The sink of lines over TCP, and what it promises without acknowledgements.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

// Takes one connection after the other, and counts whole lines. A line that a broken connection cut off is left out.
class LineReceiver {
 public:
  explicit LineReceiver(int port, std::size_t break_after = 0) : break_after_(break_after) {
    listener_.reset(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make a socket"));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const int little = 64 << 10;  // so that little waits in the receiver's kernel
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    check([&] { return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "bind");
    check([&] { return ::listen(listener_.get(), 4); }, "listen");
    thread_ = std::thread([this] { serve(); });
  }
  ~LineReceiver() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (const int open = open_; open >= 0) ::shutdown(open, SHUT_RDWR);
    thread_.join();
  }
  LineReceiver(const LineReceiver&) = delete;
  LineReceiver& operator=(const LineReceiver&) = delete;

  std::size_t count() const { return count_; }  // of lines, with repetitions
  std::map<std::string, int> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  int connections() const { return connections_; }
  std::atomic<bool> reads{true};

 private:
  void serve() {
    while (!stopping_) {
      const unique_fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      open_ = connection.get();
      ++connections_;
      take(connection.get());
      open_ = -1;
    }
  }

  void take(int connection) {
    std::string bytes;
    std::size_t all = 0;
    char buffer[64 * 1024];
    while (!stopping_) {
      if (!reads) {
        ::usleep(10'000);
        continue;
      }
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      all += static_cast<std::size_t>(count);
      bytes.append(buffer, static_cast<std::size_t>(count));
      const std::lock_guard lock(mutex_);
      std::size_t begin = 0;
      for (std::size_t end; (end = bytes.find('\n', begin)) != std::string::npos; begin = end + 1, ++count_)
        ++lines_[bytes.substr(begin, end - begin)];
      bytes.erase(0, begin);
      if (connections_ == 1 && break_after_ > 0 && all > break_after_) return;
    }
  }

  std::size_t break_after_;
  unique_fd listener_;
  std::atomic<std::size_t> count_{0};
  std::atomic<int> open_{-1}, connections_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::string, int> lines_;
  std::thread thread_;
};

std::string tcp_sink(int port, const std::string& more) {
  return fmt::format("- {{name: out, type: tcp, address: \"127.0.0.1:{}\", format: raw, {}}}", port, more);
}

}  // namespace

TEST_CASE("lines over TCP wait for a receiver that is away, and arrive once each") {
  const int port = free_port();
  LogRun run(tcp_sink(port, "batch: {maxBytes: 32Ki}"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(5000);
  REQUIRE(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") > 0; }));
  LineReceiver receiver(port);
  CHECK(wait_until([&] { return receiver.lines().size() == 5000; }));
  writer.write(5000);
  CHECK(run.terminate().code == 0);
  CHECK(wait_until([&] { return receiver.lines().size() == 10'000; }));
  CHECK(compare(receiver.lines(), 10'000) == "");
  CHECK(receiver.connections() == 1);
}

TEST_CASE("what was on its way over TCP when the connection broke comes again, and nothing else") {
  const int port = free_port();
  LineReceiver receiver(port, 300'000);
  LogRun run(tcp_sink(port, "inFlight: 2, batch: {maxBytes: 32Ki}"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(20'000);
  // Not a line is missing but those that the first receiver's kernel had taken and nobody read.
  CHECK(wait_until([&] { return receiver.lines().count(line_of(19'999)) == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.connections() == 2);
  std::size_t repeated = 0;
  for (const auto& [line, times] : receiver.lines())
    repeated += static_cast<std::size_t>(times - 1) * (line.size() + 1);
  CHECK(repeated <= 2 * (32u << 10) + 200);
}

TEST_CASE("a receiver that does not read holds the shipper back, and loses nothing") {
  const int port = free_port();
  LineReceiver receiver(port);
  receiver.reads = false;
  LogRun run(tcp_sink(port, "timeout: 60s"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(150'000);  // 9 MB: more than the kernels' buffers
  CHECK(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") > 1e6; }));
  receiver.reads = true;
  CHECK(wait_until([&] { return receiver.count() >= 150'000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.lines(), 150'000) == "");
}

TEST_CASE("a TCP sink without a good address is refused with its place") {
  LogRun run("- {name: out, type: tcp, address: \"nowhere\"}\n- {name: two, type: tcp}");
  Child child({TANDEM_BINARY_DIR "/bin/tandem-log", "--check", "--config", (run.directory() / "config.yaml").string()},
              run.output());
  CHECK(child.wait().code == 65);
  const auto said = read_file(run.output());
  CHECK(said.find("sinks[0].address: the address \"nowhere\"") != std::string::npos);
  CHECK(said.find("sinks[1]: the field \"address\" is missing") != std::string::npos);
}
