// Pods find each other by the names of Services; the host reaches their ports.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

TEST_CASE("a headless Service names the pods it selects, for other pods, as they become ready and go") {
  machine().ok(
      {"apply", "-f", "-"},
      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: None, selector: {app: server}, ports: "
      "[{port: 8080}]}\n---\n" +
          shell_pod("server", "mkdir /tmp/www; echo hello > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www",
                    "terminationGracePeriodSeconds: 1", "readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}") +
          "---\n" + shell_pod("client", "sleep 1000", "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("server") && machine().ready("client"); }));
  const std::string address = machine().pod_ip("server");
  const auto resolves = [&](const std::string& name) {
    return machine().tandem({"exec", "client", "--", "getent", "ahostsv4", name}).output.find(address + " ") == 0;
  };
  for (const char* name : {"web", "web.default", "web.default.svc", "web.default.svc.cluster.local"}) {
    INFO(name);
    REQUIRE(wait_until([&] { return resolves(name); }));
  }
  CHECK_FALSE(resolves("nothing"));
  CHECK(http_get(address, 8080, "/").body == "hello\n");
  machine().ok({"delete", "pod", "server"});
  REQUIRE(wait_until([&] { return !resolves("web"); }));
  machine().ok({"delete", "pod", "client"});
  machine().ok({"delete", "service", "web"});
}

TEST_CASE("a host port reaches its pod, and is free again when the pod is gone") {
  machine().ok(
      {"apply", "-f", "-"},
      shell_pod("published", "mkdir /tmp/www; echo here > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www",
                "terminationGracePeriodSeconds: 1", "ports: [{containerPort: 8080, hostPort: 18080}]"));
  REQUIRE(wait_until([] { return http_get("127.0.0.1", 18080, "/").body == "here\n"; }));
  machine().ok({"delete", "pod", "published"});
  CHECK_FALSE(can_connect(18080));
}

TEST_CASE("a pod in the host's network listens on the host's loopback") {
  machine().ok(
      {"apply", "-f", "-"},
      shell_pod("onhost",
                "mkdir /tmp/www; echo host > /tmp/www/index.html; exec httpd -f -p 127.0.0.1:18081 -h /tmp/www",
                "terminationGracePeriodSeconds: 1\nhostNetwork: true"));
  REQUIRE(wait_until([] { return http_get("127.0.0.1", 18081, "/").body == "host\n"; }));
  machine().ok({"delete", "pod", "onhost"});
}

TEST_CASE("who wants a host port that is taken is told which pod has it, by name") {
  const std::string port = "ports: [{containerPort: 1, hostPort: 18084}]";
  const std::string grace = "terminationGracePeriodSeconds: 0";
  machine().ok({"apply", "-f", "-"}, shell_pod("holder", "sleep 1000", grace, port));
  REQUIRE(wait_until([] { return machine().ready("holder"); }));
  const std::string wants = shell_pod("wants", "sleep 1000", grace, port);
  machine().ok({"apply", "-f", "-"}, wants);
  CHECK(wait_until([] {
    return machine().ok({"describe", "pod", "wants"}).find("pod default/holder has it") != std::string::npos;
  }));
  const auto waited = machine().tandem({"wait", "wants", "--timeout", "0s"});
  const auto up = machine().tandem({"up", "-d", "-f", "-", "--timeout", "0s"}, wants);
  for (const auto& ended : {waited, up}) {
    CHECK(ended.status.code == 69);
    CHECK(ended.errors.find("main: ContainerCreating") != std::string::npos);
    CHECK(ended.errors.find("pod default/holder has it") != std::string::npos);
  }
  machine().ok({"delete", "pod", "holder", "wants"});
}
