// What happens to records between a file and a sink, in the real program.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::string http_sink(const std::string& name, const Receiver& receiver, const std::string& more = "") {
  return "- {name: " + name + ", type: http, url: \"" + receiver.url() + "\"" + more + "}\n";
}

void replace_in(const fs::path& path, const std::string& old_text, const std::string& new_text) {
  auto text = read_file(path);
  const auto at = text.find(old_text);
  REQUIRE(at != std::string::npos);
  text.replace(at, old_text.size(), new_text);
  write_file(path, text);
}

std::vector<nlohmann::json> parsed(const Receiver& receiver) {
  std::vector<nlohmann::json> records;
  for (const auto& record : receiver.records()) records.push_back(nlohmann::json::parse(record));
  return records;
}

}  // namespace

TEST_CASE("transforms and conditions decide what each sink gets, and what is dropped is counted") {
  Receiver all, errors;
  LogRun run(http_sink("all", all) + http_sink("errors", errors, ", when: 'status >= 500', transforms: [parse]"),
             "transforms:\n- {name: parse, type: json}\n- {name: quiet, type: filter, drop: 'path == \"/health\"'}\n");
  write_file(
      run.logs() / "app.log",
      "{\"path\":\"/a\",\"status\":200}\n{\"path\":\"/health\",\"status\":500}\n{\"path\":\"/b\",\"status\":503}\n"
      "no json\n");
  run.start();
  wait_until([&] { return all.records().size() == 3 && errors.records().size() == 2; });
  REQUIRE(all.records().size() == 3);
  REQUIRE(errors.records().size() == 2);
  CHECK(parsed(all)[0]["status"] == 200);
  CHECK(parsed(all)[0].contains("message") == false);
  CHECK(parsed(all)[1]["path"] == "/b");
  CHECK(parsed(all)[2]["message"] == "no json");
  CHECK(parsed(errors)[0]["path"] == "/health");
  CHECK(run.metric("tandem_log_dropped_records_total{sink=\"all\",transform=\"quiet\"}") == 1);
  CHECK(run.metric("tandem_log_parse_failures_total{sink=\"all\",transform=\"parse\"}") == 1);
  const auto ended = run.terminate();
  INFO(read_file(run.output()));
  CHECK(ended == ExitStatus{});
}

TEST_CASE("a file of which everything is dropped is read to its end, and acknowledged") {
  Receiver receiver;
  LogRun run(http_sink("out", receiver), "transforms: [{name: none, type: filter, keep: 'message == \"x\"'}]\n");
  Writer writer(run.logs() / "app.log");
  writer.write(20'000);
  run.start();
  REQUIRE(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") == 0; }));
  CHECK(run.metric("tandem_log_dropped_records_total{sink=\"out\",transform=\"none\"}") == 20'000);
  CHECK(run.terminate() == ExitStatus{});
  CHECK(receiver.count() == 0);
}

TEST_CASE("a stack trace is one record, also when it is the last thing that a program wrote") {
  Receiver receiver;
  LogRun run(http_sink("out", receiver));
  replace_in(run.directory() / "config.yaml", "type: files,", "type: files, multiline: {stackTraces: [python]},");
  run.start();
  const std::string trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nValueError: no";
  write_file(run.logs() / "app.log", "before\n" + trace + "\nafter\n" + trace + "\n");
  REQUIRE(wait_until([&] { return receiver.count() == 4; }));
  CHECK(receiver.messages() == std::map<std::string, int>{{"before", 1}, {"after", 1}, {trace, 2}});
  CHECK(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") == 0; }));
  CHECK(run.terminate() == ExitStatus{});
}

TEST_CASE("container logs: parts are one record, streams do not mix, and the path tells the pod") {
  Receiver receiver;
  LogRun run(http_sink("out", receiver));
  const auto folder = run.directory() / "pods" / "shop_web-1_0a1b2c3d-0000-4000-8000-000000000000" / "app";
  replace_in(run.directory() / "config.yaml", "type: files,", "type: containers,");
  replace_in(run.directory() / "config.yaml", (run.logs() / "*.log*").string(), (folder / "*.log").string());
  make_directories(folder);
  write_file(folder / "0.log",
             "2026-11-22T10:00:00.5Z stdout P one \n2026-11-22T10:00:00.6Z stderr F bad\n2026-11-22T10:00:00.7Z stdout "
             "F line\n");
  run.start();
  REQUIRE(wait_until([&] { return receiver.count() == 2; }));
  const auto records = parsed(receiver);
  CHECK(records[0]["message"] == "one line");
  CHECK(records[0]["stream"] == "stdout");
  CHECK(records[0]["time"] == "2026-11-22T10:00:00.500000Z");
  CHECK(records[0]["pod"] == "web-1");
  CHECK(records[0]["namespace"] == "shop");
  CHECK(records[0]["container"] == "app");
  CHECK(records[1]["stream"] == "stderr");
  CHECK(run.terminate() == ExitStatus{});
}

TEST_CASE("SIGHUP takes a new config: nothing is lost, nothing twice, and deleted files stay open") {
  Receiver first, second;
  LogRun run(http_sink("out", first, ", batch: {maxBytes: 16Ki}"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(3000);
  REQUIRE(wait_until([&] { return first.count() == 3000; }));
  first.set_answer([](int) { return test::Answer::unavailable; });
  writer.write(5000);
  REQUIRE(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") > 0; }));
  fs::remove(writer.path());
  writer.reopen();
  writer.write(1000);
  REQUIRE(wait_until([&] { return run.metric("tandem_log_at_risk_bytes{sink=\"out\"}") > 0; }));
  replace_in(run.directory() / "config.yaml", first.url(), second.url());
  REQUIRE(::kill(run.child().pid(), SIGHUP) == 0);
  REQUIRE(wait_until([&] { return first.count() + second.count() >= 9000; }));
  CHECK(run.metric("tandem_config_reloads_total{result=\"taken\"}") == 1);

  // A bad one is refused, and the old one stays.
  const auto good = read_file(run.directory() / "config.yaml");
  write_file(run.directory() / "config.yaml", "sinks: [{name: out, type: nowhere}]");
  REQUIRE(::kill(run.child().pid(), SIGHUP) == 0);
  REQUIRE(wait_until([&] { return run.metric("tandem_config_reloads_total{result=\"refused\"}") == 1; }));
  writer.write(100);
  CHECK(wait_until([&] { return second.count() >= 6100; }));

  // A sink that is new begins with what is there; one that is gone leaves its positions.
  Receiver third;
  write_file(run.directory() / "config.yaml", good + http_sink("more", third));
  REQUIRE(::kill(run.child().pid(), SIGHUP) == 0);
  CHECK(wait_until([&] { return third.count() == 1100; }));
  write_file(run.directory() / "config.yaml", good);
  REQUIRE(::kill(run.child().pid(), SIGHUP) == 0);
  CHECK(wait_until([&] { return run.metric("tandem_log_files{sink=\"more\"}") == -1; }));
  const auto ended = run.terminate();
  INFO(read_file(run.output()));
  CHECK(ended == ExitStatus{});
  auto messages = first.messages();
  for (const auto& [text, times] : second.messages()) messages[text] += times;
  CHECK(compare(messages, writer.written()) == "");
  CHECK(third.count() == 1100);
}

TEST_CASE("`test` shows what becomes of a sample") {
  Receiver receiver;
  LogRun run(http_sink("out", receiver, ", when: 'status >= 500'"), "transforms: [{name: parse, type: json}]\n");
  const auto sample = run.directory() / "sample";
  write_file(sample, "{\"status\":500}\n{\"status\":200}\n");
  const auto command = std::string(TANDEM_BINARY_DIR "/bin/tandem-log test ") +
                       (run.directory() / "config.yaml").string() + " <" + sample.string() + " >" +
                       (run.directory() / "shown").string();
  REQUIRE(std::system(command.c_str()) == 0);
  const auto shown = read_file(run.directory() / "shown");
  INFO(shown);
  CHECK(shown.starts_with("1: {\"status\":500}\n  out: {\"time\":\""));
  CHECK(shown.find(",\"offset\":0,\"status\":500}\n2: {\"status\":200}\n  out: (its `when` does not hold)\n") !=
        std::string::npos);
}
