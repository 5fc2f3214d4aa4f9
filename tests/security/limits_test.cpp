// What a container can take from the machine.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// User and system time, fields 14 and 15 of /proc/PID/stat, counted behind the name in parentheses.
double processor_seconds(pid_t process) {
  const std::string stat = read_file("/proc/" + std::to_string(process) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

TEST_CASE("a container that forks without end stops at its limit, which is 2048 when nobody says another") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: forks, annotations: {tandem/pids-limit: "20"}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: localhost/hostile, command: [hostile, fork]}
)");
  REQUIRE(wait_until([] { return machine().tandem({"logs", "forks"}).output.find("refused") != std::string::npos; }));
  CHECK(machine().ok({"logs", "forks"}) == "refused: Resource temporarily unavailable after 19\n");
  machine().ok({"delete", "pod", "forks"});
  CHECK(machine().ok({"plan", "-f", "-"}, hostile_pod("plain", "[sleep, \"1\"]")).find("at most 2048 processes") !=
        std::string::npos);
}

TEST_CASE("the files that a pod gets from the host's memory cannot be filled") {
  machine().ok({"apply", "-f", "-"}, hostile_pod("fills", R"([sleep, "1000"])"));
  REQUIRE(wait_until([] { return machine().ready("fills"); }));
  for (const char* file : {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}) {
    const std::string said = machine().ok({"exec", "fills", "--", "hostile", "fill", file});
    INFO(file << ": " << said);
    CHECK(said.starts_with("refused"));
  }
  machine().ok({"delete", "pod", "fills"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("of a long termination message the last 4096 bytes are kept") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: last-words}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "hostile fill /dev/termination-log; echo the end >> /dev/termination-log"]
)");
  REQUIRE(wait_until([] { return machine().pod("last-words")["status"]["phase"] == "Succeeded"; }));
  const std::string message =
      machine().pod("last-words")["status"]["containerStatuses"][0]["state"]["terminated"]["message"];
  CHECK(message.size() == 4096);
  CHECK(message.ends_with("the end\n"));
  machine().ok({"delete", "pod", "last-words"});
}

TEST_CASE("a pod that floods its name server takes no more than its share of a processor from the machine") {
  machine().ok({"apply", "-f", "-"}, hostile_pod("floods", R"([hostile, flood-names])"));
  REQUIRE(wait_until([] { return machine().tandem({"logs", "floods"}).output.find("flooding") != std::string::npos; }));
  const pid_t supervisor = machine().process_of("floods", "supervisor");
  const auto begin = std::chrono::steady_clock::now();
  const double before = processor_seconds(supervisor);
  // What is measured needs a while; nothing is waited for.
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const double used = processor_seconds(supervisor) - before;
  const std::chrono::duration<double> span = std::chrono::steady_clock::now() - begin;
  CHECK(used < 0.4 * span.count());
  CHECK(used > 0);  // it is asked, and answers
  machine().ok({"delete", "pod", "floods"});
}
