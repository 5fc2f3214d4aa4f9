#include <csignal>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/integration/run/helper_process.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const std::string helper = TANDEM_BINARY_DIR "/tests/test-helper";

ExitStatus end_of(const std::string& config, std::string& output) {
  HelperProcess process(helper, config);
  auto status = process.child->wait();
  output = process.output();
  return status;
}

}  // namespace

TEST_CASE("an exception in run() is logged and ends the program as a bug") {
  std::string output;
  CHECK(end_of("mode: throws\n", output) == ExitStatus{70, 0, false});
  CHECK(output.find("run threw on purpose") != std::string::npos);
}

TEST_CASE("an error in a task names the task and ends the program with its fault's code") {
  std::string output;
  CHECK(end_of("mode: task-throws\n", output) == ExitStatus{69, 0, false});
  CHECK(output.find("\"task\":\"failing task\"") != std::string::npos);
  CHECK(output.find("it broke on purpose") != std::string::npos);
}

TEST_CASE("a service that cannot be made ends the program with the reason") {
  std::string output;
  CHECK(end_of("mode: cannot-make\n", output) == ExitStatus{69, 0, false});
  CHECK(output.find("open /dev/nowhere: it is not there") != std::string::npos);
}

TEST_CASE("a service that returns ends the program with 0") {
  std::string output;
  CHECK(end_of("mode: returns\n", output) == ExitStatus{0, 0, false});
}

TEST_CASE("an admin port in use ends the program with the environment's code") {
  HelperProcess first(helper, "");
  REQUIRE(first.healthy());
  TemporaryDirectory directory;
  Child second({helper, "--config", first.config_file.string()}, directory / "log");
  CHECK(second.wait() == ExitStatus{69, 0, false});
  CHECK(first.admin("/healthz").status == 200);
}

TEST_CASE("a signal during the start is not lost") {
  for (int i = 0; i < 20; ++i) {
    HelperProcess process(helper, "");
    auto link = "/proc/" + std::to_string(process.child->pid()) + "/exe";
    REQUIRE(wait_until([&] { return fs::read_symlink(link) == fs::path(helper); }));
    // Somewhere between exec and the first turn of the loop; before the signals are blocked it is an ordinary death.
    std::this_thread::sleep_for(std::chrono::milliseconds(i));
    process.child->signal(SIGTERM);
    auto status = process.child->wait();
    CHECK((status == ExitStatus{0, 0, false} || status.signal == SIGTERM));
  }
}
