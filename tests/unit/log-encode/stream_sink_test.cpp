#include "sidecars/log/sinks/stream_sink.hpp"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "core/os/unique_fd.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

// One end of a pair of sockets; calls `meanwhile` from the loop before the caller of open() goes on.
class PairConnector final : public net::Connector {
 public:
  PairConnector(asio::io_context& io, std::function<void()> meanwhile) : io_(&io), meanwhile_(std::move(meanwhile)) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    near_ = unique_fd(ends[0]);
    far_ = unique_fd(ends[1]);
  }
  net::awaitable<net::Opened> open(net::Endpoint, std::chrono::milliseconds) override {
    co_await asio::post(*io_, net::as_result);  // the others have asked for their turn
    asio::post(*io_, meanwhile_);
    net::Socket socket(*io_);
    socket.assign(asio::local::stream_protocol(), near_.release());
    co_return net::Opened(net::make_plain_stream(std::move(socket)));
  }
  std::string received(std::size_t bytes) {
    std::string text(bytes, '\0');
    const auto count = ::recv(far_.get(), text.data(), bytes, 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

 private:
  asio::io_context* io_;
  std::function<void()> meanwhile_;
  unique_fd near_, far_;
};

net::awaitable<void> write_one(Sink* sink, const Batch* batch, int* delivered) {
  const Outcome outcome = co_await sink->write(*batch);
  if (outcome.verdict == Verdict::delivered) ++*delivered;
}

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

TEST_CASE("Batches go out in the order of the calls, also when one comes as a turn ends", "[log]") {
  asio::io_context io;
  std::unique_ptr<Sink> sink;
  Batch batches[3];
  for (int i = 0; i < 3; ++i) batches[i].body.append(std::string(1, static_cast<char>('a' + i)));
  int delivered = 0;
  const auto write = [&](int i) { asio::co_spawn(io, write_one(sink.get(), &batches[i], &delivered), rethrow); };
  auto connector = std::make_shared<PairConnector>(io, [&] { write(2); });
  sink = make_stream_sink(connector, net::Endpoint(), std::chrono::seconds(5), io);
  write(0);
  write(1);
  std::string received;
  for (int i = 0; i < 500 && delivered < 3; ++i) {
    io.run_for(std::chrono::milliseconds(10));
    received += connector->received(3);
  }
  CHECK(received == "abc");
  CHECK(delivered == 3);
}
