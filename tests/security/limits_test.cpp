// What a container can take from the machine.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/security/hostile_pod.hpp"

using namespace tandem::test;

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
