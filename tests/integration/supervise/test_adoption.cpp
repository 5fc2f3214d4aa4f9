#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// Another supervisor than `before` answers.
bool is_replaced(const LaunchedPod& pod, pid_t before) {
  const pid_t now = pod.process("supervisor");
  const auto answer = supervise::call_api(pod.paths, "GET", "/healthz");
  return now > 0 && now != before && answer && answer->code == 200;
}

}  // namespace

TEST_CASE("a supervisor that is killed while a container talks: the container goes on, no line is lost") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {
      pod.shell("web", "i=1; while test $i -le 20000; do echo $i; i=$((i+1)); done; sleep 1; echo end")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "100"); }));
  const pid_t web = pod.process("web");
  for (int i = 0; i < 3; ++i) {
    const pid_t before = pod.process("supervisor");
    if (before == 0) break;
    pod.kill("supervisor");
    REQUIRE(wait_until([&] { return is_replaced(pod, before) || pod.phase() == "Succeeded"; }));
    // It goes on, or has just ended by itself, which becomes the phase a moment later.
    CHECK(wait_until([&] { return pod.process("web") == web || pod.phase() == "Succeeded"; }));
  }
  REQUIRE(pod.wait_for_phase("Succeeded"));
  const auto lines = pod.log("web");
  CHECK(first_missing(lines, 1, 20000) == 0);
  CHECK(lines.back() == "end");
  CHECK(pod.record("web").attempt == 0);
  CHECK(pod.record("web").current->status.shell_code() == 0);
}

TEST_CASE("a container that ends while there is no supervisor keeps its exit code and its last words") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {pod.shell("web", "echo up; while test ! -e /tmp/go; do sleep 0.02; done; echo last; exit 42")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "up"); }));
  // The keeper is stopped, so that no new supervisor comes before the container has ended.
  const pid_t web = pod.process("web");
  pod.kill("keeper", 19);
  pod.kill("supervisor");
  REQUIRE(wait_until([&] { return pod.process("supervisor") == 0; }));
  {
    Child touch({"/bin/touch", "/proc/" + std::to_string(web) + "/root/tmp/go"}, pod.folder("touch.log"));
    touch.wait();
  }
  // A zombie, for nobody reaps it: its command line is empty.
  REQUIRE(wait_until([&] { return read_file("/proc/" + std::to_string(web) + "/cmdline").empty(); }));
  pod.kill("keeper", 18);
  REQUIRE(pod.wait_for_phase("Failed"));
  CHECK(pod.record("web").current->status.code == 42);
  CHECK(pod.log("web") == std::vector<std::string>{"up", "last"});
}

TEST_CASE("after a supervisor's death everything still works: restart, probe, stop") {
  LaunchedPod pod;
  auto web = pod.shell("web", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
  web.readiness = plan::Probe{};
  web.readiness->command = {"true"};
  web.readiness->period = plan::seconds(1);
  pod.plan.containers = {pod.shell("log", "exec sleep 1000", plan::ContainerKind::sidecar), web};
  pod.launch();
  REQUIRE(pod.wait_ready());
  const pid_t before = pod.process("supervisor"), log = pod.process("log");
  pod.kill("supervisor");
  REQUIRE(wait_until([&] { return is_replaced(pod, before); }));
  CHECK(pod.process("log") == log);
  CHECK(pod.wait_ready());
  pod.kill("log");  // adopted: the keeper is its parent now
  REQUIRE(pod.wait_for_other("log", log));
  CHECK(pod.record("log").last->status.signal == 9);
  supervise::stop_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(pod.logged("web", "bye"));
  CHECK(pod.phase() != "Running");
}

TEST_CASE("a supervisor that is killed during a stop: the stop goes on") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "trap '' TERM; echo up; while :; do sleep 1; done")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "up"); }));
  REQUIRE(supervise::call_api(pod.paths, "POST", "/stop?gracePeriodSeconds=2")->code == 202);
  REQUIRE(wait_until([&] { return pod.record("web").kill_deadline != state::Time{}; }));
  pod.kill("supervisor");
  REQUIRE(wait_until([&] { return !supervise::is_supervised(pod.paths); }));
  CHECK(pod.record("web").current->status.signal == 9);
  CHECK(pod.leftovers().find("cgroup") == std::string::npos);
}

TEST_CASE("a killed keeper: the supervisor takes its place, the containers go on, the pod can be stopped") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "up"); }));
  const pid_t web = pod.process("web"), supervisor = pod.process("supervisor");
  pod.kill("keeper");
  REQUIRE(wait_until([&] { return pod.process("keeper") == supervisor && pod.process("supervisor") > 0; }));
  REQUIRE(wait_until([&] { return supervise::call_api(pod.paths, "GET", "/healthz").has_value(); }));
  CHECK(pod.process("web") == web);
  supervise::stop_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(pod.logged("web", "bye"));
}

TEST_CASE("a pod whose keeper and supervisor are both dead is Unknown, goes on, and can be taken up again") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "10"); }));
  const pid_t web = pod.process("web");
  pod.kill_guardians();
  REQUIRE(wait_until([&] { return !supervise::is_supervised(pod.paths); }));
  CHECK(supervise::pod_phase(pod.paths) == "Unknown");
  CHECK(pod.process("web") == web);
  supervise::revive_keeper(pod.roots, pod.plan.id);
  REQUIRE(wait_until([&] { return supervise::call_api(pod.paths, "GET", "/healthz").has_value(); }));
  const std::string next = std::to_string(pod.log("web").size() + 20);
  REQUIRE(wait_until([&] { return pod.logged("web", next); }));
  CHECK(first_missing(pod.log("web"), 1, std::stoi(next)) == 0);
  CHECK(pod.process("web") == web);
}
