// Lines by sockets: back-pressure, spools that are bounded, records of several lines by peer.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <thread>

#include "core/os/files.hpp"
#include "tests/integration/log-sources/run.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::uint64_t bytes_below(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code gone;
  for (const auto& name : list_directory(directory)) {
    const auto size = fs::file_size(directory / name, gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

TEST_CASE("a full spool holds up a stream's sender, drops UDP and counts it, and all of the stream arrives at last") {
  Receiver receiver;
  std::atomic<bool> away{true};
  receiver.set_answer([&](int) { return away ? Answer::unavailable : Answer::none; });
  SourcesRun run(
      "sources: [{name: in, type: socket, listen: {unix: DIR/in, udp: \"127.0.0.1:PORT\"}, spool: {maxBytes: 256Ki}}]\n"
      "sinks:\n" +
      http_sink("out", receiver));
  run.start();
  unique_fd sender = connect_stream(run.directory() / "in");
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += fmt::format("line {:06} {}\n", i, std::string(60, 'x'));
  std::size_t sent = 0;
  const auto send_some = [&] {
    const ssize_t count = ::send(sender.get(), bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<std::size_t>(count);
    return sent == bytes.size();
  };
  CHECK(wait_until([&] {
    send_some();
    return run.ask("/readyz").find("the spool of in is full") != std::string::npos;
  }));
  CHECK_FALSE(wait_until(send_some, 1s));
  CHECK(sent < bytes.size());
  CHECK(bytes_below(run.spool()) < 400 * 1024);
  for (int i = 0; i < 10; ++i) send_datagram(run.port(), "by udp");
  CHECK(wait_until([&] { return run.metric("tandem_log_dropped_datagrams_total{source=\"in\"}") == 10; }));
  away = false;
  REQUIRE(wait_until(send_some));
  sender.reset();
  REQUIRE(wait_until([&] { return receiver.count() >= 20'000; }));
  CHECK(receiver.messages().size() == 20'000);
  CHECK(receiver.count() == 20'000);
  // Whole files go; the one that is written stays.
  CHECK(wait_until([&] { return list_directory(run.spool()).size() <= 1; }));
  CHECK(run.terminate().code == 0);
}

TEST_CASE("a spool's file is deleted only when the slowest sink has it") {
  Receiver fast, slow;
  std::atomic<bool> away{true};
  slow.set_answer([&](int) { return away ? Answer::unavailable : Answer::none; });
  SourcesRun run(
      "sources: [{name: in, type: socket, listen: {tcp: \"127.0.0.1:PORT\"}, spool: {maxBytes: 512Ki}}]\n"
      "sinks:\n" +
      http_sink("fast", fast) + http_sink("slow", slow));
  run.start();
  {
    const unique_fd sender = connect_stream(run.port());
    for (int i = 0; i < 3000; ++i)
      write_all(sender.get(), fmt::format("{:06} {}\n", i, std::string(80, 'x')), "a socket");
  }
  REQUIRE(wait_until([&] { return fast.count() == 3000; }));
  const auto files = list_directory(run.spool());
  REQUIRE(files.size() > 1);
  std::this_thread::sleep_for(1500ms);  // more than one look; nothing may happen in it
  CHECK(list_directory(run.spool()) == files);
  away = false;
  REQUIRE(wait_until([&] { return slow.count() == 3000; }));
  CHECK(wait_until([&] { return list_directory(run.spool()).size() == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK(slow.messages().size() == 3000);
}

TEST_CASE("records of several lines are put together for each sender") {
  Receiver receiver;
  SourcesRun run(
      "sources: [{name: in, type: socket, listen: {tcp: \"127.0.0.1:PORT\"}, multiline: {start: \"^[^ ]\"}}]\n"
      "sinks:\n" +
      http_sink("out", receiver));
  run.start();
  const unique_fd first = connect_stream(run.port()), second = connect_stream(run.port());
  for (const char* line : {"begin\n", " middle\n", " end\n"}) {
    write_all(first.get(), line, "a socket");
    write_all(second.get(), line, "a socket");
  }
  REQUIRE(wait_until([&] { return receiver.count() == 2; }));
  CHECK(receiver.messages().count("begin\n middle\n end") == 1);
  CHECK(run.terminate().code == 0);
}

TEST_CASE("a new config closes a source's port and opens another's, and connections that go on are not cut") {
  Receiver receiver;
  SourcesRun run(
      "sources:\n- {name: in, type: socket, listen: {unix: DIR/in}}\n- {name: old, type: socket, listen: {unix: "
      "DIR/old}}\n"
      "sinks:\n" +
      http_sink("out", receiver));
  run.start();
  const unique_fd sender = connect_stream(run.directory() / "in");
  write_all(sender.get(), "before\n", "a socket");
  REQUIRE(wait_until([&] { return receiver.count() == 1; }));
  std::string config = read_file(run.directory() / "config.yaml");
  config.replace(config.find("name: old"), 9, "name: new");
  config.replace(config.find("/old}"), 5, "/new}");
  write_file(run.directory() / "config.yaml", config);
  run.reload();
  REQUIRE(wait_until([&] { return fs::exists(run.directory() / "new"); }));
  CHECK(wait_until([&] { return !fs::exists(run.directory() / "old"); }));
  write_all(sender.get(), "after\n", "a socket");
  write_all(connect_stream(run.directory() / "new").get(), "to the new one\n", "a socket");
  CHECK(wait_until([&] { return receiver.count() == 3; }));
  CHECK(run.terminate().code == 0);
}

TEST_CASE("a source that is changed by SIGHUP goes on listening where it did: nobody is turned away, no message lost") {
  Receiver receiver;
  SourcesRun run(
      "sources: [{name: in, type: syslog, listen: {tcp: \"127.0.0.1:PORT\", udp: \"127.0.0.1:PORT\", unix: DIR/in}}]\n"
      "sinks:\n" +
      http_sink("out", receiver));
  run.start();
  std::atomic<bool> stop{false};
  std::atomic<int> sent{0};
  std::thread sender([&] {
    while (!stop) {
      connect_stream(run.port());  // throws when nobody listens
      connect_stream(run.directory() / "in");
      send_datagram(run.port(), "<13>one");
      ++sent;
    }
  });
  CHECK(wait_until([&] { return sent > 30; }));
  std::string config = read_file(run.directory() / "config.yaml");
  config.replace(config.find(", unix: "), 0, ", unixgram: " + (run.directory() / "more").string());
  write_file(run.directory() / "config.yaml", config);
  run.reload();
  CHECK(wait_until([&] { return fs::exists(run.directory() / "more"); }));
  const int before = sent;
  CHECK(wait_until([&] { return sent > before + 30; }));
  stop = true;
  sender.join();
  write_all(connect_stream(run.port()).get(), "<13>one\n", "a socket");
  write_all(connect_stream(run.directory() / "in").get(), "<13>one\n", "a socket");
  sent += 2;
  CHECK(wait_until([&] { return receiver.count() >= static_cast<std::size_t>(sent); }));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.count() == static_cast<std::size_t>(sent));
  INFO(run.output());
  CHECK(run.output().find("in use") == std::string::npos);
  CHECK_FALSE(fs::exists(run.directory() / "in"));
}

TEST_CASE("what has taken the name of a Unix socket keeps its permissions at SIGHUP, and its name at the end") {
  const std::string key = GENERATE("unix", "unixgram");
  Receiver receiver;
  SourcesRun run("sources: [{name: in, type: socket, listen: {" + key +
                 ": DIR/logs/in}, socketMode: \"0660\"}]\nsinks:\n" + http_sink("out", receiver));
  run.start();
  const auto path = run.directory() / "logs/in", secret = run.directory() / "secret";
  CHECK((fs::status(path).permissions() & fs::perms::mask) == fs::perms(0660));
  write_file(secret, "secret", 0400);
  fs::remove(path);
  fs::create_symlink(secret, path);
  std::string config = read_file(run.directory() / "config.yaml");
  config.replace(config.find("0660"), 4, "0666");
  write_file(run.directory() / "config.yaml", config);
  run.reload();
  REQUIRE(wait_until([&] { return run.metric("tandem_config_reloads_total{result=\"taken\"}") == 1; }));
  CHECK((fs::status(secret).permissions() & fs::perms::mask) == fs::perms(0400));
  CHECK(run.terminate().code == 0);
  CHECK(fs::is_symlink(path));
  CHECK(read_file(secret) == "secret");
}

TEST_CASE("another mode for a Unix socket is taken over by SIGHUP, and its sender goes on") {
  Receiver receiver;
  SourcesRun run("sources: [{name: in, type: socket, listen: {unix: DIR/in}, socketMode: \"0600\"}]\nsinks:\n" +
                 http_sink("out", receiver));
  run.start();
  std::string config = read_file(run.directory() / "config.yaml");
  config.replace(config.find("0600"), 4, "0606");
  write_file(run.directory() / "config.yaml", config);
  run.reload();
  CHECK(wait_until(
      [&] { return (fs::status(run.directory() / "in").permissions() & fs::perms::mask) == fs::perms(0606); }));
  write_all(connect_stream(run.directory() / "in").get(), "one\n", "a socket");
  CHECK(wait_until([&] { return receiver.count() == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK_FALSE(fs::exists(run.directory() / "in"));
}
