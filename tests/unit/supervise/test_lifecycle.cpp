#include <catch2/catch.hpp>

#include "tests/unit/supervise/fake_pod.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace tandem::supervise::test;

TEST_CASE("init containers run in order, one after the other, then main containers together") {
  FakePod pod(test::pod(
      {container("one", ContainerKind::init), container("two", ContainerKind::init), container("a"), container("b")}));
  pod.begin();
  CHECK(pod.words() == Words{"start one 0"});
  pod.exit("one");
  pod.exit("two");
  CHECK(pod.words() == Words{"start one 0", "start two 0", "start a 0", "start b 0"});
  CHECK(pod.machine->state().pod.initialized);
  CHECK(pod.machine->state().pod.ready);
}

TEST_CASE("a sidecar without a startup probe lets the next go on as soon as it runs") {
  FakePod pod(test::pod({container("log", ContainerKind::sidecar), container("web")}));
  pod.begin();
  CHECK(pod.words() == Words{"start log 0", "start web 0"});
}

TEST_CASE("a sidecar with a startup probe holds the next back until the probe has passed") {
  auto log = container("log", ContainerKind::sidecar);
  log.startup = probe(1s, 30);
  FakePod pod(test::pod({log, container("setup", ContainerKind::init), container("web")}));
  pod.begin();
  CHECK(pod.words() == Words{"start log 0", "probe log startup"});
  pod.probe_done("log", ProbeType::startup, false);
  pod.wait(1s);
  CHECK_FALSE(pod.running("setup"));
  pod.probe_done("log", ProbeType::startup, true);
  CHECK(pod.running("setup"));
  CHECK_FALSE(pod.running("web"));
  pod.exit("setup");
  CHECK(pod.running("web"));
}

TEST_CASE("a sidecar that dies during initialisation is restarted and holds nobody back who was past it") {
  FakePod pod(
      test::pod({container("log", ContainerKind::sidecar), container("setup", ContainerKind::init), container("web")}));
  pod.begin();
  pod.exit("log", 1);
  CHECK(pod.record("log").attempt == 1);
  pod.exit("log", 1);
  CHECK_FALSE(pod.running("log"));
  pod.exit("setup");
  CHECK(pod.running("web"));
  pod.wait(10s);
  CHECK(pod.running("log"));
}

TEST_CASE("a postStart hook comes before the probes and before the next container") {
  auto log = container("log", ContainerKind::sidecar);
  log.post_start = {"warm", "up"};
  log.readiness = probe();
  FakePod pod(test::pod({log, container("web")}));
  pod.begin();
  CHECK(pod.words() == Words{"start log 0", "hook log postStart"});
  pod.tell(HookDone{0, 0, HookType::post_start, true, ""});
  CHECK(pod.words() == Words{"start log 0", "hook log postStart", "start web 0", "probe log readiness"});
}

TEST_CASE("a postStart hook that fails ends the container, and it is started again") {
  auto web = container("web");
  web.post_start = {"false"};
  FakePod pod(test::pod({web}));
  pod.begin();
  pod.tell(HookDone{0, 0, HookType::post_start, false, "exit code 1"});
  CHECK(pod.said("stop web"));
  CHECK(pod.reported("FailedPostStartHook"));
  pod.die("web", 15);
  CHECK(pod.said("start web 1"));
}

TEST_CASE("restartPolicy Always: also a success restarts, with kubelet's back-off and its words") {
  FakePod pod(test::pod({container("web")}));
  pod.begin();
  pod.exit("web", 0);
  CHECK(pod.said("start web 1"));
  pod.exit("web", 3);
  CHECK_FALSE(pod.said("start web 2"));
  CHECK(pod.record("web").waiting_reason == "CrashLoopBackOff");
  CHECK(pod.record("web").waiting_message ==
        "back-off 10s restarting failed container=web pod=web_default(0d7c6f0e-1111-4222-8333-444455556666)");
  CHECK(pod.reported("BackOff"));
  pod.wait(9999ms);
  CHECK_FALSE(pod.said("start web 2"));
  pod.wait(1ms);
  CHECK(pod.said("start web 2"));
  CHECK(pod.record("web").last->status.code == 3);
}

TEST_CASE("restartPolicy OnFailure: a success is final, a failure is not") {
  FakePod pod(test::pod({container("a"), container("b")}, RestartPolicy::on_failure));
  pod.begin();
  pod.exit("a", 0);
  pod.exit("b", 1);
  CHECK(pod.said("start b 1"));
  pod.exit("b", 0);
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("an init container that fails: Never fails the pod and stops sidecars, otherwise it is tried again") {
  SECTION("Never") {
    FakePod pod(
        test::pod({container("log", ContainerKind::sidecar), container("setup", ContainerKind::init), container("web")},
                  RestartPolicy::never));
    pod.begin();
    pod.exit("setup", 1);
    CHECK(pod.words() == Words{"start log 0", "start setup 0", "stop log"});
    pod.exit("log", 0);
    CHECK(pod.words().back() == "finish");
  }
  SECTION("Always") {
    FakePod pod(test::pod({container("setup", ContainerKind::init), container("web")}));
    pod.begin();
    pod.exit("setup", 1);
    CHECK(pod.words() == Words{"start setup 0", "start setup 1"});
    pod.exit("setup", 0);
    CHECK(pod.running("web"));
  }
}

TEST_CASE("when the last main container has ended, sidecars are stopped and the pod is finished") {
  FakePod pod(test::pod({container("log", ContainerKind::sidecar), container("job")}, RestartPolicy::never));
  pod.begin();
  pod.exit("job", 0);
  CHECK(pod.words() == Words{"start log 0", "start job 0", "stop log"});
  pod.die("log", 15);
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("a sidecar's death touches no other container") {
  FakePod pod(test::pod({container("log", ContainerKind::sidecar), container("web")}));
  pod.begin();
  pod.clear();
  pod.die("log", 9);
  CHECK(pod.words() == Words{"start log 1"});
  CHECK(pod.running("web"));
}

TEST_CASE("a container that cannot be created is tried again with a growing delay, whatever the policy") {
  FakePod pod(test::pod({container("web")}, RestartPolicy::never));
  pod.starts_by_hand = true;
  pod.begin();
  pod.tell(StartFailed{0, StartFailure::create, "mount overlay: No such file or directory"});
  CHECK(pod.record("web").waiting_reason == "CreateContainerError");
  CHECK(pod.record("web").attempt == -1);
  CHECK(pod.reported("Failed"));
  pod.clear();
  pod.wait(10s);
  CHECK(pod.words() == Words{"start web 0"});
  pod.tell(StartFailed{0, StartFailure::create, "again"});
  pod.clear();
  pod.wait(19s);
  CHECK(pod.words().empty());
  pod.wait(1s);
  CHECK(pod.words() == Words{"start web 0"});
}

TEST_CASE("a program that cannot be executed is a run that ended with 128 and StartError") {
  FakePod pod(test::pod({container("web")}, RestartPolicy::never));
  pod.starts_by_hand = true;
  pod.begin();
  pod.tell(StartFailed{0, StartFailure::run, "execute /nothing: No such file or directory"});
  CHECK(pod.record("web").current->reason == "StartError");
  CHECK(pod.record("web").current->status.code == 128);
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("a sandbox that fails is tried again, and its failure is an event") {
  FakePod pod(test::pod({container("web")}));
  pod.tell(TimePassed{});
  pod.tell(SandboxFailed{"create bridge: Operation not permitted"});
  CHECK(pod.reported("FailedCreatePodSandBox"));
  pod.clear();
  pod.wait(500ms);
  REQUIRE(pod.asked<CreateSandbox>());
  pod.tell(SandboxReady{});
  CHECK(pod.running("web"));
}

TEST_CASE("active deadline: everything is stopped, and the pod has failed") {
  auto p = test::pod({container("log", ContainerKind::sidecar), container("job")}, RestartPolicy::never);
  p.active_deadline = 60s;
  FakePod pod(p);
  pod.begin();
  pod.wait(59s);
  CHECK_FALSE(pod.said("stop job"));
  pod.wait(1s);
  CHECK(pod.said("stop job"));
  CHECK(pod.reported("DeadlineExceeded"));
  pod.exit("job", 0);
  pod.exit("log", 0);
  CHECK(pod.words().back() == "finish");
}

TEST_CASE("a new supervisor goes on from what is on disk: running ones are adopted, the dead one restarts") {
  FakePod before(test::pod({container("log", ContainerKind::sidecar), container("web")}));
  before.begin();
  FakePod after(before.plan, before.machine->state());
  after.now = before.now + 5s;
  after.tell({Started{0}, Exited{1, 0, ExitStatus{7, 0, false}, false, false, ""}});
  CHECK(after.words() == Words{"start web 1"});
  CHECK(after.running("log"));
  CHECK(after.record("log").started_at == before.now);
  CHECK(after.record("web").last->status.code == 7);
}

TEST_CASE("a start that the last supervisor did not live to see is done again without counting") {
  FakePod before(test::pod({container("web")}, RestartPolicy::never));
  before.starts_by_hand = true;
  before.begin();
  FakePod after(before.plan, before.machine->state());
  after.tell(StartLost{0});
  CHECK(after.words() == Words{"start web 0"});
}

TEST_CASE("a process of a container that was killed for memory is an event, with the limit when there is one") {
  auto p = test::pod({container("web"), container("log")}, RestartPolicy::never);
  p.containers[0].resources.memory_limit = Bytes{16 << 20};
  FakePod pod(p);
  pod.begin();
  const auto told = [&](const std::string& message, const std::string& place) {
    return std::any_of(pod.reports.begin(), pod.reports.end(), [&](const Report& report) {
      return report.warning && report.reason == "OOMKilling" && report.message == message && report.field_path == place;
    });
  };
  pod.tell(Exited{0, 0, ExitStatus{3, 0, false}, false, false, "", true});
  CHECK(told("a process of container web was killed for memory (limit 16Mi)", "spec.containers{web}"));
  CHECK(pod.record("web").current->reason == "Error");
  pod.tell(Exited{1, 0, ExitStatus{}, false, false, "", true});
  CHECK(told("a process of container log was killed for memory", "spec.containers{log}"));
  CHECK(pod.record("log").current->reason == "Completed");
}

TEST_CASE("an exit whose code nobody knows is ContainerStatusUnknown with 137") {
  FakePod pod(test::pod({container("web")}));
  pod.begin();
  pod.tell(Exited{0, 0, {}, false, true, ""});
  CHECK(pod.record("web").last->reason == "ContainerStatusUnknown");
  CHECK(pod.record("web").last->status.code == 137);
}
