// logger(1) as a client.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/log-sources/run.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const std::string sources =
    "sources: [{name: in, type: syslog, listen: {tcp: \"127.0.0.1:PORT\", udp: \"127.0.0.1:PORT\", unix: DIR/stream, "
    "unixgram: DIR/log}}]\n"
    "transforms: [{name: parse, type: syslog}]\nsinks:\n";

std::string lines_file(const fs::path& path, const std::string& prefix, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("{} {}\n", prefix, i);
  write_file(path, text);
  return path;
}

}  // namespace

TEST_CASE(
    "logger's messages arrive over UDP, TCP, counted TCP and a Unix datagram socket, parsed and with their peer") {
  Receiver receiver;
  SourcesRun run(sources + http_sink("out", receiver));
  run.start();
  const std::string port = std::to_string(run.port());
  CHECK(run_logger({"--server", "127.0.0.1", "--port", port, "--udp", "--rfc5424", "-t", "app", "by udp"}) == "");
  CHECK(run_logger({"--server", "127.0.0.1", "--port", port, "--tcp", "--rfc5424", "-t", "app", "by tcp"}) == "");
  CHECK(run_logger({"--server", "127.0.0.1", "--port", port, "--tcp", "--rfc5424", "--octet-count", "-t", "app",
                    "by counted tcp"}) == "");
  CHECK(run_logger({"--server", "127.0.0.1", "--port", port, "--tcp", "--rfc3164", "-t", "app", "by old tcp"}) == "");
  CHECK(run_logger({"--socket", (run.directory() / "log").string(), "-t", "app", "by datagram"}) == "");
  REQUIRE(wait_until([&] { return receiver.count() == 5; }));
  for (const char* message : {"by udp", "by tcp", "by counted tcp", "by old tcp", "by datagram"})
    CHECK(receiver.messages().count(message) == 1);
  int from_network = 0, from_process = 0;
  for (const auto& peer : values(receiver, "peer")) {
    from_network += peer.starts_with("127.0.0.1:");
    from_process += peer.find("uid=") != std::string::npos;
  }
  CHECK(from_network == 4);
  CHECK(from_process == 1);
  for (const auto& name : values(receiver, "source")) CHECK(name == "in");
  for (const auto& name : values(receiver, "file")) CHECK(name == "-");
  CHECK(run.metric("tandem_log_received_messages_total{source=\"in\"}") == 5);
  CHECK(run.terminate().code == 0);
  CHECK_FALSE(fs::exists(run.directory() / "log"));
}

TEST_CASE("messages in the spool outlive SIGKILL and arrive once, and the sockets are taken again") {
  Receiver receiver;
  std::atomic<bool> away{true};
  receiver.set_answer([&](int) { return away ? Answer::unavailable : Answer::none; });
  SourcesRun run(sources + http_sink("out", receiver));
  run.start();
  const std::string file = lines_file(run.directory() / "lines", "first", 2000);
  const std::string port = std::to_string(run.port());
  CHECK(run_logger({"--server", "127.0.0.1", "--port", port, "--tcp", "--octet-count", "-f", file}) == "");
  REQUIRE(wait_until([&] { return run.metric("tandem_log_received_messages_total{source=\"in\"}") == 2000; }));
  run.kill();
  run.start();
  const std::string more = lines_file(run.directory() / "more", "second", 500);
  CHECK(run_logger({"--socket", (run.directory() / "log").string(), "-f", more}) == "");
  away = false;
  REQUIRE(wait_until([&] { return receiver.count() >= 2500; }));
  CHECK(run.terminate().code == 0);
  const auto messages = receiver.messages();
  CHECK(messages.size() == 2500);
  for (const auto& [message, count] : messages) CHECK(count == 1);
}

TEST_CASE("what a killed sender had in the kernel at SIGTERM is taken before the end") {
  Receiver receiver;
  SourcesRun run("sources: [{name: in, type: syslog, listen: {tcp: \"127.0.0.1:PORT\"}}]\nsinks:\n" +
                 http_sink("out", receiver));
  run.start();
  {
    const unique_fd sender = connect_stream(run.port());
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes += fmt::format("<13>message {}\n", i);
    write_all(sender.get(), bytes + "<13>without an end", "a socket");
  }
  CHECK(run.terminate().code == 0);
  CHECK(receiver.messages().size() == 1001);
  CHECK(receiver.messages().count("<13>without an end") == 1);
}

TEST_CASE("a newline in a counted message becomes #012, and a stream without sense is closed and counted") {
  Receiver receiver;
  SourcesRun run("sources: [{name: in, type: syslog, listen: {tcp: \"127.0.0.1:PORT\"}}]\nsinks:\n" +
                 http_sink("out", receiver));
  run.start();
  const unique_fd sender = connect_stream(run.port());
  write_all(sender.get(), "11 <13>one\ntwo9 <13>three4x nonsense", "a socket");
  REQUIRE(wait_until([&] { return receiver.count() == 2; }));
  CHECK(receiver.messages() == std::map<std::string, int>{{"<13>one#012two", 1}, {"<13>three", 1}});
  CHECK(wait_until([&] { return run.metric("tandem_log_broken_streams_total{source=\"in\"}") == 1; }));
  CHECK(wait_until([&] { return run.metric("tandem_log_connections{source=\"in\"}") == 0; }));
  CHECK(run.terminate().code == 0);
}
