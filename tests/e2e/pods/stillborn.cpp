// Keepers and supervisors that do not come up: a system call that they need fails for them (tests/support/fail_call).
#include <catch2/catch.hpp>
#include <csignal>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* too_many_files = "24";  // EMFILE

// `tandem ARGUMENTS` for which, and for all that it starts, a system call fails.
CommandResult without(const std::string& call, const std::vector<std::string>& arguments,
                      const std::string& input = "") {
  std::vector<std::string> all{TANDEM_BINARY_DIR "/tests/fail-call", call, too_many_files,
                               TANDEM_BINARY_DIR "/bin/tandem"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_command(all, input);
}

}  // namespace

TEST_CASE("a pod whose keeper or supervisor does not come up is not accepted, and apply says why") {
  machine();
  for (const auto& [call, who] :
       {std::pair<std::string, std::string>{"signalfd4", "keeper: "}, {"epoll_create1", "supervisor: "}}) {
    CAPTURE(call);
    const auto begin = std::chrono::steady_clock::now();
    const auto applied = without(call, {"apply", "-f", "-"}, shell_pod("stillborn", "sleep 1000"));
    INFO(applied.output << applied.errors);
    CHECK(applied.status.code == 69);
    CHECK(applied.output == "");
    CHECK(applied.errors.find(who) != std::string::npos);
    CHECK(applied.errors.find("Too many open files") != std::string::npos);
    CHECK(applied.errors.find("\"level\"") == std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(machine().tandem({"get", "pod", "stillborn"}).status.code == 1);
    CHECK(machine().leftovers() == "");
  }
}

TEST_CASE("a container starts with the least memory that plan lets pass, and with less apply refuses it") {
  const auto with = [](const char* limit) {
    return shell_pod("small", "sleep 1000", "terminationGracePeriodSeconds: 0\nrestartPolicy: Never",
                     "resources: {limits: {memory: " + std::string(limit) + "}}");
  };
  const auto refused = machine().tandem({"apply", "-f", "-"}, with("511Ki"));
  CHECK(refused.status.code == 65);
  CHECK(refused.errors.find("resources.limits.memory: 511Ki") != std::string::npos);
  CHECK(machine().leftovers() == "");
  machine().ok({"apply", "-f", "-"}, with("512Ki"));
  CHECK(machine().tandem({"wait", "pod/small", "--timeout", "20s"}).status == ExitStatus{});
  machine().ok({"delete", "pod", "small"});
}

TEST_CASE("describe says why a pod's supervisor did not come up") {
  machine().ok({"apply", "-f", "-"}, shell_pod("dying", "sleep 1000", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] { return machine().ready("dying"); }));
  const pid_t supervisor = machine().process_of("dying", "supervisor"),
              keeper = machine().process_of("dying", "keeper");
  REQUIRE(::kill(supervisor, SIGSTOP) == 0);
  REQUIRE(::kill(keeper, SIGKILL) == 0);
  REQUIRE(::kill(supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return !is_running(keeper) && !is_running(supervisor); }));
  const auto seen = without("epoll_create1", {"get", "pods"});
  CHECK(seen.output.find("Unknown") != std::string::npos);
  CHECK(seen.errors.find("Too many open files") != std::string::npos);
  const auto said = [](const std::string& status) {
    const std::string described = machine().ok({"describe", "pod", "dying"});
    const std::size_t events = described.find("Events:");
    return described.find("Status:           " + status) != std::string::npos &&
           described.find("Too many open files", std::min(events, described.size())) != std::string::npos;
  };
  CHECK(said("Unknown"));  // the keeper is there, and tries again
  const pid_t crippled = machine().process_of("dying", "keeper");
  REQUIRE(crippled > 0);
  REQUIRE(::kill(crippled, SIGKILL) == 0);
  CHECK(wait_until([&] { return said("Running"); }));  // brought back by describe, with all that they need
  machine().ok({"delete", "pod", "dying"});
}
