// A container whose program does not begin: somebody holds a lease on the file (fcntl(2), F_SETLEASE), so that execve
// waits for up to fs.lease-break-time, 45 s.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

class HeldProgram {
 public:
  HeldProgram(LaunchedPod& pod, const std::string& content) : directory_(pod.folder("shared")) {
    fs::create_directories(directory_);
    write_file(directory_ / "program", content);
    ::chmod((directory_ / "program").c_str(), 0755);
    plan::Volume volume;
    volume.name = "shared";
    volume.kind = plan::VolumeKind::host_path;
    volume.source = directory_;
    pod.plan.volumes = {volume};
    ::signal(SIGIO, SIG_IGN);  // how the kernel asks for the lease
    lease_ = open_file(directory_ / "program", O_RDONLY);
    check([&] { return ::fcntl(lease_.get(), F_SETLEASE, F_WRLCK); }, "lease", "the program");
  }
  void let_go() { lease_.reset(); }
  bool is_asked_for() const { return ::fcntl(lease_.get(), F_GETLEASE) != F_WRLCK; }  // somebody waits in execve
  fs::path directory() const { return directory_; }

  plan::Container container(const LaunchedPod& pod, const std::string& script,
                            plan::ContainerKind kind = plan::ContainerKind::main) const {
    plan::Container held = pod.shell("held", script, kind);
    held.argv[0] = "/shared/program";
    held.mounts = {{plan::MountKind::volume, "shared", "", "/shared", false}};
    return held;
  }

 private:
  fs::path directory_;
  unique_fd lease_;
};

bool is_starting(const LaunchedPod& pod) {
  const state::ContainerRecord record = pod.record("held");
  return record.phase == state::ContainerPhase::starting && record.process.pid > 0;
}
bool waits_in_execve(const LaunchedPod& pod, const HeldProgram& program) {
  return program.is_asked_for() && is_starting(pod);
}

const std::string shell_runner = "#!/bin/sh\nexec sh \"$@\"\n";

}  // namespace

TEST_CASE("a container whose program cannot begin holds up nobody: not its neighbours' output and probes, not a stop") {
  LaunchedPod pod;
  HeldProgram program(pod, shell_runner);
  auto neighbour = pod.shell("web", "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done");
  neighbour.readiness = plan::Probe{};
  neighbour.readiness->command = {"true"};
  neighbour.readiness->period = plan::seconds(1);
  pod.plan.containers = {program.container(pod, "exec sleep 1000"), neighbour};
  pod.launch();
  CHECK(wait_until([&] { return pod.logged("web", "up"); }));
  CHECK(wait_until([&] { return pod.record("web").ready; }));
  REQUIRE(is_starting(pod));
  CHECK(pod.status_at("/status/containerStatuses/0/state/waiting/reason") == "ContainerCreating");
  const pid_t waits = pod.record("held").process.pid;
  REQUIRE(supervise::call_api(pod.paths, "POST", "/stop?gracePeriodSeconds=20")->code == 202);
  CHECK(wait_until([&] { return !is_running(waits); }, std::chrono::seconds(10)));
  CHECK(wait_until([&] { return !supervise::is_supervised(pod.paths); }));
  CHECK(pod.record("held").attempt == -1);
  CHECK(pod.phase() == "Failed");
}

TEST_CASE("a program begins as soon as it may, and what waits for it comes after it") {
  LaunchedPod pod;
  HeldProgram program(pod, shell_runner);
  pod.plan.containers = {program.container(pod, "echo held >> /shared/order", plan::ContainerKind::init),
                         pod.shell("web", "echo web >> /shared/order; exec sleep 1000")};
  pod.plan.containers[1].mounts = pod.plan.containers[0].mounts;
  pod.launch();
  REQUIRE(wait_until([&] { return waits_in_execve(pod, program); }));
  REQUIRE(supervise::call_api(pod.paths, "GET", "/healthz").has_value());
  CHECK(is_starting(pod));
  program.let_go();
  REQUIRE(wait_until([&] { return read_file_if_exists(program.directory() / "order") == "held\nweb\n"; }));
  CHECK(pod.record("held").attempt == 0);
}

TEST_CASE("a supervisor that is killed while a program cannot begin is followed by one that starts it again, once") {
  LaunchedPod pod;
  HeldProgram program(pod, shell_runner);
  pod.plan.containers = {program.container(pod, "echo ran >> /shared/runs; exec sleep 1000")};
  pod.launch();
  REQUIRE(wait_until([&] { return waits_in_execve(pod, program); }));
  const pid_t waits = pod.record("held").process.pid, supervisor = pod.process("supervisor");
  pod.kill("supervisor");
  REQUIRE(pod.wait_for_other("supervisor", supervisor));
  CHECK(wait_until([&] { return is_starting(pod) && pod.record("held").process.pid != waits; }));
  CHECK_FALSE(is_running(waits));
  program.let_go();
  REQUIRE(wait_until([&] { return read_file_if_exists(program.directory() / "runs") == "ran\n"; }));
  REQUIRE(wait_until([&] { return pod.phase() == "Running"; }));
  CHECK(pod.record("held").attempt == 0);
}

TEST_CASE("why a program could not be executed is told, also when its supervisor was killed while it waited") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  HeldProgram program(pod, "neither a program nor a script");
  pod.plan.containers = {program.container(pod, "")};
  pod.launch();
  REQUIRE(wait_until([&] { return waits_in_execve(pod, program); }));
  const pid_t supervisor = pod.process("supervisor");
  pod.kill("supervisor");
  REQUIRE(pod.wait_for_other("supervisor", supervisor));
  program.let_go();
  REQUIRE(pod.wait_for_phase("Failed"));
  CHECK(pod.record("held").current->reason == "StartError");
}
