#include "pods/client/pod_goal.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "pods/client/pod_watch.hpp"

using namespace tandem;
using namespace tandem::client;

namespace {

using StatusJson = nlohmann::json;

StatusJson pod_in(const std::string& phase, bool ready = false) {
  return {{"status", {{"phase", phase}, {"conditions", {{{"type", "Ready"}, {"status", ready ? "True" : "False"}}}}}}};
}

Progress progress(const StatusJson& pod, Goal goal) { return judge(pod, goal).progress; }

}  // namespace

TEST_CASE("goals are written as kubectl's") {
  CHECK(parse_goal("condition=Ready") == Goal::ready);
  CHECK(parse_goal("condition=ready") == Goal::ready);
  CHECK(parse_goal("delete") == Goal::deleted);
  CHECK(parse_goal("jsonpath={.status.phase}=Succeeded") == Goal::succeeded);
  CHECK_THROWS_WITH(parse_goal("condition=Initialized"), Catch::Contains("one of: condition=Ready"));
}

TEST_CASE("a pod is ready by its condition, not by its phase") {
  for (const Goal goal : {Goal::ready, Goal::ready_or_succeeded}) {
    CHECK(progress(pod_in("Running", true), goal) == Progress::reached);
    CHECK(progress(pod_in("Running"), goal) == Progress::waiting);
    CHECK(progress(StatusJson::object(), goal) == Progress::waiting);
  }
}

TEST_CASE("a pod that has ended is ready no more, but as good where its end was wanted") {
  CHECK(progress(pod_in("Succeeded"), Goal::ready) == Progress::impossible);
  CHECK(progress(pod_in("Succeeded"), Goal::ready_or_succeeded) == Progress::reached);
  CHECK(progress(pod_in("Succeeded"), Goal::succeeded) == Progress::reached);
  for (const Goal goal : {Goal::ready, Goal::ready_or_succeeded, Goal::succeeded})
    CHECK(progress(pod_in("Failed"), goal) == Progress::impossible);
  CHECK(progress(pod_in("Running", true), Goal::succeeded) == Progress::waiting);
}

TEST_CASE("a failure is told by its message, or else by its reason") {
  StatusJson pod = pod_in("Failed");
  CHECK(judge(pod, Goal::succeeded).why == "it has failed");
  pod["status"]["reason"] = "DeadlineExceeded";
  CHECK(judge(pod, Goal::succeeded).why == "it has failed: DeadlineExceeded");
  CHECK(judge(pod, Goal::ready).why == "it has ended: Failed, DeadlineExceeded");
  pod["status"]["message"] = "it took too long";
  CHECK(judge(pod, Goal::succeeded).why == "it has failed: it took too long");
}

TEST_CASE("what a pod waits for names each container that is not ready, and why") {
  StatusJson pod = pod_in("Pending");
  CHECK(judge(pod, Goal::ready).why == "not ready yet");
  pod["status"]["initContainerStatuses"] = {
      {{"name", "setup"}, {"ready", false}, {"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}}}};
  pod["status"]["containerStatuses"] = {
      {{"name", "web"}, {"ready", true}},
      {{"name", "log"}, {"ready", false}, {"state", {{"running", StatusJson::object()}}}},
      {{"name", "db"}, {"state", {{"terminated", {{"reason", "OOMKilled"}}}}}}};
  CHECK(judge(pod, Goal::ready).why == "setup: CrashLoopBackOff, log: not ready, db: OOMKilled");
}

TEST_CASE("a pod that is wanted away is there as long as there is one") {
  for (const char* phase : {"Running", "Succeeded", "Failed"})
    CHECK(progress(pod_in(phase), Goal::deleted) == Progress::waiting);
}

TEST_CASE("pods are named alone or with their kind, and other kinds cannot be waited for") {
  for (const char* text : {"web", "pod/web", "pods/web", "po/web"}) {
    const PodName name = pod_name("shop", text);
    CHECK(name.name == "web");
    CHECK(name.name_space == "shop");
  }
  CHECK_THROWS_WITH(pod_name("shop", "svc/web"), Catch::Contains("pod/NAME"));
}

TEST_CASE("a time-out is a duration with its unit, and none is below nothing") {
  using namespace std::chrono_literals;
  CHECK(parse_timeout("2m") == 2min);
  CHECK(parse_timeout("0") == 0s);
  for (const char* text : {"30", "-1s", "soon", ""}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_timeout(text), Error);
  }
}
