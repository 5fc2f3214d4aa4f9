// program | tandem-log
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <thread>

#include "core/os/files.hpp"
#include "tests/integration/log-sources/run.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const std::string sources = "sources: [{name: in, type: stdin}]\nsinks:\n";

}  // namespace

TEST_CASE("all lines of stdin are shipped, the last without a newline too, and the program ends") {
  Receiver receiver;
  SourcesRun run(sources + http_sink("out", receiver));
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += fmt::format("line {}\n", i);
  write_file(run.directory() / "input", text + "last");
  run.start(run.directory() / "input");
  CHECK(run.wait().code == 0);
  CHECK(receiver.messages().size() == 50'001);
  CHECK(receiver.count() == 50'001);
  CHECK(receiver.messages().count("last") == 1);
}

TEST_CASE("a pipe is read as lines come, and its end is waited for until the sink has all") {
  Receiver receiver;
  SourcesRun run(sources + http_sink("out", receiver));
  const std::string pipe = run.directory() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread program([&] {
    const unique_fd end = open_file(pipe, O_WRONLY);
    write_all(end.get(), "first\n", "pipe");
    wait_until([&] { return receiver.count() == 1; });
    receiver.set_answer([](int number) { return number < 5 ? Answer::unavailable : Answer::none; });
    write_all(end.get(), "second\n", "pipe");
  });
  run.start(pipe);
  CHECK(run.wait().code == 0);
  program.join();
  CHECK(receiver.messages() == std::map<std::string, int>{{"first", 1}, {"second", 1}});
}

TEST_CASE("an empty stdin ends the program at once") {
  Receiver receiver;
  SourcesRun run(sources + http_sink("out", receiver));
  run.start("/dev/null");
  CHECK(run.wait().code == 0);
  CHECK(receiver.count() == 0);
}
