// The sinks, and the end of life.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

std::string tandem::test::reason_to_skip() { return ""; }

namespace {

std::map<std::string, int> messages_in(const std::string& text) {
  std::map<std::string, int> messages;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::json::parse(line, nullptr, false);
    if (record.is_object() && record.contains("offset")) ++messages[record["message"].get<std::string>()];
    if (!record.is_object()) ++messages["torn: " + line];
  }
  return messages;
}

}  // namespace

TEST_CASE("a burst of 50,000 lines followed at once by SIGTERM arrives whole") {
  Receiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\"}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(50'000);
  CHECK(run.terminate() == ExitStatus{});
  CHECK(compare(receiver.messages(), 50'000) == "");
  CHECK(receiver.complaints().empty());
}

TEST_CASE("a record says where it comes from") {
  Receiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\"}");
  write_file(run.logs() / "app.log", std::string("first \"quoted\"\r\nnul\0 and \xff\n", 27));
  run.start();
  REQUIRE(wait_until([&] { return receiver.count() == 2; }));
  const auto first = nlohmann::json::parse(receiver.records().at(0)),
             second = nlohmann::json::parse(receiver.records().at(1));
  CHECK(first["message"] == "first \"quoted\"");
  CHECK(first["source"] == "app");
  CHECK(first["file"] == (run.logs() / "app.log").string());
  CHECK(first["pod"] == "web-1");
  CHECK(first["namespace"] == "shop");
  CHECK(first["offset"] == 0);
  CHECK(second["offset"] == 16);
  CHECK(second["message"].get<std::string>() == std::string("nul\0 and \xEF\xBF\xBD", 12));
  CHECK(run.terminate().code == 0);
}

TEST_CASE("SIGTERM leaves with the number of bytes that it could not ship") {
  LogRun run("- {name: out, type: http, url: \"http://127.0.0.1:1/in\"}", "shutdown: {deadline: 1s}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  CHECK(run.terminate().code == 69);
  const auto output = read_file(run.output());
  CHECK(output.find(" bytes in 1 files are left, one of them " + writer.path().string()) != std::string::npos);
}

TEST_CASE(
    "an unterminated last line is shipped at SIGTERM when nobody writes the file, and left for the successor "
    "otherwise") {
  Receiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\"}", "shutdown: {deadline: 2s}");
  run.start();
  write_file(run.logs() / "done.log", "whole\nhalf");
  const unique_fd writer = open_file(run.logs() / "busy.log", O_WRONLY | O_APPEND | O_CREAT, 0644);
  write_all(writer.get(), "begun", "busy.log");
  REQUIRE(wait_until([&] { return receiver.count() == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK(receiver.messages() == std::map<std::string, int>{{"whole", 1}, {"half", 1}});
  write_all(writer.get(), " and ended\n", "busy.log");
  run.start();
  CHECK(wait_until([&] { return receiver.count() == 3; }));
  CHECK(receiver.messages().count("begun and ended") == 1);
}

TEST_CASE("the file sink has every line once after SIGKILLs in the middle of writing") {
  LogRun run("- {name: out, type: file, path: DIR/shipped.ndjson, batch: {maxBytes: 8Ki}}");
  Writer writer(run.logs() / "app.log");
  for (int round = 0; round < 8; ++round) {
    writer.write(2500);
    run.start();
    wait_until(
        [&] {
          return fs::exists(run.directory() / "shipped.ndjson") &&
                 fs::file_size(run.directory() / "shipped.ndjson") > 200'000u * (round + 1u);
        },
        200ms);
    run.kill();
  }
  run.start();
  CHECK(run.terminate().code == 0);
  CHECK(compare(messages_in(read_file(run.directory() / "shipped.ndjson")), writer.written()) == "");
}

TEST_CASE("the file sink rotates what it writes") {
  LogRun run(
      "- {name: out, type: file, path: DIR/shipped, format: raw, rotate: {size: 20Ki, keep: 2}, batch: {maxBytes: "
      "4Ki}}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(1000);
  CHECK(run.terminate().code == 0);
  for (const char* name : {"shipped", "shipped.1", "shipped.2"}) {
    CHECK(fs::file_size(run.directory() / name) > 0);
    CHECK(fs::file_size(run.directory() / name) <= 20 * 1024);
  }
  CHECK_FALSE(fs::exists(run.directory() / "shipped.3"));
  CHECK(read_file(run.directory() / "shipped").ends_with(line_of(999) + "\n"));
}

TEST_CASE("standard output has every line, one record each") {
  LogRun run("- {name: out, type: stdout}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(5000);
  CHECK(run.terminate().code == 0);
  auto messages = messages_in(read_file(run.output()));
  CHECK(compare(messages, 5000) == "");
}

TEST_CASE("two sinks have positions of their own: one that is away does not hold up the other") {
  Receiver receiver;
  LogRun run("- {name: away, type: http, url: \"http://127.0.0.1:1/in\"}\n- {name: out, type: http, url: \"" +
                 receiver.url() + "\"}",
             "shutdown: {deadline: 1s}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(1000);
  CHECK(wait_until([&] { return receiver.count() == 1000; }));
  CHECK(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") == 0; }));
  CHECK(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"away\"}") > 0; }));
  CHECK(run.terminate().code == 69);
}
