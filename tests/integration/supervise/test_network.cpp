#include <net/if.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/network/network.hpp"
#include "pods/supervise/names_file.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

bool has_interface(const std::string& name) { return ::if_nametoindex(name.c_str()) != 0; }

void use_bridge(LaunchedPod& pod) {
  const network::Subnet subnet = network::find_subnet(pod.roots);
  plan::Network& net = pod.plan.network;
  net.mode = plan::NetworkMode::bridge;
  net.bridge = pod.roots.bridge();
  net.address = network::allocate_address(pod.roots, subnet, pod.plan.uid);
  net.prefix_length = subnet.prefix_length;
  net.gateway = net.host_address = subnet.address;
  net.interface_host = "tm" + pod.plan.id;
  net.name_server = network::name_server_address;
}

plan::Container web_server(const LaunchedPod& pod) {
  auto web = pod.shell("web", "mkdir -p /tmp/www; echo ok >/tmp/www/healthz; exec httpd -f -p 8080 -h /tmp/www");
  web.readiness = plan::Probe{};
  web.readiness->kind = plan::ProbeKind::http;
  web.readiness->port = 8080;
  web.readiness->path = "/healthz";
  web.readiness->period = plan::seconds(1);
  return web;
}

// Asks the pod's name server in a loop, and says what it hears.
plan::Container asker(const LaunchedPod& pod) {
  return pod.shell("asker",
                   "while :; do busybox nslookup db.default.svc.cluster.local 169.254.20.10 2>&1 | "
                   "busybox grep -o '10\\.9\\.9\\.[0-9]*' || echo nothing; sleep 0.1; done");
}

}  // namespace

TEST_CASE("a bridge pod is probed at its address, has it in its status, and leaves no interface") {
  LaunchedPod pod;
  use_bridge(pod);
  pod.plan.containers = {web_server(pod)};
  pod.launch();
  REQUIRE(pod.wait_ready());
  CHECK(pod.status_at("/status/podIP") == pod.plan.network.address);
  CHECK(can_connect(8080, pod.plan.network.address));
  CHECK(has_interface(pod.plan.network.interface_host));
  supervise::delete_pod(pod.roots, pod.plan.id, std::nullopt);
  CHECK(wait_until([&] { return !has_interface(pod.plan.network.interface_host); }));
  CHECK(wait_until([&] { return !has_interface(pod.plan.network.bridge); }));
}

TEST_CASE("names are answered as the table says, when it changes, and after the supervisor was killed") {
  LaunchedPod pod;
  use_bridge(pod);
  pod.plan.containers = {asker(pod)};
  pod.launch();
  REQUIRE(wait_until([&] { return pod.logged("asker", "nothing"); }));
  supervise::write_names(pod.roots, {{"db.default.svc.cluster.local", {"10.9.9.1"}}});
  CHECK(wait_until([&] { return pod.logged("asker", "10.9.9.1"); }));
  const pid_t before = pod.process("supervisor");
  pod.kill("supervisor");
  REQUIRE(pod.wait_for_other("supervisor", before));
  // Again and again: the new supervisor makes the table anew from the Services when it comes, and there are none.
  CHECK(wait_until([&] {
    supervise::write_names(pod.roots, {{"db.default.svc.cluster.local", {"10.9.9.2"}}});
    return pod.logged("asker", "10.9.9.2");
  }));
}

TEST_CASE("a Service's name follows the readiness of its pods") {
  LaunchedPod pod;
  use_bridge(pod);
  pod.plan.pod_json =
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default","labels":{"app":"web"}}})";
  const fs::path services = pod.roots.objects() / "Service" / "default";
  make_directories(services);
  write_file(services / "web.json",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},)"
             R"("spec":{"clusterIP":"None","selector":{"app":"web"}}})");
  pod.plan.containers = {web_server(pod)};
  const std::string name = "web.default.svc.cluster.local";
  pod.launch();
  REQUIRE(pod.wait_ready());
  REQUIRE(wait_until([&] {
    const auto names = supervise::read_names(pod.roots).value_or(network::Names{});
    const auto found = names.find(name);
    return found != names.end() && found->second == std::vector<std::string>{pod.plan.network.address};
  }));
  supervise::stop_pod(pod.roots, pod.plan.id, std::chrono::seconds(0));
  CHECK(wait_until([&] { return supervise::read_names(pod.roots).value()[name].empty(); }));
}
