// Datagrams on loopback: what is cut, and where a batch goes on after a refusal.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"
#include "sidecars/log/sinks/syslog_udp.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace tandem::test;

namespace {

class Receiver {
 public:
  explicit Receiver(int port = 0) {
    socket_.reset(check([] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }, "make a socket"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    socklen_t size = sizeof address;
    check([&] { return ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size); }, "bind");
    check([&] { return ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size); }, "getsockname");
    port_ = ntohs(address.sin_port);
  }
  int port() const { return port_; }
  std::vector<std::string> all() const {
    std::vector<std::string> messages;
    std::string buffer(1 << 16, '\0');
    for (ssize_t count; (count = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) >= 0;)
      messages.push_back(buffer.substr(0, static_cast<std::size_t>(count)));
    return messages;
  }

 private:
  unique_fd socket_;
  int port_ = 0;
};

net::awaitable<void> write_into(Sink* sink, const Batch* batch, Outcome* outcome) {
  *outcome = co_await sink->write(*batch);
}

struct Setting {
  asio::io_context io;
  observe::Metrics metrics{{{"tandem_log_cut_messages_total", observe::MetricType::counter, "", {"sink"}}}};
  SinkContext context{io, metrics, {}};
  SinkSettings settings;
  Setting() { settings.name = "out"; }
  std::unique_ptr<Sink> make(int port, std::size_t most) {
    return make_syslog_udp_sink(net::Endpoint("127.0.0.1", static_cast<std::uint16_t>(port)), most, settings, context);
  }
  Outcome write(Sink& sink, const Batch& batch) {
    Outcome outcome;
    on_loop(io, write_into(&sink, &batch, &outcome));
    return outcome;
  }
};

Batch batch_of(const std::string& id, const std::vector<std::string>& messages) {
  Batch batch;
  batch.id = id;
  for (const auto& message : messages) {
    batch.body.append(std::to_string(message.size()) + " ");
    batch.body.append(message);
  }
  return batch;
}

}  // namespace

TEST_CASE("each message is a datagram, and a long one is cut at a character and counted") {
  Setting setting;
  const Receiver receiver;
  const auto sink = setting.make(receiver.port(), 480);
  const std::string with_newline = "one\ntwo", long_one = std::string(479, 'x') + "\xC3\xBC and more";
  CHECK(setting.write(*sink, batch_of("b", {with_newline, long_one, "3"})).verdict == Verdict::delivered);
  CHECK(receiver.all() == std::vector<std::string>{with_newline, std::string(479, 'x'), "3"});
  CHECK(setting.metrics.counter("tandem_log_cut_messages_total", {"out"}).value() == 1);
  const auto second = setting.make(receiver.port(), 480);  // of the same metrics
  CHECK(setting.write(*second, batch_of("b", {"4"})).verdict == Verdict::delivered);
}

TEST_CASE("a batch that nobody took goes on where it was refused") {
  Setting setting;
  int port = 0;
  {
    const Receiver gone;
    port = gone.port();
  }
  const auto sink = setting.make(port, 480);
  const auto batch = batch_of("b", {"1", "2", "3", "4"});
  const auto refused = setting.write(*sink, batch);
  CHECK(refused.verdict == Verdict::retry_later);
  CHECK(refused.unreachable);
  CHECK(refused.reason == "send to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  const Receiver receiver(port);
  CHECK(setting.write(*sink, batch).verdict == Verdict::delivered);
  // The first went out before anybody said that nobody listens.
  CHECK(receiver.all() == std::vector<std::string>{"2", "3", "4"});
}

TEST_CASE("a message is cut before the character that does not fit") {
  CHECK(cut_message("abc", 3) == "abc");
  CHECK(cut_message("abcd", 3) == "abc");
  CHECK(cut_message("ab\xC3\xBC", 3) == "ab");
  CHECK(cut_message("a\xF0\x9F\x98\x80", 4) == "a");
  CHECK(cut_message("a\x80\x80\x80\x80\x80\x80", 5) == "a\x80");
}

TEST_CASE("a body that is not octet-counted gives nothing") {
  for (const char* bad : {"", "x", "5", "5 abc", "99999999999999999999 a", "-1 a"}) {
    std::string_view body = bad;
    CHECK(take_message(body) == "");
    CHECK(body.empty());
  }
}
