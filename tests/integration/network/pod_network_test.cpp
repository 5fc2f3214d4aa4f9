#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/firewall.hpp"
#include "pods/network/links.hpp"
#include "pods/network/network.hpp"
#include "tests/integration/network/own_namespaces.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::network;
using namespace tandem::test;
using Seen = std::optional<std::string>;

namespace {

state::Roots roots_in(const test::TemporaryDirectory& folder) {
  state::Roots roots;
  roots.run = folder / "run";
  roots.lib = folder / "lib";
  roots.tag = "test";
  return roots;
}

void hide_nft() { REQUIRE(::mount("/dev/null", find_nft()->c_str(), nullptr, MS_BIND, nullptr) == 0); }
void show_nft(const std::string& path) { REQUIRE(::umount(path.c_str()) == 0); }

}  // namespace

TEST_CASE("Two pods and the host reach each other by their addresses, none behind a mask") {
  const CleanHost host;
  const FakePod first(2), second(3);
  create_pod_network(first.plan, table, first.net.path());
  create_pod_network(second.plan, table, second.net.path());
  unique_fd listener;
  {
    const auto inside = second.net.enter();
    listener = listen_on("10.83.0.3", 80);
    CHECK(connect_and_accept("10.83.0.3", 80, listener) == Seen("10.83.0.3"));
  }
  CHECK(connect_and_accept("10.83.0.3", 80, listener) == Seen(gateway));
  const auto inside = first.net.enter();
  CHECK(connect_and_accept("10.83.0.3", 80, listener) == Seen("10.83.0.2"));
  const unique_fd on_loopback = listen_on("127.0.0.1", 81);
  CHECK(connect_and_accept("127.0.0.1", 81, on_loopback) == Seen("127.0.0.1"));
}

TEST_CASE("A pod's namespace holds its interface, address, route, and the name server's address") {
  const CleanHost host;
  const FakePod pod(2);
  create_pod_network(pod.plan, table, pod.net.path());
  const auto inside = pod.net.enter();
  CHECK_THAT(run({"ip", "-o", "-4", "addr"}),
             Catch::Contains("eth0    inet 10.83.0.2/16 brd 10.83.255.255") && Catch::Contains("169.254.20.10/32"));
  CHECK_THAT(run({"ip", "-4", "route"}), Catch::Contains("default via 10.83.0.1 dev eth0"));
  CHECK_THAT(run({"ip", "-o", "link", "show", "eth0"}), Catch::Contains("0a:58:0a:53:00:02"));
}

TEST_CASE("Creating twice is the same as creating once, and the bridge keeps its hardware address") {
  const CleanHost host;
  const FakePod pod(2), other(3);
  create_pod_network(pod.plan, table, pod.net.path());
  // The kernel tells of a carrier a moment later.
  for (const std::string& name : {std::string(bridge), pod.plan.network.interface_host})
    REQUIRE(wait_until([&] {
      return run({"ip", "-o", "link", "show", name}).find(" state UP ") != std::string::npos;
    }));
  const std::string links = run({"ip", "-o", "link"}), rules = run({"nft", "list", "ruleset"});
  create_pod_network(pod.plan, table, pod.net.path());
  CHECK(run({"ip", "-o", "link"}) == links);
  CHECK(run({"nft", "list", "ruleset"}) == rules);
  create_pod_network(other.plan, table, other.net.path());
  CHECK_THAT(run({"ip", "-o", "link", "show", bridge}), Catch::Contains("0a:58:0a:53:00:01"));
}

TEST_CASE("A creation that was cut short anywhere is completed by the next") {
  const CleanHost host;
  const FakePod pod(2);
  Links links;
  links.create_bridge(bridge, 0x0a530001);  // no address yet, and a pair whose inner end is not configured
  links.create_veth(pod.plan.network.interface_host, bridge, pod_interface, pod.net.path(), 0x0a530002);
  create_pod_network(pod.plan, table, pod.net.path());
  unique_fd listener;
  {
    const auto inside = pod.net.enter();
    listener = listen_on("10.83.0.2", 80);
  }
  CHECK(connect_and_accept("10.83.0.2", 80, listener) == Seen(gateway));
}

TEST_CASE("A leftover interface of a namespace that is not the pod's is replaced") {
  const CleanHost host;
  const FakePod before(2), now(2);
  create_pod_network(before.plan, table, before.net.path());
  create_pod_network(now.plan, table, now.net.path());
  const auto inside = now.net.enter();
  CHECK_THAT(run({"ip", "-o", "-4", "addr"}), Catch::Contains("10.83.0.2/16"));
}

TEST_CASE("Pods created at the same time share one bridge") {
  const CleanHost host;
  std::vector<FakePod> pods;
  for (int number = 2; number < 8; ++number) pods.emplace_back(number);
  std::vector<pid_t> children;
  for (const FakePod& pod : pods) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        const auto warnings = create_pod_network(pod.plan, table, pod.net.path());
        const bool masked = std::none_of(warnings.begin(), warnings.end(),
                                         [](const std::string& text) { return text.starts_with("no "); });
        ::_exit(masked ? 0 : 2);
      } catch (const std::exception& error) {
        ::dprintf(2, "%s\n", error.what());
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(interfaces().size() == pods.size() + 1);
  const std::string rules = run({"nft", "list", "ruleset"});
  const std::string rule = "oifname != \"tandem-test\" masquerade";
  CHECK(rules.find(rule) != std::string::npos);
  CHECK(rules.find(rule) == rules.rfind(rule));
}

TEST_CASE("A pod reaches the outside under the host's address") {
  const CleanHost host;
  const FakePod pod(2);
  const OwnNetwork outside;
  create_pod_network(pod.plan, table, pod.net.path());
  // The host's way to the outside: 192.0.2.1 here, 192.0.2.2 there, and no route back to pods.
  run({"ip", "link", "add", "outside0", "type", "veth", "peer", "name", "outside1"});
  run({"ip", "addr", "add", "192.0.2.1/24", "dev", "outside0"});
  run({"ip", "link", "set", "outside0", "up"});
  run({"ip", "link", "set", "outside1", "netns", outside.path()});
  unique_fd listener;
  {
    const auto inside = outside.enter();
    run({"ip", "addr", "add", "192.0.2.2/24", "dev", "outside1"});
    run({"ip", "link", "set", "outside1", "up"});
    listener = listen_on("192.0.2.2", 80);
  }
  const auto inside = pod.net.enter();
  CHECK(connect_and_accept("192.0.2.2", 80, listener) == Seen("192.0.2.1"));
}

TEST_CASE("Mode none has lo only, mode host is left alone") {
  const CleanHost host;
  FakePod pod(2);
  pod.plan.network.mode = plan::NetworkMode::host;
  create_pod_network(pod.plan, table, "/nonexistent");
  pod.plan.network.mode = plan::NetworkMode::none;
  create_pod_network(pod.plan, table, pod.net.path());
  CHECK(interfaces().empty());
  const auto inside = pod.net.enter();
  const unique_fd listener = listen_on("127.0.0.1", 80);
  CHECK(connect_and_accept("127.0.0.1", 80, listener) == Seen("127.0.0.1"));
}

TEST_CASE("Without nft a pod works and a warning tells what it lacks; only host ports fail") {
  const CleanHost host;
  FakePod pod(2);
  const std::string nft = *find_nft();
  hide_nft();
  std::vector<std::string> warnings;
  std::string failure;
  try {
    warnings = create_pod_network(pod.plan, table, pod.net.path());
    pod.plan.host_ports = {{"", 18080, 80, "TCP"}};
    publish_host_ports(pod.plan, table);
  } catch (const Error& error) {
    failure = error.what();
    CHECK(error.fault() == Fault::environment);
  }
  unpublish_host_ports(pod.plan.id, table);
  show_nft(nft);
  REQUIRE_FALSE(warnings.empty());
  CHECK_THAT(warnings.back(), Catch::Contains("nft") && Catch::Contains("not beyond"));
  CHECK_THAT(failure, Catch::Contains("install nftables"));
  unique_fd listener;
  {
    const auto inside = pod.net.enter();
    listener = listen_on("10.83.0.2", 80);
  }
  CHECK(connect_and_accept("10.83.0.2", 80, listener) == Seen(gateway));
}

TEST_CASE("Removing leaves nothing: no interface, no rule, no lease") {
  const CleanHost host;
  const test::TemporaryDirectory folder;
  const state::Roots roots = roots_in(folder);
  const std::string before = run({"ip", "-o", "link"});
  FakePod pod(2);
  pod.plan.network.bridge = roots.bridge();
  pod.plan.host_ports = {{"", 18080, 80, "TCP"}};
  const std::string uid = "11111111-2222-3333-4444-555555555555";
  allocate_address(roots, {gateway, 16}, uid);
  create_pod_network(pod.plan, roots.firewall_table(), pod.net.path());
  publish_host_ports(pod.plan, roots.firewall_table());

  remove_unused(roots);  // it is used
  CHECK(interfaces().size() == 2);

  for (int twice = 0; twice < 2; ++twice) {
    unpublish_host_ports(pod.plan.id, roots.firewall_table());
    remove_pod_network(pod.plan.network, roots.firewall_table());
    release_address(roots, uid);
    remove_unused(roots);
  }
  CHECK(interfaces().empty());
  CHECK(run({"nft", "list", "ruleset"}).empty());
  CHECK(list_directory(roots.network() / "addresses").empty());
  CHECK(run({"ip", "-o", "link"}) == before);
}

TEST_CASE("A pod's guard at the bridge goes with the pod, and its neighbour's stays") {
  const CleanHost host;
  const FakePod first(2), second(3);
  create_pod_network(first.plan, table, first.net.path());
  create_pod_network(second.plan, table, second.net.path());
  const auto is_guarded = [](const FakePod& pod) {
    return run({"nft", "list", "table", "bridge", table}).find(pod.plan.network.interface_host) != std::string::npos;
  };
  REQUIRE(is_guarded(first));
  for (int twice = 0; twice < 2; ++twice) {
    remove_pod_network(first.plan.network, table);
    CHECK_FALSE(is_guarded(first));
    CHECK(is_guarded(second));
  }
  remove_pod_network(second.plan.network, "tandem_never");  // of a table that is not there
  CHECK(interfaces() == std::vector<std::string>{bridge});
}

TEST_CASE("A pod speaks with its own addresses only: its port drops another's, and what is neither IPv4 nor ARP") {
  const CleanHost host;
  const FakePod pod(2), neighbour(3);
  create_pod_network(pod.plan, table, pod.net.path());
  create_pod_network(neighbour.plan, table, neighbour.net.path());
  const unique_fd victim = datagram_socket(gateway, 7777);
  const std::string known = run({"ip", "neigh", "show", "10.83.0.3"});
  {
    const auto inside = pod.net.enter();
    send_datagram(gateway, 7777, "first");  // and now it knows the way
    run({"ip", "addr", "add", "10.83.0.3/16", "dev", "eth0"});
    run({"ip", "route", "add", gateway + "/32", "dev", "eth0", "src", "10.83.0.3"});
    send_datagram(gateway, 7777, "another's address");
    run({"ip", "route", "del", gateway + "/32"});
    run({"ip", "link", "set", "eth0", "address", "0a:58:0a:53:00:03"});
    send_datagram(gateway, 7777, "another's hardware address");
    run({"ip", "link", "set", "eth0", "address", "0a:58:0a:53:00:02"});
    send_datagram(gateway, 7777, "its own");
  }
  CHECK(receive_datagram(victim) == "first");
  CHECK(receive_datagram(victim) == "its own");
  CHECK(run({"ip", "neigh", "show", "10.83.0.3"}) == known);
}

TEST_CASE("A subnet that overlaps a route of the host is passed over, a configured one is refused") {
  const CleanHost host;
  const test::TemporaryDirectory folder;
  const state::Roots roots = roots_in(folder);
  const Subnet free = find_subnet(roots);
  run({"ip", "link", "add", "outside0", "type", "bridge"});
  run({"ip", "link", "set", "outside0", "up"});
  run({"ip", "route", "add", free.address + "/32", "dev", "outside0"});
  CHECK(find_subnet(roots).address != free.address);
  write_file(folder / "config.yaml",
             "network: {subnet: " + free.address.substr(0, free.address.rfind('.')) + ".0/24}\n");
  CHECK_THROWS_WITH(find_subnet(roots), Catch::Contains("overlaps the route to " + free.address + "/32"));
}
