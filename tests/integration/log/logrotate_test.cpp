// The real logrotate, in all the ways in which people use it, while lines are written, the sink goes away, and the
// program is killed.
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

struct Way {
  const char* name;
  const char* directives;
  int rotations;
  std::chrono::milliseconds pause;  // between them
  bool kills, sink_away, aged;      // aged: rotated files become so old that maxage deletes them
  bool copies() const { return std::string(directives).find("copytruncate") != std::string::npos; }
};

// A program that logs at some 5000 lines a second and opens its log anew when it is told to.
class Program {
 public:
  explicit Program(const LogRun& run)
      : writer_(run.logs() / "app.log"), asked_(run.directory() / "reopen"), thread_([this] { write(); }) {}
  ~Program() { stop(); }
  int stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return writer_.written();
  }

 private:
  void write() {
    while (!stopping_) {
      writer_.write(50);
      if (fs::exists(asked_)) {
        writer_.reopen();
        fs::remove(asked_);
      }
      std::this_thread::sleep_for(10ms);
    }
  }

  Writer writer_;
  fs::path asked_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

std::string config_of(const Way& way, const LogRun& run) {
  const std::string reopen = fmt::format(
      "  postrotate\n    touch {0}/reopen; for i in $(seq 500); do [ -e {0}/reopen ] || break; sleep 0.01; done\n"
      "  endscript\n",
      run.directory().string());
  return fmt::format("{}/app.log {{\n  size 1\n  missingok\n  {}\n{}}}\n", run.logs().string(), way.directives,
                     way.copies() ? "" : reopen);
}

// What somebody reads in the end who has all the files.
std::set<std::string> lines_in_files(const fs::path& directory) {
  std::set<std::string> all;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const bool packed = entry.path().extension() == ".gz";
    std::istringstream text(packed ? run_command({"gzip", "-dc", entry.path()}).output : read_file(entry.path()));
    for (std::string line; std::getline(text, line);) all.insert(line);
  }
  return all;
}

void make_old(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename() != "app.log")
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(72));
}

void rotate_and_compare(const Way& way) {
  const auto logrotate = command_of("logrotate");
  if (find_program("logrotate").empty()) return skip("logrotate is not here (tests/support/unpack-servers)");
  INFO(way.name);
  Receiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\", batch: {maxBytes: 64Ki}}");
  write_file(run.directory() / "logrotate.conf", config_of(way, run));
  run.start();
  Program program(run);
  for (int round = 0; round < way.rotations; ++round) {
    std::this_thread::sleep_for(way.pause);
    if (way.sink_away && round % 6 == 1) receiver.set_answer([](int) { return test::Answer::unavailable; });
    if (way.sink_away && round % 6 == 4) receiver.set_answer(nullptr);
    auto command = logrotate;
    for (const auto& word : {std::string("-f"), std::string("-s"), (run.directory() / "logrotate.state").string(),
                             (run.directory() / "logrotate.conf").string()})
      command.push_back(word);
    const auto result = run_command(command);
    INFO(result.errors);
    REQUIRE(result.status == ExitStatus{});
    if (way.kills && round % 4 == 3) run.kill(), run.start();
    if (way.aged) make_old(run.logs());
  }
  receiver.set_answer(nullptr);
  const int written = program.stop();
  const auto kept = lines_in_files(run.logs());
  CHECK(run.terminate().code == 0);

  const auto messages = receiver.messages();
  int lost = 0, repeated = 0, in_no_file = 0;
  std::string example;
  for (int i = 0; i < written; ++i) {
    const std::string line = line_of(i);
    const bool came = messages.contains(line), must = !way.copies() || kept.contains(line);
    in_no_file += !kept.contains(line);
    if (!came && must && ++lost == 1) example = line.substr(0, 12);
    repeated += came && messages.at(line) > 1;
  }
  INFO("first lost: " << example << ", of " << written);
  INFO(read_file(run.output()));
  CHECK(lost == 0);
  CHECK(repeated == 0);
  // What the program wrote between logrotate's copy and its truncation.
  if (way.copies()) WARN(fmt::format("{}: {} of {} lines are in no file", way.name, in_no_file, written));
}

}  // namespace

TEST_CASE("the real logrotate renames: every line that is in a file arrives, and each once", "[logrotate-renames]") {
  rotate_and_compare(GENERATE(
      Way{"renamed, compressed later", "rotate 100\n create\n compress\n delaycompress", 20, 150ms, true, false, false},
      Way{"renamed, compressed at once", "rotate 100\n create\n compress", 12, 150ms, true, true, false},
      Way{"renamed, dates, too old ones deleted", "rotate 100\n create\n dateext\n dateformat -%Y%m%d-%s\n maxage 1", 5,
          1050ms, false, true, true},
      Way{"renamed, three kept", "rotate 3\n create", 15, 150ms, false, true, false}));
}

TEST_CASE("the real logrotate copies: every line that is in a file arrives, and each once", "[logrotate-copies]") {
  rotate_and_compare(GENERATE(
      Way{"copied and truncated", "rotate 100\n copytruncate", 20, 150ms, true, true, false},
      Way{"copied, compressed later", "rotate 100\n copytruncate\n compress\n delaycompress", 15, 150ms, false, true,
          false},
      Way{"copied, compressed at once", "rotate 100\n copytruncate\n compress", 15, 150ms, false, true, false},
      Way{"copied, dates", "rotate 100\n copytruncate\n dateext\n dateformat -%Y%m%d-%s\n compress\n delaycompress", 5,
          1050ms, true, false, false}));
}

// Of a file that was written, copied, truncated, and whose copy was compressed, all while nobody watched, nothing is
// known: its compressed copy is told from an archive that was shipped long ago by when it was written last.
TEST_CASE("the real logrotate: copied and compressed before a killed program is there again", "[.]") {
  rotate_and_compare(Way{"copied, compressed later, killed", "rotate 100\n copytruncate\n compress\n delaycompress", 15,
                         150ms, true, true, false});
}
