#include <catch2/catch.hpp>

#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

TEST_CASE("a container that ends is started again at once, then backed off; each attempt has its log") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "echo attempt; exit 3")};
  pod.launch();
  REQUIRE(wait_until(
      [&] { return pod.status_at("/status/containerStatuses/0/state/waiting/reason") == "CrashLoopBackOff"; }));
  CHECK(pod.status_at("/status/containerStatuses/0/restartCount") == "1");
  CHECK(pod.status_at("/status/containerStatuses/0/lastState/terminated/exitCode") == "3");
  CHECK(pod.log("web", 0) == std::vector<std::string>{"attempt"});
  CHECK(pod.log("web", 1) == std::vector<std::string>{"attempt"});
  CHECK(wait_until([&] {
    const auto reasons = pod.event_reasons();
    return std::count(reasons.begin(), reasons.end(), "BackOff") == 1;
  }));
}

TEST_CASE("a sidecar that is killed comes back; the main container does not notice") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("log", "exec sleep 1000", plan::ContainerKind::sidecar),
                         pod.shell("web", "exec sleep 1000")};
  pod.launch();
  REQUIRE(pod.wait_ready());
  const pid_t web = pod.process("web"), log = pod.process("log");
  pod.kill("log");
  REQUIRE(pod.wait_for_other("log", log));
  CHECK(pod.process("web") == web);
  CHECK(pod.record("log").last->status.signal == 9);
  CHECK(pod.record("web").attempt == 0);
}

TEST_CASE("a fast talker's output is whole, in order, and rotated") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {pod.shell("web", "seq 1 300000")};
  pod.launch();
  REQUIRE(pod.wait_for_phase("Succeeded"));
  const auto lines = pod.log("web");
  CHECK(lines.size() == 300000);
  CHECK(first_missing(lines, 1, 300000) == 0);
}
