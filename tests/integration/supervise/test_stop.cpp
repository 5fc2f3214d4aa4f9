#include <catch2/catch.hpp>
#include <chrono>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// Writes its name to a file on the host when it is told to stop.
plan::Container polite(const LaunchedPod& pod, const std::string& name, plan::ContainerKind kind) {
  auto container = pod.shell(
      name, "trap 'echo " + name + " >>/shared/stops; exit 0' TERM; echo up; while :; do sleep 0.05; done", kind);
  container.mounts = {{plan::MountKind::volume, "shared", "", "/shared", false}};
  return container;
}

}  // namespace

TEST_CASE("main containers are told first, then sidecars from the last to the first") {
  LaunchedPod pod;
  const fs::path shared = pod.folder("shared");
  fs::create_directories(shared);
  plan::Volume volume;
  volume.name = "shared";
  volume.kind = plan::VolumeKind::host_path;
  volume.source = shared;
  pod.plan.volumes = {volume};
  pod.plan.containers = {polite(pod, "log", plan::ContainerKind::sidecar),
                         polite(pod, "proxy", plan::ContainerKind::sidecar),
                         polite(pod, "web", plan::ContainerKind::main)};
  pod.plan.containers[2].pre_stop = {"sh", "-c", "echo preStop >>/shared/stops"};
  pod.launch();
  REQUIRE(pod.wait_ready());
  for (const char* name : {"log", "proxy", "web"}) REQUIRE(wait_until([&] { return pod.logged(name, "up"); }));
  supervise::stop_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(read_file(shared / "stops") == "preStop\nweb\nproxy\nlog\n");
  CHECK(pod.phase() == "Succeeded");
}

TEST_CASE("a container that ignores SIGTERM is killed after the grace period") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "trap '' TERM; echo up; while :; do sleep 1; done")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "up"); }));
  const auto begin = std::chrono::steady_clock::now();
  supervise::stop_pod(pod.roots, pod.plan.id, std::chrono::seconds(1));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took > std::chrono::milliseconds(900));
  CHECK(took < std::chrono::seconds(5));
  CHECK(pod.record("web").current->status.signal == 9);
}

TEST_CASE("SIGTERM to the keeper stops the pod gracefully") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done")};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("web", "up"); }));
  pod.kill("keeper", 15);
  REQUIRE(wait_until([&] { return !supervise::is_supervised(pod.paths); }));
  CHECK(pod.logged("web", "bye"));
  CHECK(pod.phase() == "Succeeded");
}
