// The same lines through tandem-log to a receiver, and what the receiver must have understood.
#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/log-syslog/syslog_server.hpp"
#include "tests/support/log/fixture.hpp"

namespace tandem::test {

inline constexpr int lines_sent = 2000;

inline std::string syslog_sink(int port, const std::string& more) {
  return fmt::format("- {{name: out, type: syslog, address: \"127.0.0.1:{}\", structuredData: \"tandem@32473\", {}}}",
                     port, more);
}

// Every line arrived once, in order, with its header and structured data as they were sent.
inline void check_run(const std::string& program, const ReceiverWish& wish, const std::string& more) {
  const SyslogServer server(program, wish);
  LogRun run(syslog_sink(server.port(), "protocol: " + wish.transport + ", facility: local0" + more));
  run.start();
  Writer writer(run.logs() / "app].log");  // a name that must be escaped
  // Nobody tells a sender of datagrams to wait: no more at once than a receiver's kernel holds.
  const int at_once = wish.transport == "udp" ? 100 : lines_sent;
  for (int sent = at_once; sent <= lines_sent; sent += at_once) {
    writer.write(at_once);
    if (wish.transport == "udp")
      REQUIRE(wait_until([&] { return server.received().size() >= static_cast<std::size_t>(sent); }));
  }
  CHECK(run.terminate().code == 0);
  INFO(server.output());
  INFO(read_file_if_exists(run.output()).value_or(""));
  REQUIRE(wait_until([&] { return server.received().size() >= lines_sent; }));
  const auto received = server.received();
  REQUIRE(received.size() == lines_sent);
  for (int i = 0; i < lines_sent; ++i) {
    const auto& one = received[static_cast<std::size_t>(i)];
    INFO("message " << i);
    REQUIRE(one.priority == "134");  // local0, info
    REQUIRE(one.host == "web-1");
    REQUIRE(one.app == "app");
    REQUIRE(one.text == line_of(i));
    REQUIRE(one.time.size() >= 26);
    REQUIRE(one.time[19] == '.');
    REQUIRE(one.data.find("[tandem@32473 file=\"") == 0);
    REQUIRE(one.data.find("/logs/app\\].log\" namespace=\"shop\" offset=\"") != std::string::npos);
  }
}

}  // namespace tandem::test
