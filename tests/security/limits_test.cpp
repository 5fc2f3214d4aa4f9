// What a container can take from the machine.
#include <catch2/catch.hpp>

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
