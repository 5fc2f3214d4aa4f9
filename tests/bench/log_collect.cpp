// Takes stamped lines and keeps account of every one: how late it was, whether it came twice, which never came.
//
//   log_collect tcp|http [FILE]  prints its port. SIGUSR1: goes away (closes everything), SIGUSR2: is back on that
//   port.
//
// HTTP: a body whose Idempotency-Key came before is answered and not counted, as a receiver does that remembers keys.
// On SIGTERM it prints one line of JSON and ends:
//   lines, distinct, twice   records, different ones, and those that came again
//   known_lines              in bodies that were recognised by their key
//   p50_ms, p99_ms, max_ms   from the line's stamp to here, of what came while it was not away and caught up
//   catch_up_s               from the last return until lines were less than 100 ms late again; -1: never
// and writes to FILE, if one was named after tcp|http, one byte for each sequence: how often it came (at most 255).
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <set>
#include <vector>

#include "tests/bench/log_http.hpp"
#include "tests/bench/log_net.hpp"

namespace {

using namespace bench;

volatile std::sig_atomic_t ended = 0, wanted_away = 0, forget = 0;

class Account {
 public:
  void take(std::string_view line) {
    std::uint64_t sequence = 0;
    std::int64_t time = 0;
    if (!read_stamp(line, sequence, time)) return;
    ++lines_;
    if (sequence >= seen_.size()) seen_.resize(std::max<std::size_t>(sequence + 1, seen_.size() * 2));
    if (seen_[sequence] < 255) ++seen_[sequence];
    const std::int64_t late = now_ns() - time;
    if (returned_ > 0 && late < 100'000'000) {
      catch_up_ = now_ns() - returned_;
      returned_ = 0;
    }
    if (returned_ == 0) late_.push_back(late);
  }
  void known(std::uint64_t lines) { known_ += lines; }
  void returned() { returned_ = now_ns(); }
  void forget_delays() { late_.clear(); }

  void print() {
    std::sort(late_.begin(), late_.end());
    const auto part = [&](double share) {
      if (late_.empty()) return -1.0;
      return static_cast<double>(late_[static_cast<std::size_t>(share * static_cast<double>(late_.size() - 1))]) / 1e6;
    };
    std::uint64_t distinct = 0, twice = 0;
    for (const auto often : seen_) {
      distinct += often > 0;
      twice += often > 1 ? often - 1u : 0u;
    }
    std::printf(
        "{\"lines\": %llu, \"distinct\": %llu, \"twice\": %llu, \"known_lines\": %llu, \"p50_ms\": %.4f, "
        "\"p99_ms\": %.4f, \"max_ms\": %.4f, \"catch_up_s\": %.3f}\n",
        static_cast<unsigned long long>(lines_), static_cast<unsigned long long>(distinct),
        static_cast<unsigned long long>(twice), static_cast<unsigned long long>(known_), part(0.5), part(0.99), part(1),
        returned_ > 0 ? -1.0 : static_cast<double>(catch_up_) / 1e9);
  }
  const std::vector<unsigned char>& seen() const { return seen_; }

 private:
  std::vector<unsigned char> seen_;
  std::vector<std::int64_t> late_;
  std::uint64_t lines_ = 0, known_ = 0;
  std::int64_t returned_ = 0, catch_up_ = 0;
};

struct Connection {
  int fd = -1;
  std::unique_ptr<HttpConnection> http;
  std::string text;  // of TCP: a line that has begun; of HTTP: the body so far
};

template <class Take>
void each_line(std::string& text, Take&& take) {
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    take(std::string_view(text).substr(begin, end - begin));
  text.erase(0, begin);
}

class Collector {
 public:
  explicit Collector(bool http) : http_(http), listener_(listen_on(port_)) {}
  int port() const { return port_; }
  Account& account() { return account_; }

  void go_away() {
    ::close(listener_);
    for (const auto& connection : connections_) ::close(connection.fd);
    connections_.clear();
    listener_ = -1;
  }
  void come_back() {
    listener_ = listen_on(port_);
    if (listener_ >= 0) account_.returned();
  }
  bool is_away() const { return listener_ < 0; }

  void serve() {
    std::vector<pollfd> waiting{{listener_, POLLIN, 0}};  // a negative descriptor is left out
    for (const auto& connection : connections_) waiting.push_back({connection.fd, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), 100) <= 0) return;
    for (std::size_t i = waiting.size() - 1; i > 0; --i) {
      if (!waiting[i].revents || read(connections_[i - 1])) continue;
      ::close(connections_[i - 1].fd);
      connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
    if (waiting[0].revents)
      connections_.push_back({::accept(listener_, nullptr, nullptr), std::make_unique<HttpConnection>(), {}});
  }

 private:
  bool read(Connection& connection) {
    const auto count = ::recv(connection.fd, block_.data(), block_.size(), 0);
    if (count <= 0) return false;
    const auto length = static_cast<std::size_t>(count);
    if (!http_) {
      connection.text.append(block_.data(), length);
      each_line(connection.text, [&](std::string_view line) { account_.take(line); });
      return true;
    }
    const auto piece = [&](const Request&, const char* at, std::size_t n) { connection.text.append(at, n); };
    const auto whole = [&](const Request& request) {
      const bool is_new = request.key.empty() || keys_.insert(request.key).second;
      std::uint64_t lines = 0;
      each_line(connection.text, [&](std::string_view line) { is_new ? account_.take(line) : void(++lines); });
      account_.known(lines);
      connection.text.clear();
    };
    return connection.http->take(connection.fd, block_.data(), length, piece, whole);
  }

  bool http_;
  int port_ = 0, listener_;
  std::vector<Connection> connections_;
  std::vector<char> block_ = std::vector<char>(256u << 10);
  std::set<std::string> keys_;
  Account account_;
};

void on_signal(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string kind = count > 1 ? arguments[1] : "";
  if (kind != "tcp" && kind != "http") return std::fprintf(stderr, "usage: log_collect tcp|http [FILE]\n"), 64;
  on_signal(SIGTERM, [](int) { ended = 1; });
  on_signal(SIGUSR1, [](int) { wanted_away = 1; });
  on_signal(SIGUSR2, [](int) { wanted_away = 0; });
  on_signal(SIGHUP, [](int) { forget = 1; });
  Collector collector(kind == "http");
  std::printf("%d\n", collector.port());
  std::fflush(stdout);
  while (!ended) {
    if (wanted_away && !collector.is_away()) collector.go_away();
    if (!wanted_away && collector.is_away()) collector.come_back();
    if (forget) collector.account().forget_delays();
    forget = 0;
    collector.serve();
  }
  collector.account().print();
  if (count > 2) {
    std::FILE* const file = std::fopen(arguments[2], "wb");
    const auto& seen = collector.account().seen();
    if (!file || std::fwrite(seen.data(), 1, seen.size(), file) != seen.size()) return 1;
    std::fclose(file);
  }
  return 0;
}
