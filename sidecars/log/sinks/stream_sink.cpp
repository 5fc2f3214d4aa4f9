#include "sidecars/log/sinks/stream_sink.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "core/net/timeout.hpp"

namespace tandem::shipper {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using State = net::Tried::State;

class Line {
 public:
  explicit Line(std::unique_ptr<net::ByteStream> open) : stream(std::move(open)) {}
  std::unique_ptr<net::ByteStream> stream;
  bool broken = false;
};

// tcp(7): what the peer's kernel has not acknowledged; unix(7): what the peer has not read.
std::uint64_t unacknowledged(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

// "": it is open.
std::string why_closed(net::ByteStream& stream) {
  const net::Tried seen = stream.look();
  if (seen.state == State::ended) return "the receiver closed it";
  return seen.state == State::failed ? seen.error : "";
}

net::awaitable<bool> ready(std::shared_ptr<Line> line, State wanted) {
  const bool is_ready = co_await net::wait_for(line->stream.get(), wanted);
  co_return is_ready;
}

class StreamSink final : public Sink {
 public:
  StreamSink(std::shared_ptr<net::Connector> connector, net::Endpoint address, std::chrono::milliseconds timeout,
             asio::io_context& io)
      : connector_(std::move(connector)),
        address_(std::move(address)),
        timeout_(timeout),
        turn_(io, asio::steady_timer::time_point::max()) {}

  net::awaitable<Outcome> write(const Batch& batch) override {
    // In the order of the calls: who has waited must not be overtaken by who comes just now.
    for (const std::uint64_t turn = turns_++; turn != now_serving_;) {
      auto [cancelled] = co_await turn_.async_wait(net::as_result);
      static_cast<void>(cancelled);
    }
    Outcome outcome = co_await put(batch.body.view());
    ++now_serving_;
    turn_.cancel();
    if (outcome.verdict != Verdict::delivered) co_return outcome;
    auto line = line_;
    const std::uint64_t end = line->stream->written();
    outcome = co_await arrival(std::move(line), end);
    co_return outcome;
  }

 private:
  net::awaitable<Outcome> put(std::string_view bytes) {
    if (line_ && (line_->broken || !why_closed(*line_->stream).empty())) {
      line_->broken = true;
      line_.reset();
    }
    if (!line_) {
      auto opened = co_await connector_->open(address_, timeout_);
      if (!opened.ok()) co_return failure(opened.error);
      line_ = std::make_shared<Line>(std::move(opened.stream));
    }
    while (!bytes.empty()) {
      // Mostly it fits: then there is nothing to wait for, and no timer to set.
      const net::Tried tried = line_->stream->try_write(bytes);
      if (tried.state == State::done) {
        bytes.remove_prefix(tried.bytes);
        continue;
      }
      const bool full = tried.state == State::wants_write || tried.state == State::wants_read;
      if (full) {
        auto waiting = ready(line_, tried.state);
        const auto is_ready = co_await net::with_timeout(std::move(waiting), timeout_);
        if (is_ready && *is_ready) continue;
      }
      line_->broken = true;
      co_return failure("send to " + net::to_string(address_) +
                        (full ? ": the receiver does not read" : ": the connection broke: " + tried.error));
    }
    co_return Outcome();
  }

  net::awaitable<Outcome> arrival(std::shared_ptr<Line> line, std::uint64_t end) {
    net::ByteStream& stream = *line->stream;
    const int fd = stream.socket().native_handle();
    std::uint64_t most = 0;
    std::string why;
    auto deadline = Clock::now() + timeout_;
    for (auto pause = 200us;; pause = std::min(pause * 2, 20000us)) {
      const std::uint64_t arrived = stream.written() - unacknowledged(fd);
      if (!line->broken && arrived >= end) co_return Outcome();
      if (arrived > most) deadline = Clock::now() + timeout_;
      most = std::max(most, arrived);
      why = why_closed(stream);
      if (line->broken || !why.empty() || Clock::now() > deadline) break;
      auto waited = co_await net::sleep_for(pause);
      static_cast<void>(waited);
    }
    line->broken = true;
    co_return failure("the connection to " + net::to_string(address_) + " broke before everything arrived" +
                      (why.empty() ? "" : ": " + why));
  }

  static Outcome failure(std::string why) {
    Outcome outcome(Verdict::retry_later, std::move(why));
    outcome.unreachable = true;
    return outcome;
  }

  std::shared_ptr<net::Connector> connector_;
  net::Endpoint address_;
  std::chrono::milliseconds timeout_;
  asio::steady_timer turn_;
  std::shared_ptr<Line> line_;
  std::uint64_t turns_ = 0, now_serving_ = 0;
};

}  // namespace

std::unique_ptr<Sink> make_stream_sink(std::shared_ptr<net::Connector> connector, net::Endpoint address,
                                       std::chrono::milliseconds timeout, asio::io_context& io) {
  return std::make_unique<StreamSink>(std::move(connector), std::move(address), timeout, io);
}

net::Endpoint read_address(Reader& item) {
  const std::string text = item.required_string("address");
  std::string why;
  const auto address = net::parse_endpoint(text, why);
  if (!text.empty() && !address) item.problem("address", "the address \"" + text + "\" " + why);
  return address.value_or(net::Endpoint());
}

}  // namespace tandem::shipper
