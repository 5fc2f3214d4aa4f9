// Files that every sink has are deleted, and no others.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "core/os/files.hpp"
#include "sidecars/log/punch_hole.hpp"
#include "tests/integration/log-sources/run.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const std::string source =
    "sources:\n- {name: in, type: files, paths: [\"DIR/logs/*.log*\"], reclaim: {delete: true, RULES, quiet: 100ms}}\n"
    "sinks:\n";

std::string with(const std::string& rules) {
  std::string text = source;
  return text.replace(text.find("RULES"), 5, rules);
}

struct stat status_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status;
}

// app.log.COUNT is the oldest, app.log the newest; each 1000 bytes of one line.
void write_rotated(const fs::path& logs, int count) {
  for (int i = count; i >= 0; --i) {
    write_file(logs / (i ? fmt::format("app.log.{}", i) : "app.log"), fmt::format("{:0999}\n", 100 + i));
    fs::last_write_time(logs / (i ? fmt::format("app.log.{}", i) : "app.log"),
                        fs::file_time_type::clock::now() - std::chrono::minutes(i));
  }
}

}  // namespace

TEST_CASE("rotated files are deleted when the slowest sink has them, and the newest stay") {
  Receiver fast, slow;
  std::atomic<bool> away{true};
  slow.set_answer([&](int) { return away ? Answer::unavailable : Answer::none; });
  SourcesRun run(with("keep: 1") + http_sink("fast", fast) + http_sink("slow", slow));
  write_rotated(run.directory() / "logs", 4);
  run.start();
  REQUIRE(wait_until([&] { return fast.count() == 5; }));
  std::this_thread::sleep_for(1500ms);  // more than one look; nothing may happen in it
  CHECK(list_directory(run.directory() / "logs").size() == 5);
  away = false;
  REQUIRE(wait_until([&] { return slow.count() == 5; }));
  CHECK(wait_until([&] { return list_directory(run.directory() / "logs").size() == 2; }));
  CHECK(list_directory(run.directory() / "logs") == std::vector<std::string>{"app.log", "app.log.1"});
  CHECK(wait_until([&] { return run.metric("tandem_log_reclaimed_files_total{source=\"in\"}") == 3; }));
  CHECK(run.metric("tandem_log_reclaimed_bytes_total{source=\"in\"}") == 3000);
  CHECK(run.metric("tandem_log_lost_bytes_total{sink=\"slow\"}") == 0);
  CHECK(run.terminate().code == 0);
  CHECK(slow.count() == 5);
}

TEST_CASE("a file that somebody has open for writing stays, and what is written to it later arrives") {
  Receiver receiver;
  SourcesRun run(with("keep: 0") + http_sink("out", receiver));
  write_rotated(run.directory() / "logs", 2);
  unique_fd writer = open_file(run.directory() / "logs/app.log.2", O_WRONLY | O_APPEND);
  run.start();
  REQUIRE(wait_until([&] { return !fs::exists(run.directory() / "logs/app.log.1"); }));
  CHECK(fs::exists(run.directory() / "logs/app.log.2"));
  write_all(writer.get(), "late\n", "app.log.2");
  CHECK(wait_until([&] { return receiver.messages().count("late") == 1; }));
  // It is the newest now, so that it stays; app.log has no writer and goes.
  writer.reset();
  CHECK(wait_until([&] { return !fs::exists(run.directory() / "logs/app.log"); }));
  CHECK(fs::exists(run.directory() / "logs/app.log.2"));
  CHECK(run.terminate().code == 0);
}

TEST_CASE("past the quota shipped files go that would be kept, and readiness tells when that is not enough") {
  Receiver fast, slow;
  std::atomic<bool> away{true};
  slow.set_answer([&](int) { return away ? Answer::unavailable : Answer::none; });
  SourcesRun run(with("keep: 100, quota: 3000") + http_sink("fast", fast) + http_sink("slow", slow));
  write_rotated(run.directory() / "logs", 5);
  run.start();
  REQUIRE(wait_until([&] { return run.metric("tandem_log_source_bytes{source=\"in\"}") == 6000; }));
  CHECK(wait_until([&] { return run.ask("/readyz").find("larger than its quota") != std::string::npos; }));
  CHECK(run.output().find("larger than its quota") != std::string::npos);
  CHECK(list_directory(run.directory() / "logs").size() == 6);
  away = false;
  CHECK(wait_until([&] { return run.metric("tandem_log_source_bytes{source=\"in\"}") == 3000; }));
  CHECK(list_directory(run.directory() / "logs") == std::vector<std::string>{"app.log", "app.log.1", "app.log.2"});
  CHECK(run.ask("/readyz").find("quota") == std::string::npos);
  CHECK(run.terminate().code == 0);
  CHECK(slow.count() == 6);
}

TEST_CASE("an unterminated last line keeps its file") {
  Receiver receiver;
  SourcesRun run(with("keep: 0") + http_sink("out", receiver));
  write_rotated(run.directory() / "logs", 2);
  { write_all(open_file(run.directory() / "logs/app.log.2", O_WRONLY | O_APPEND).get(), "half", "app.log.2"); }
  fs::last_write_time(run.directory() / "logs/app.log.2", fs::file_time_type::clock::now() - 1h);
  run.start();
  REQUIRE(wait_until([&] { return !fs::exists(run.directory() / "logs/app.log.1"); }));
  CHECK(fs::exists(run.directory() / "logs/app.log.2"));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.messages().count("half") == 1);
}

TEST_CASE("a file that nobody rotates takes little room on disk, and every line of it arrives once") {
  // What stays: the beginning, what lies before the place that is read next, less than a MiB that is not worth a hole
  // yet, and ends of blocks.
  constexpr int room_at_most = shipper::kept_head + shipper::kept_tail + (1 << 20) + 3 * (64 << 10);
  Receiver receiver;
  std::string text = with("keep: 0") + http_sink("out", receiver);
  text.replace(text.find("delete: true, keep: 0"), 21, "punchHoles: true");
  SourcesRun run(text);
  const auto log = run.directory() / "logs/app.log";
  const auto room = [&] { return status_of(log).st_blocks * 512; };
  unique_fd writer = open_file(log, O_WRONLY | O_APPEND | O_CREAT, 0644);
  int written = 0;
  const auto write = [&](int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += fmt::format("{:0999}\n", written++);
    write_all(writer.get(), lines, "app.log");
  };
  const auto arrived = [&] { return receiver.count() == static_cast<std::size_t>(written); };
  run.start();
  write(8000);
  REQUIRE(wait_until(arrived));
  const auto modified = status_of(log).st_mtim.tv_nsec;
  CHECK(wait_until([&] { return room() <= room_at_most; }));
  CHECK(status_of(log).st_size == 8'000'000);
  CHECK(status_of(log).st_mtim.tv_nsec == modified);
  CHECK(wait_until(
      [&] { return run.metric("tandem_log_reclaimed_bytes_total{source=\"in\"}") >= 8'000'000 - room_at_most; }));
  CHECK(wait_until([&] { return run.metric("tandem_log_source_bytes{source=\"in\"}") <= room_at_most; }));

  run.kill();
  write(3000);
  run.start();
  REQUIRE(wait_until(arrived));
  CHECK(wait_until([&] { return room() <= room_at_most; }));

  // What copytruncate makes of it, its copy seen while it grows.
  const std::string all = read_file(log);
  unique_fd copy = open_file(run.directory() / "logs/app.log.1", O_WRONLY | O_APPEND | O_CREAT, 0644);
  write_all(copy.get(), std::string_view(all).substr(0, 3'000'000), "app.log.1");
  CHECK(wait_until([&] { return run.metric("tandem_log_copies_total{sink=\"out\"}") == 1; }));
  write_all(copy.get(), std::string_view(all).substr(3'000'000), "app.log.1");
  REQUIRE(::ftruncate(writer.get(), 0) == 0);
  write(10);
  CHECK(wait_until(arrived));
  CHECK(run.metric("tandem_log_ambiguous_files_total{sink=\"out\"}") == 0);
  CHECK(run.terminate().code == 0);
  CHECK(arrived());
  const auto messages = receiver.messages();
  CHECK(messages.size() == static_cast<std::size_t>(written));
}

TEST_CASE("the config of reclaiming and of sources that are no files is held to its problems") {
  SourcesRun run(
      "sources:\n"
      "- {name: a, type: containers, reclaim: {delete: true}}\n"
      "- {name: b, type: files, paths: [/x/*], reclaim: {keep: 3}}\n"
      "- {name: c, type: syslog, listen: {tcp: \"nowhere\"}}\n"
      "- {name: d, type: socket}\n"
      "- {name: e, type: stdin, spool: {maxBytes: 1Ki}}\n"
      "- {name: f, type: stdin, socketMode: \"0600\"}\n"
      "- {name: g, type: socket, listen: {unix: relative}, socketMode: \"9\"}\n"
      "- {name: h, type: syslog, listen: {tls: \"127.0.0.1:1\"}}\n"
      "- {name: i, type: socket, listen: {tcp: \"127.0.0.1:1\"}, tls: {certFile: /x}}\n"
      "- {name: j, type: socket, listen: {tls: \"127.0.0.1:1\"}, tls: {certFile: /x, keyFile: /y}}\n"
      "sinks: [{name: out, type: stdout, from: [a, b, c, d, e, g, h, i, j]}]\n");
  Child check({TANDEM_BINARY_DIR "/bin/tandem-log", "--check", "--config", (run.directory() / "config.yaml").string()},
              run.directory() / "output");
  CHECK(check.wait().code != 0);
  const std::string output = run.output();
  INFO(output);
  for (const char* expected :
       {"containers' logs are the kubelet's", "nothing is deleted", "\"nowhere\" is not HOST:PORT",
        "nothing to listen to", "must be at least 64Ki", "socketMode", "the path \"relative\" is not absolute",
        "is no octal mode", "no sink takes what \"f\" receives", "only one source can have stdin",
        "sources[7].listen.tls: needs a certificate", "sources[8].tls: nothing listens with TLS",
        "sources[9].tls.certFile: cannot read \"/x\""})
    CHECK(output.find(expected) != std::string::npos);
  CHECK(output.find("unknown field \"tls\"") == std::string::npos);
}
