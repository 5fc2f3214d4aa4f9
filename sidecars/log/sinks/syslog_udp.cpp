#include "sidecars/log/sinks/syslog_udp.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::shipper {
namespace {

std::string text_of(int error) { return std::generic_category().message(error); }

Outcome failure(const net::Endpoint& address, const std::string& why) {
  Outcome outcome(Verdict::retry_later, "send to " + net::to_string(address) + ": " + why);
  outcome.unreachable = true;
  return outcome;
}

class SyslogUdpSink final : public Sink {
 public:
  SyslogUdpSink(net::Endpoint address, std::size_t most_bytes, const SinkSettings& settings, const SinkContext& context)
      : address_(std::move(address)),
        most_(most_bytes),
        timeout_(settings.timeout),
        cut_(context.metrics.counter("tandem_log_cut_messages_total", {settings.name})),
        socket_(context.io) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    if (!socket_.is_open()) {
      auto opened = co_await open();
      if (!opened.empty()) co_return failure(address_, opened);
    }
    const bool again = batch.id == stopped_batch_;
    std::string_view rest = batch.body.view().substr(again ? std::min(stopped_at_, batch.body.size()) : 0);
    while (!rest.empty()) {
      std::string_view after = rest;
      const auto whole = take_message(after);
      const int error = send(whole);  // ECONNREFUSED is about one before: nothing of this one was sent
      if (error == 0) {
        rest = after;
        continue;
      }
      if (error == EAGAIN) {
        auto waiting = writable(&socket_);
        const auto ready = co_await net::with_timeout(std::move(waiting), timeout_);
        if (ready && *ready) continue;
      }
      stopped_batch_ = batch.id;
      stopped_at_ = batch.body.size() - rest.size();
      net::error_code ignored;
      socket_.close(ignored);
      co_return failure(address_, text_of(error));
    }
    stopped_batch_.clear();
    co_return Outcome();
  }

 private:
  // Connected, so that a refusal (ICMP) is told. "": it is open.
  net::awaitable<std::string> open() {
    auto addresses = co_await net::resolve(address_, timeout_);
    std::string why = addresses.error;
    for (const auto& address : addresses.all) {
      unique_fd made(::socket(address.protocol().family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (made && ::connect(made.get(), address.data(), static_cast<socklen_t>(address.size())) == 0) {
        socket_.assign(made.release());
        co_return std::string();
      }
      why = text_of(errno);
    }
    co_return why.empty() ? std::string("no address") : why;
  }

  int send(std::string_view whole) {
    auto message = cut_message(whole, most_);
    for (;;) {
      const auto count = ::send(socket_.native_handle(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count >= 0) {
        if (message.size() < whole.size()) cut_.add();
        return 0;
      }
      if (errno == EINTR) continue;
      if (errno != EMSGSIZE || message.size() < 512) return errno;
      message = cut_message(whole, message.size() / 2);  // more than the way to there carries
    }
  }

  static net::awaitable<bool> writable(asio::posix::stream_descriptor* socket) {
    auto [failed] = co_await socket->async_wait(asio::posix::stream_descriptor::wait_write, net::as_result);
    co_return !failed;
  }

  net::Endpoint address_;
  std::size_t most_;
  std::chrono::milliseconds timeout_;
  observe::Counter& cut_;
  asio::posix::stream_descriptor socket_;
  std::string stopped_batch_;
  std::size_t stopped_at_ = 0;
};

}  // namespace

std::string_view take_message(std::string_view& body) {
  std::size_t length = 0;
  const auto [end, failed] = std::from_chars(body.data(), body.data() + body.size(), length);
  const auto prefix = static_cast<std::size_t>(end - body.data()) + 1;
  if (failed != std::errc() || prefix > body.size() || length > body.size() - prefix) {
    body = {};
    return {};
  }
  const auto message = body.substr(prefix, length);
  body.remove_prefix(prefix + length);
  return message;
}

std::string_view cut_message(std::string_view message, std::size_t most) {
  if (message.size() <= most) return message;
  std::size_t end = most;
  for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80; ++back) --end;
  return message.substr(0, end);
}

std::unique_ptr<Sink> make_syslog_udp_sink(net::Endpoint address, std::size_t most_bytes, const SinkSettings& settings,
                                           const SinkContext& context) {
  return std::make_unique<SyslogUdpSink>(std::move(address), most_bytes, settings, context);
}

}  // namespace tandem::shipper
