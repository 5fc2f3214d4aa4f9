#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "pods/supervise/pod_status.hpp"
#include "tests/unit/supervise/fake_pod.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace tandem::supervise::test;
using Json = nlohmann::json;

namespace {

Json status_of(const FakePod& pod) {
  return Json::parse(PodStatus(pod.plan).render(pod.machine->state())).at("status");
}

std::string condition(const Json& status, const std::string& type) {
  for (const Json& c : status.at("conditions")) {
    if (c.at("type") == type) return c.at("status").get<std::string>() + " " + c.value("reason", "");
  }
  return "absent";
}

plan::Plan helped() {
  auto p =
      test::pod({container("setup", ContainerKind::init), container("log", ContainerKind::sidecar), container("web")});
  p.pod_json = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"x":1}})";
  p.network.address = "10.83.0.7";
  p.network.host_address = "10.83.0.1";
  return p;
}

}  // namespace

TEST_CASE("while init containers run the pod is Pending and says what it waits for") {
  FakePod pod(helped());
  pod.begin();
  const Json status = status_of(pod);
  CHECK(status.at("phase") == "Pending");
  CHECK(condition(status, "Initialized") == "False ContainersNotInitialized");
  CHECK(condition(status, "Ready") == "False ContainersNotReady");
  CHECK(condition(status, "PodScheduled") == "True ");
  CHECK(status.at("initContainerStatuses")[0].at("state").contains("running"));
  CHECK(status.at("initContainerStatuses")[1].at("state").at("waiting").at("reason") == "PodInitializing");
  CHECK(status.at("containerStatuses")[0].at("state").at("waiting").at("reason") == "PodInitializing");
  CHECK(status.at("containerStatuses")[0].at("ready") == false);
}

TEST_CASE("a pod that runs: phase, conditions, addresses, start times, and its own fields untouched") {
  FakePod pod(helped());
  pod.begin();
  pod.exit("setup");
  const Json whole = Json::parse(PodStatus(pod.plan).render(pod.machine->state()));
  CHECK(whole.at("metadata").at("labels").at("app") == "web");
  CHECK(whole.at("metadata").at("uid") == pod.plan.uid);
  CHECK(whole.at("spec").at("x") == 1);
  const Json& status = whole.at("status");
  CHECK(status.at("phase") == "Running");
  CHECK(condition(status, "Initialized") == "True ");
  CHECK(condition(status, "Ready") == "True ");
  CHECK(condition(status, "ContainersReady") == "True ");
  CHECK(status.at("podIP") == "10.83.0.7");
  CHECK(status.at("podIPs") == Json::parse(R"([{"ip":"10.83.0.7"}])"));
  CHECK(status.at("hostIP") == "10.83.0.1");
  CHECK(status.at("startTime") == "2023-11-14T22:13:20Z");
  CHECK(status.at("qosClass") == "BestEffort");
  const Json& setup = status.at("initContainerStatuses")[0];
  CHECK(setup.at("state").at("terminated").at("reason") == "Completed");
  CHECK(setup.at("ready") == true);
  const Json& web = status.at("containerStatuses")[0];
  CHECK(web.at("state").at("running").at("startedAt") == "2023-11-14T22:13:20Z");
  CHECK(web.at("started") == true);
  CHECK(web.at("restartCount") == 0);
  CHECK(web.at("containerID") == "tandem://0d7c6f0e1111/web/0");
}

TEST_CASE("a container in back-off waits with CrashLoopBackOff and shows its last end") {
  FakePod pod(helped());
  pod.begin();
  pod.exit("setup");
  pod.exit("web", 1);
  pod.tell(Exited{2, 1, ExitStatus{0, 9, false}, true, false, "out of memory"});
  const Json web = status_of(pod).at("containerStatuses")[0];
  CHECK(web.at("state").at("waiting").at("reason") == "CrashLoopBackOff");
  CHECK(web.at("lastState").at("terminated").at("reason") == "OOMKilled");
  CHECK(web.at("lastState").at("terminated").at("exitCode") == 137);
  CHECK(web.at("lastState").at("terminated").at("message") == "out of memory");
  CHECK(web.at("restartCount") == 1);
  CHECK(status_of(pod).at("phase") == "Running");
}

TEST_CASE("finished pods: Succeeded or Failed only when the sidecars have ended too") {
  const int code = GENERATE(0, 4);
  auto p = test::pod({container("log", ContainerKind::sidecar), container("job")}, RestartPolicy::never);
  FakePod pod(p);
  pod.begin();
  pod.exit("job", code);
  CHECK(status_of(pod).at("phase") == "Running");
  pod.die("log", 9);
  const Json status = status_of(pod);
  CHECK(status.at("phase") == (code ? "Failed" : "Succeeded"));
  CHECK(condition(status, "Ready") == (code ? "False PodFailed" : "False PodCompleted"));
  CHECK(status.at("containerStatuses")[0].at("state").at("terminated").at("exitCode") == code);
}

TEST_CASE("a deadline fails the pod with kubelet's reason") {
  auto p = test::pod({container("job")}, RestartPolicy::never);
  p.active_deadline = 1s;
  FakePod pod(p);
  pod.begin();
  pod.wait(1s);
  pod.exit("job", 0);
  CHECK(status_of(pod).at("phase") == "Failed");
  CHECK(status_of(pod).at("reason") == "DeadlineExceeded");
}

TEST_CASE("a pod that is being deleted carries its deletion time") {
  FakePod pod(helped());
  pod.begin();
  pod.tell(StopRequested{30s});
  const Json metadata = Json::parse(PodStatus(pod.plan).render(pod.machine->state())).at("metadata");
  CHECK(metadata.at("deletionGracePeriodSeconds") == 30);
  CHECK(metadata.at("deletionTimestamp") == "2023-11-14T22:13:50Z");
}

TEST_CASE("a container that could not be created keeps the pod Pending with the reason") {
  FakePod pod(test::pod({container("web")}));
  pod.starts_by_hand = true;
  pod.begin();
  pod.tell(StartFailed{0, StartFailure::create, "no such layer"});
  const Json status = status_of(pod);
  CHECK(status.at("phase") == "Pending");
  CHECK(status.at("containerStatuses")[0].at("state").at("waiting").at("reason") == "CreateContainerError");
  CHECK(status.at("containerStatuses")[0].at("state").at("waiting").at("message") == "no such layer");
}

TEST_CASE("quality of service follows requests and limits") {
  auto p = test::pod({container("a"), container("b")});
  CHECK(std::string(qos_class(p)) == "BestEffort");
  p.containers[0].resources.memory_request = Bytes{1 << 20};
  CHECK(std::string(qos_class(p)) == "Burstable");
  for (auto& c : p.containers) {
    c.resources.memory_request.reset();
    c.resources.cpu_limit = Millicores{100};
    c.resources.memory_limit = Bytes{1 << 20};
  }
  CHECK(std::string(qos_class(p)) == "Guaranteed");
  p.containers[1].resources.cpu_request = Millicores{50};
  CHECK(std::string(qos_class(p)) == "Burstable");
}

TEST_CASE("last words that are not UTF-8 do not break the status") {
  FakePod pod(test::pod({container("web")}, RestartPolicy::never));
  pod.begin();
  pod.tell(Exited{0, 0, ExitStatus{1, 0, false}, false, false, "\xff\xfe"});
  CHECK(status_of(pod).at("phase") == "Failed");
}
