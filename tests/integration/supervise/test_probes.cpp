#include <catch2/catch.hpp>

#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

plan::Probe exec_probe(const std::string& script) {
  plan::Probe probe;
  probe.command = {"sh", "-c", script};
  probe.period = plan::seconds(1);
  probe.failure_threshold = 1;
  return probe;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("readiness by a command follows the container") {
  LaunchedPod pod;
  auto web = pod.shell("web", "sleep 0.5; touch /tmp/ready; sleep 2; rm /tmp/ready; exec sleep 1000");
  web.readiness = exec_probe("test -e /tmp/ready");
  pod.plan.containers = {web};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.record("web").phase == state::ContainerPhase::running; }));
  CHECK_FALSE(pod.record("web").ready);
  REQUIRE(pod.wait_ready());
  REQUIRE(wait_until([&] { return !pod.record("web").ready; }));
  CHECK(pod.record("web").attempt == 0);
  CHECK(wait_until([&] { return has(pod.event_reasons(), "Unhealthy"); }));  // told after the state
}

TEST_CASE("a liveness probe that fails restarts the container") {
  LaunchedPod pod;
  auto web = pod.shell("web", "exec sleep 1000");
  web.liveness = exec_probe("exit 1");
  web.liveness->termination_grace_period = plan::seconds(0);
  pod.plan.containers = {web};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.record("web").attempt >= 1; }));
  CHECK(has(pod.event_reasons(), "Killing"));
}

TEST_CASE("a probe command that hangs counts as a failure at its timeout, and leaves no process") {
  LaunchedPod pod;
  auto web = pod.shell("web", "exec sleep 1000");
  web.readiness = exec_probe("sleep 1000");
  pod.plan.containers = {web};
  pod.launch();
  REQUIRE(wait_until([&] { return has(pod.event_reasons(), "Unhealthy"); }));
  CHECK_FALSE(pod.record("web").ready);
}

TEST_CASE("HTTP and TCP probes ask inside the pod's network namespace") {
  LaunchedPod pod;
  auto web = pod.shell("web", "mkdir -p /tmp/www; echo ok >/tmp/www/healthz; httpd -f -p 127.0.0.1:8080 -h /tmp/www");
  plan::Probe http;
  http.kind = plan::ProbeKind::http;
  http.host = "127.0.0.1";
  http.port = 8080;
  http.path = "/healthz";
  http.period = plan::seconds(1);
  web.startup = http;
  web.startup->failure_threshold = 30;
  web.readiness = http;
  auto wrong = pod.shell("wrong", "exec sleep 1000");
  wrong.readiness = http;
  wrong.readiness->path = "/nothing";
  auto tcp = pod.shell("tcp", "exec sleep 1000");
  tcp.readiness = http;
  tcp.readiness->kind = plan::ProbeKind::tcp;
  pod.plan.containers = {web, wrong, tcp};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.record("web").ready && pod.record("tcp").ready; }));
  REQUIRE(wait_until([&] {
    const auto answer = supervise::call_api(pod.paths, "GET", "/api/v1/events");
    return answer && answer->body.find("HTTP probe failed with statuscode: 404") != std::string::npos;
  }));
  CHECK_FALSE(pod.record("wrong").ready);
}
