// Records as lines over one TCP (or Unix) connection. Lines have no acknowledgement; what the other side's kernel has
// acknowledged counts as delivered. So what is on its way when the connection breaks comes again, and what the receiver
// had not read from its own kernel when it died is lost: at most its receive buffer.
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"
#include "sidecars/log/sinks/sink.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Line {
 public:
  explicit Line(net::Socket open) : socket(std::move(open)) {}
  net::Socket socket;
  std::uint64_t sent = 0;  // into our kernel
  bool broken = false;
};

// tcp(7): what the peer's kernel has not acknowledged; unix(7): what the peer has not read.
std::uint64_t unacknowledged(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

bool is_closed(int fd) {
  char byte;
  const auto count = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

class TcpSink : public Sink {
 public:
  TcpSink(net::Endpoint address, std::chrono::milliseconds timeout, asio::io_context& io)
      : address_(std::move(address)), timeout_(timeout), turn_(io, asio::steady_timer::time_point::max()) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    while (writing_) {
      auto [cancelled] = co_await turn_.async_wait(net::as_result);
      static_cast<void>(cancelled);
    }
    writing_ = true;
    Outcome outcome = co_await put(batch.body.view());
    writing_ = false;
    turn_.cancel();
    if (outcome.verdict != Verdict::delivered) co_return outcome;
    auto line = line_;
    const std::uint64_t end = line->sent;
    outcome = co_await arrival(std::move(line), end);
    co_return outcome;
  }

 private:
  net::awaitable<Outcome> put(std::string_view bytes) {
    if (line_ && (line_->broken || is_closed(line_->socket.native_handle()))) {
      line_->broken = true;
      line_.reset();
    }
    if (!line_) {
      auto connected = co_await net::connect_to(address_, timeout_);
      if (!connected.ok()) co_return failure(connected.error);
      line_ = std::make_shared<Line>(std::move(connected.socket));
    }
    while (!bytes.empty()) {
      // Mostly it fits: then there is nothing to wait for, and no timer to set.
      const auto count = ::send(line_->socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count > 0) {
        line_->sent += static_cast<std::uint64_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
        continue;
      }
      const bool full = count < 0 && (errno == EAGAIN || errno == EINTR);
      if (full) {
        auto waiting = writable(line_);
        const auto ready = co_await net::with_timeout(std::move(waiting), timeout_);
        if (ready && *ready) continue;
      }
      line_->broken = true;
      co_return failure("send to " + net::to_string(address_) +
                        (full ? ": the receiver does not read" : ": the connection broke"));
    }
    co_return Outcome();
  }

  static net::awaitable<bool> writable(std::shared_ptr<Line> line) {
    auto [failed] = co_await line->socket.async_wait(net::Socket::wait_write, net::as_result);
    co_return !failed;
  }

  net::awaitable<Outcome> arrival(std::shared_ptr<Line> line, std::uint64_t end) {
    const int fd = line->socket.native_handle();
    std::uint64_t most = 0;
    auto deadline = Clock::now() + timeout_;
    for (auto pause = 200us;; pause = std::min(pause * 2, 20000us)) {
      const std::uint64_t arrived = line->sent - unacknowledged(fd);
      if (!line->broken && arrived >= end) co_return Outcome();
      if (arrived > most) deadline = Clock::now() + timeout_;
      most = std::max(most, arrived);
      if (line->broken || is_closed(fd) || Clock::now() > deadline) break;
      auto waited = co_await net::sleep_for(pause);
      static_cast<void>(waited);
    }
    line->broken = true;
    co_return failure("the connection to " + net::to_string(address_) + " broke before everything arrived");
  }

  static Outcome failure(std::string why) {
    Outcome outcome(Verdict::retry_later, std::move(why));
    outcome.unreachable = true;
    return outcome;
  }

  net::Endpoint address_;
  std::chrono::milliseconds timeout_;
  asio::steady_timer turn_;
  std::shared_ptr<Line> line_;
  bool writing_ = false;
};

}  // namespace

SinkType tcp_sink() {
  return {"tcp",
          with_keys({{"address", "HOST:PORT", "", "Lines are sent here, over one connection. Or unix:/PATH."}},
                    {&format_keys, &network_keys}),
          [](Reader& item, SinkSettings& sink) {
            read_format(item, sink);
            read_network(item, sink);
            const std::string text = item.required_string("address");
            std::string why;
            const auto address = net::parse_endpoint(text, why);
            if (!text.empty() && !address) item.problem("address", "the address \"" + text + "\" " + why);
            sink.make = [address](const SinkSettings& settings, const SinkContext& context) {
              return std::make_unique<TcpSink>(*address, settings.timeout, context.io);
            };
          }};
}

}  // namespace tandem::shipper
