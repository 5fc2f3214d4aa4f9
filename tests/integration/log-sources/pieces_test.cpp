// Lines longer than limits.line: what straddles two pieces.
#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/log-sources/run.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

constexpr std::size_t limit = 64u << 10;
const std::string card = "4111111111111111";

std::size_t count_of(const std::vector<std::string>& records, const std::string& text) {
  return static_cast<std::size_t>(std::count_if(records.begin(), records.end(),
                                                [&](const auto& record) { return record.find(text) != record.npos; }));
}

std::string config(const Receiver& receiver) {
  return "sources: [{name: in, type: files, paths: [DIR/logs/app.log]}]\n"
         "transforms: [{name: hide, type: redact, patterns: [card]}]\nlimits: {line: 64Ki}\nsinks:\n" +
         http_sink("out", receiver);
}

}  // namespace

TEST_CASE("redact finds what straddles two pieces of a long line, however its bytes come") {
  const bool bit_by_bit = GENERATE(false, true);
  Receiver receiver;
  SourcesRun run(config(receiver));
  run.start();
  const unique_fd log = open_file(run.directory() / "logs/app.log", O_WRONLY | O_APPEND | O_CREAT);
  const std::string line = std::string(limit - 8, 'x') + card + std::string(limit - 20, 'y') + card + " end\n";
  const std::size_t first = bit_by_bit ? limit + 3 : line.size();
  write_all(log.get(), line.substr(0, first), "app.log");
  if (bit_by_bit) REQUIRE(wait_until([&] { return run.metric("tandem_log_unacknowledged_bytes{sink=\"out\"}") >= 1; }));
  write_all(log.get(), line.substr(first), "app.log");
  REQUIRE(wait_until([&] { return receiver.count() == 3; }));
  CHECK(count_of(values(receiver, "message"), "4111") == 0);
  CHECK(count_of(values(receiver, "message"), "1111") == 0);
  CHECK(count_of(values(receiver, "message"), "***") == 3);
  CHECK(count_of(values(receiver, "message"), " end") == 1);
  CHECK(run.metric("tandem_log_cut_records_total{sink=\"out\",limit=\"line\"}") == 1);
  CHECK(run.terminate().code == 0);
}

TEST_CASE("a record of several lines that maxLines ends is counted") {
  Receiver receiver;
  SourcesRun run(
      "sources: [{name: in, type: files, paths: [DIR/logs/app.log], multiline: {continuation: \"^ \", maxLines: 2}}]\n"
      "sinks:\n" +
      http_sink("out", receiver));
  write_file(run.directory() / "logs/app.log", "a\n b\n c\nd\n e\nf\n");
  run.start();
  REQUIRE(wait_until([&] { return receiver.count() == 4; }));
  CHECK(run.metric("tandem_log_cut_records_total{sink=\"out\",limit=\"maxLines\"}") == 1);
  CHECK(run.terminate().code == 0);
}

TEST_CASE("a piece that is sent again after a kill hides what straddles its ends too") {
  Receiver receiver;
  std::atomic<bool> open{false};
  receiver.set_answer([&](int) { return open ? Answer::none : Answer::unavailable; });
  SourcesRun run(config(receiver));
  write_file(run.directory() / "logs/app.log", std::string(limit - 8, 'x') + card + "\n");
  run.start();
  REQUIRE(wait_until([&] { return receiver.requests() > 0; }));
  run.kill();
  open = true;
  run.start();
  REQUIRE(wait_until([&] { return receiver.count() == 2; }));
  CHECK(count_of(values(receiver, "message"), "1111") == 0);
  CHECK(count_of(values(receiver, "message"), "***") == 2);
  CHECK(run.terminate().code == 0);
}
