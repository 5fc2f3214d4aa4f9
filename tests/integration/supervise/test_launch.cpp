#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/events.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

TEST_CASE("a pod is launched, runs, says so, and is deleted without a trace") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "echo hello; echo oops >&2; exec sleep 1000")};
  pod.launch();
  REQUIRE(pod.wait_ready());
  CHECK(pod.phase() == "Running");
  CHECK(pod.status_at("/status/containerStatuses/0/state/running/startedAt") != "");
  CHECK(wait_until([&] { return pod.logged("web", "hello") && pod.logged("web", "oops"); }));
  CHECK(pod.raw_log("web").find(" stderr F oops\n") != std::string::npos);
  CHECK(pod.process("keeper") > 0);
  CHECK(pod.process("supervisor") > 0);
  CHECK(pod.process("web") > 0);
  supervise::delete_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(pod.leftovers() == "");
  CHECK(supervise::pod_phase(pod.paths) == "");
}

TEST_CASE("the API answers on the socket: pod, events, health, and 404 for what it does not know") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.launch();
  REQUIRE(pod.wait_ready());
  const auto whole = supervise::call_api(pod.paths, "GET", "/api/v1/pod");
  REQUIRE(whole.has_value());
  CHECK(whole->code == 200);
  CHECK(whole->body == pod.status());
  CHECK(supervise::call_api(pod.paths, "GET", "/healthz")->body == "ok\n");
  CHECK(supervise::call_api(pod.paths, "GET", "/api/v1/events")->body.find("\"EventList\"") != std::string::npos);
  CHECK(supervise::call_api(pod.paths, "GET", "/else")->code == 404);
  CHECK(supervise::call_api(pod.paths, "POST", "/stop?gracePeriodSeconds=soon")->code == 400);
  CHECK(pod.phase() == "Running");
}

TEST_CASE("init containers and sidecars start in order, all within a fraction of a second") {
  // Without a startup probe the next one starts when the sidecar's process is there: who writes first is the kernel's
  // choice.
  const bool probed = GENERATE(false, true);
  LaunchedPod pod;
  const auto begin = std::chrono::steady_clock::now();
  auto log = pod.shell("log", "echo log >>/shared/order; exec sleep 1000", plan::ContainerKind::sidecar);
  if (probed) {
    log.startup = plan::Probe{};
    log.startup->command = {"sh", "-c", "test -e /shared/order"};
    log.startup->period = plan::seconds(1);
    log.startup->failure_threshold = 60;
  }
  auto setup = pod.shell("setup", "echo setup >>/shared/order", plan::ContainerKind::init);
  auto web = pod.shell("web", "echo web >>/shared/order; exec sleep 1000");
  plan::Volume shared;
  shared.name = "shared";
  pod.plan.volumes = {shared};
  pod.plan.containers = {log, setup, web};
  for (auto& container : pod.plan.containers)
    container.mounts = {{plan::MountKind::volume, "shared", "", "/shared", false}};
  pod.launch();
  REQUIRE(pod.wait_ready());
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took < std::chrono::seconds(10));  // this machine is shared; alone it is some tens of milliseconds
  WARN("launched in " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
  const auto order = [&] { return read_file(pod.paths.volume("shared", false) / "order"); };
  CHECK(wait_until([&] { return order().size() == std::string("log\nsetup\nweb\n").size(); }));
  CHECK(order().find("setup\n") < order().find("web\n"));
  if (probed) CHECK(order() == "log\nsetup\nweb\n");
  const auto started = [&] {
    std::vector<std::string> all;
    for (const auto& event : state::read_events(pod.paths))
      if (event.reason == "Started") all.push_back(event.field_path);
    return all;
  };
  CHECK(wait_until([&] { return started().size() == 3; }));  // told after the state
  CHECK(started() ==
        std::vector<std::string>{"spec.initContainers{log}", "spec.initContainers{setup}", "spec.containers{web}"});
  CHECK(pod.status_at("/status/initContainerStatuses/1/state/terminated/reason") == "Completed");
}

TEST_CASE("a job ends: sidecars are stopped, the pod has Succeeded, and only its files are left until it is deleted") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {
      pod.shell("log", "trap 'exit 0' TERM; while :; do sleep 0.1; done", plan::ContainerKind::sidecar),
      pod.shell("job", "echo done")};
  pod.launch();
  REQUIRE(pod.wait_for_phase("Succeeded"));
  REQUIRE(wait_until([&] { return !supervise::is_supervised(pod.paths); }));
  CHECK(pod.log("job") == std::vector<std::string>{"done"});
  CHECK(pod.leftovers().find("mount") == std::string::npos);
  CHECK(pod.leftovers().find("cgroup") == std::string::npos);
  CHECK(supervise::pod_phase(pod.paths) == "Succeeded");
}

TEST_CASE("a job that fails: the pod has Failed, with the code and the termination message") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {pod.shell("job", "echo 'disk on fire' >/dev/termination-log; exit 7")};
  pod.launch();
  REQUIRE(pod.wait_for_phase("Failed"));
  CHECK(pod.status_at("/status/containerStatuses/0/state/terminated/exitCode") == "7");
  CHECK(pod.status_at("/status/containerStatuses/0/state/terminated/reason") == "Error");
  CHECK(pod.status_at("/status/containerStatuses/0/state/terminated/message") == "disk on fire\n");
}

TEST_CASE("a program that is not there is a StartError with its reason") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {pod.shell("web", "")};
  pod.plan.containers[0].argv = {"/no/such/program"};
  pod.launch();
  REQUIRE(pod.wait_for_phase("Failed"));
  CHECK(pod.status_at("/status/containerStatuses/0/state/terminated/reason") == "StartError");
  CHECK(pod.status_at("/status/containerStatuses/0/state/terminated/exitCode") == "128");
  CHECK(pod.status_at("/status/containerStatuses/0/state/terminated/message").find("/no/such/program") !=
        std::string::npos);
}

TEST_CASE("an image layer that cannot be mounted is a CreateContainerError, and the pod stays Pending") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  write_file(pod.folder("file"), "no directory");
  pod.plan.containers[0].layers = {pod.folder("file").string()};
  pod.launch();
  REQUIRE(wait_until(
      [&] { return pod.status_at("/status/containerStatuses/0/state/waiting/reason") == "CreateContainerError"; }));
  CHECK(pod.phase() == "Pending");
}

TEST_CASE("two pods cannot have one name; the first is not touched") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.launch();
  plan::Plan second = pod.plan;
  second.id = "ffffffffffff";
  CHECK_THROWS_AS(supervise::launch_keeper(pod.roots, second), Error);
  CHECK_FALSE(fs::exists(state::PodPaths(pod.roots, second.id).run));
  REQUIRE(pod.wait_ready());
}

TEST_CASE("a keeper that cannot be started leaves nothing") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.roots.libexec = pod.folder("nowhere");
  CHECK_THROWS_AS(pod.launch(), Error);
  CHECK(pod.leftovers() == "");
}

TEST_CASE("what starts containers cannot be written to through /proc, not even by root (CVE-2019-5736)") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.launch();
  REQUIRE(pod.wait_ready());
  for (const char* process : {"keeper", "supervisor"}) {
    const std::string program = "/proc/" + std::to_string(pod.process(process)) + "/exe";
    CHECK(::access(program.c_str(), R_OK | X_OK) == 0);
    CHECK(::access(program.c_str(), W_OK) == -1);
    CHECK(errno == EROFS);
  }
}
