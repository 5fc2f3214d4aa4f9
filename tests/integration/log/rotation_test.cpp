// Rotation while lines are written, and kills in the middle: nothing lost, nothing twice.
#include <catch2/catch.hpp>
#include <random>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::string http_sink(const Receiver& receiver, const std::string& more = "batch: {maxBytes: 32Ki}") {
  return "- {name: out, type: http, url: \"" + receiver.url() + "\", " + more + "}";
}

// Everything has arrived when as many lines came as were written, and nothing more comes.
void await_all(const Receiver& receiver, const Writer& writer) {
  wait_until([&] { return receiver.count() >= static_cast<std::size_t>(writer.written()); });
}

}  // namespace

TEST_CASE("30,000 lines arrive once each through rotation by rename and twelve SIGKILLs") {
  Receiver receiver;
  LogRun run(http_sink(receiver));
  run.start();
  Writer writer(run.logs() / "app.log");
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    writer.write(500);
    if (round % 4 == 3) writer.rotate_by_rename(30);
    if (round % 5 == 4) {
      run.kill();
      if (random() % 2) writer.write(50), writer.rotate_by_rename(30);
      run.start();
    }
  }
  await_all(receiver, writer);
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), writer.written()) == "");
  CHECK(receiver.complaints().empty());
}

TEST_CASE("lines arrive once each through copytruncate and SIGKILLs, copies in the patterns' reach or not") {
  const bool reach = GENERATE(true, false);
  Receiver receiver;
  LogRun run(http_sink(receiver), reach ? "" : "limits: {line: 64Ki}");
  if (!reach) {
    auto config = read_file(run.directory() / "config.yaml");
    config.replace(config.find("*.log*"), 6, "*.log");
    write_file(run.directory() / "config.yaml", config);
  }
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int round = 0; round < 40; ++round) {
    writer.write(300);
    // A copy that no pattern matches is recognised by what was read of its original.
    if (!reach) wait_until([&] { return receiver.count() + 200 > static_cast<std::size_t>(writer.written()); });
    if (round % 3 == 2) writer.rotate_by_copy(30);
    if (round % 7 == 6) run.kill(), run.start();
  }
  await_all(receiver, writer);
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), writer.written()) == "");
  CHECK(receiver.complaints().empty());
}

TEST_CASE("rotation while the sink is away loses nothing, even when rotated files are deleted") {
  Receiver receiver;
  LogRun run(http_sink(receiver));
  run.start();
  Writer writer(run.logs() / "app.log");
  receiver.set_answer([](int) { return test::Answer::unavailable; });
  for (int round = 0; round < 20; ++round) {
    writer.write(300);
    // The writer goes on when the new name has been noticed: what is deleted unseen, nobody can ship.
    const double files = run.metric("tandem_log_files{sink=\"out\"}");
    writer.rotate_by_rename(2);
    writer.write(1);
    wait_until([&] { return run.metric("tandem_log_files{sink=\"out\"}") > files; }, 5s);
  }
  CHECK(run.metric("tandem_log_at_risk_bytes{sink=\"out\"}") > 0);
  receiver.set_answer(nullptr);
  await_all(receiver, writer);
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), writer.written()) == "");
}
