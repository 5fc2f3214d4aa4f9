#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/state/undo_record.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

plan::Volume in_memory(const std::string& name) {
  plan::Volume volume;
  volume.name = name;
  volume.kind = plan::VolumeKind::memory;
  return volume;
}

}  // namespace

TEST_CASE("delete with keeper and supervisor killed: containers, mounts, cgroups and files go") {
  LaunchedPod pod;
  pod.plan.volumes = {in_memory("ram")};
  pod.plan.containers = {pod.shell("log", "exec sleep 1000", plan::ContainerKind::sidecar),
                         pod.shell("web", "trap '' TERM; while :; do sleep 1; done")};
  pod.launch();
  REQUIRE(pod.wait_ready());
  const pid_t web = pod.process("web");
  pod.kill_guardians();
  REQUIRE(wait_until([&] { return !supervise::is_supervised(pod.paths); }));
  CHECK(pod.leftovers().find("mount") != std::string::npos);
  supervise::delete_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(pod.leftovers() == "");
  CHECK_FALSE(fs::exists("/proc/" + std::to_string(web) + "/exe"));
}

TEST_CASE("delete twice, and delete of what never was, do nothing") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.launch();
  supervise::delete_pod(pod.roots, pod.plan.id, std::chrono::seconds(0));
  CHECK_NOTHROW(supervise::delete_pod(pod.roots, pod.plan.id, std::chrono::seconds(0)));
  CHECK_NOTHROW(supervise::delete_pod(pod.roots, "abcdefabcdef", std::nullopt));
}

TEST_CASE("the name can be used again after delete") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.launch();
  supervise::delete_pod(pod.roots, pod.plan.id, std::chrono::seconds(0));
  pod.launch();
  CHECK(pod.wait_ready());
}

TEST_CASE("a hostPath's contents survive delete, whoever was killed before") {
  LaunchedPod pod;
  const fs::path data = pod.folder("data");
  fs::create_directories(data);
  write_file(data / "precious", "x");
  plan::Volume volume;
  volume.name = "data";
  volume.kind = plan::VolumeKind::host_path;
  volume.source = data;
  pod.plan.volumes = {volume};
  auto web = pod.shell("web", "exec sleep 1000");
  web.mounts = {{plan::MountKind::volume, "data", "", "/data", false}};
  pod.plan.containers = {web};
  pod.launch();
  REQUIRE(pod.wait_ready());
  pod.kill_guardians();
  supervise::delete_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(read_file(data / "precious") == "x");
}

TEST_CASE("a supervisor that does not answer any more is killed by delete") {
  LaunchedPod pod;
  pod.plan.containers = {pod.shell("web", "exec sleep 1000")};
  pod.launch();
  REQUIRE(pod.wait_ready());
  pod.kill("supervisor", 19);
  supervise::delete_pod(pod.roots, pod.plan.id, std::chrono::seconds(0));
  CHECK(pod.leftovers() == "");
}
