// What happens when the launcher's own processes are killed.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const char* const counter = "i=0; while :; do i=$((i+1)); echo count $i; sleep 0.01; done";

// The numbers that were logged, which must be 1, 2, 3, ... without a gap; one may stand twice where the supervisor
// died.
int check_counts(const std::string& log) {
  int last = 0;
  std::size_t at = 0;
  while (at < log.size()) {
    const std::size_t end = log.find('\n', at);
    if (end == std::string::npos) break;
    const int number = std::stoi(log.substr(at + 6, end - at - 6));
    REQUIRE((number == last + 1 || number <= last));
    last = std::max(last, number);
    at = end + 1;
  }
  return last;
}

}  // namespace

TEST_CASE("a killed supervisor comes back, its pod goes on, and no line of output is lost") {
  machine().ok({"apply", "-f", "-"}, shell_pod("counts", counter, "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("counts"); }));
  const pid_t program = machine().process_of("counts", "main");
  REQUIRE(program > 0);
  for (int i = 0; i < 3; ++i) {
    const pid_t supervisor = machine().process_of("counts", "supervisor");
    REQUIRE(supervisor > 0);
    REQUIRE(::kill(supervisor, SIGKILL) == 0);
    REQUIRE(wait_until([&] {
      const pid_t now = machine().process_of("counts", "supervisor");
      return now > 0 && now != supervisor;
    }));
  }
  CHECK(machine().process_of("counts", "main") == program);
  CHECK(machine().restarts("counts", "main") == 0);
  const int before = check_counts(machine().ok({"logs", "counts"}));
  REQUIRE(wait_until([&] { return check_counts(machine().ok({"logs", "counts"})) > before; }));
  // The adopted program's end is seen, and it is restarted.
  REQUIRE(::kill(program, SIGKILL) == 0);
  REQUIRE(wait_until([] { return machine().restarts("counts", "main") == 1; }));
  CHECK(machine().pod("counts")["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137);
  machine().ok({"delete", "pod", "counts"});
}

TEST_CASE("with keeper and supervisor dead the pod goes on, and delete removes it") {
  machine().ok({"apply", "-f", "-"}, shell_pod("orphan", counter, "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("orphan"); }));
  const pid_t program = machine().process_of("orphan", "main");
  REQUIRE(::kill(machine().process_of("orphan", "keeper"), SIGKILL) == 0);
  REQUIRE(::kill(machine().process_of("orphan", "supervisor"), SIGKILL) == 0);
  CHECK(is_running(program));
  machine().ok({"delete", "pod", "orphan"});
  CHECK_FALSE(is_running(program));
  CHECK(machine().pod("orphan").is_null());
}

TEST_CASE("when the last pod is gone nothing of Tandem is left on the machine") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("last", "sleep 1000",
                         "terminationGracePeriodSeconds: 1\nvolumes: [{name: m, emptyDir: {medium: Memory}}]",
                         "volumeMounts: [{name: m, mountPath: /m}]\nports: [{containerPort: 1, hostPort: 18082}]"));
  REQUIRE(wait_until([] { return machine().ready("last"); }));
  machine().ok({"delete", "pod", "last"});
  CHECK(machine().leftovers() == "");
  CHECK(list_directory(machine().root() / "run" / "pods").empty());
  CHECK(list_directory(machine().root() / "lib" / "pods").empty());
}
