#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/network.hpp"
#include "tests/integration/network/own_namespaces.hpp"

using namespace tandem;
using namespace tandem::network;
using namespace tandem::test;

namespace {

// A host with a way to the outside (192.0.2.1, with the outside as 192.0.2.2), and a pod that listens on port 80.
struct Street {
  CleanHost host;
  OwnNetwork outside;
  FakePod pod{2}, neighbour{3};
  unique_fd listener;

  Street() {
    run({"ip", "link", "add", "outside0", "type", "veth", "peer", "name", "outside1"});
    run({"ip", "addr", "add", "192.0.2.1/24", "dev", "outside0"});
    run({"ip", "link", "set", "outside0", "up"});
    run({"ip", "link", "set", "outside1", "netns", outside.path()});
    {
      const auto there = outside.enter();
      run({"ip", "addr", "add", "192.0.2.2/24", "dev", "outside1"});
      run({"ip", "link", "set", "outside1", "up"});
    }
    create_pod_network(pod.plan, table, pod.net.path());
    create_pod_network(neighbour.plan, table, neighbour.net.path());
    const auto inside = pod.net.enter();
    listener = listen_on("0.0.0.0", 80);
  }

  void publish(const std::string& host_ip = "") {
    pod.plan.host_ports = {{host_ip, 18080, 80, "TCP"}};
    publish_host_ports(pod.plan, table);
  }
};

}  // namespace

TEST_CASE("A host port is reached from the host's loopback and its other addresses") {
  Street street;
  CHECK_FALSE(can_connect("127.0.0.1", 18080));
  street.publish();
  CHECK(connect_and_accept("127.0.0.1", 18080, street.listener) == gateway);  // a mask: replies must come back
  CHECK(connect_and_accept(gateway, 18080, street.listener).has_value());
  CHECK(connect_and_accept("192.0.2.1", 18080, street.listener).has_value());
}

TEST_CASE("A host port is reached from outside, and the pod sees who it is") {
  Street street;
  street.publish();
  const auto there = street.outside.enter();
  CHECK(connect_and_accept("192.0.2.1", 18080, street.listener) == "192.0.2.2");
}

TEST_CASE("A host port is reached from a neighbour pod and from the pod itself") {
  Street street;
  street.publish();
  {
    const auto inside = street.neighbour.net.enter();
    CHECK(connect_and_accept(gateway, 18080, street.listener).has_value());
    CHECK(connect_and_accept("192.0.2.1", 18080, street.listener).has_value());
  }
  const auto inside = street.pod.net.enter();
  CHECK(connect_and_accept(gateway, 18080, street.listener).has_value());
}

TEST_CASE("A host port bound to 127.0.0.1 is there for the host only") {
  Street street;
  street.publish("127.0.0.1");
  CHECK(connect_and_accept("127.0.0.1", 18080, street.listener).has_value());
  CHECK_FALSE(can_connect("192.0.2.1", 18080));
  const auto there = street.outside.enter();
  CHECK_FALSE(can_connect("192.0.2.1", 18080));
}

TEST_CASE("Publishing again replaces, another pod's port is refused, and unpublishing closes it") {
  Street street;
  street.publish();
  street.publish();
  CHECK(connect_and_accept("127.0.0.1", 18080, street.listener).has_value());
  street.neighbour.plan.host_ports = {{"", 18080, 80, "TCP"}};
  CHECK_THROWS_WITH(publish_host_ports(street.neighbour.plan, table),
                    Catch::Contains("pod " + street.pod.plan.id + " has it"));
  unpublish_host_ports(street.pod.plan.id, table);
  CHECK_FALSE(can_connect("127.0.0.1", 18080));
  CHECK_NOTHROW(publish_host_ports(street.neighbour.plan, table));
}

TEST_CASE("A host port that a pod of another Tandem has is refused, with what has it") {
  Street street;
  street.publish();
  street.neighbour.plan.host_ports = {{"", 18080, 80, "TCP"}};
  CHECK_THROWS_WITH(publish_host_ports(street.neighbour.plan, table + "2"),
                    Catch::Contains("pod " + street.pod.plan.id + " of another Tandem (nftables table " + table + ")"));
  unpublish_host_ports(street.pod.plan.id, table);
  CHECK_NOTHROW(publish_host_ports(street.neighbour.plan, table + "2"));
  run({"nft", "delete", "table", "ip", table + "2"});
}

TEST_CASE("A host port on which a program of the host listens is refused until it does not any more") {
  Street street;
  const std::string host_ip = GENERATE("", "127.0.0.1");
  CAPTURE(host_ip);
  {
    const unique_fd program = listen_on("127.0.0.1", 18080);
    CHECK_THROWS_WITH(street.publish(host_ip),
                      Catch::Contains("18080/TCP") && Catch::Contains("a program of this machine listens there"));
    CHECK(connect_and_accept("127.0.0.1", 18080, program));  // what that leaves (TIME_WAIT) is in nobody's way
    street.pod.plan.host_ports = {{"192.0.2.1", 18080, 80, "TCP"}};
    CHECK_NOTHROW(publish_host_ports(street.pod.plan, table));  // another address
  }
  CHECK_NOTHROW(street.publish(host_ip));
  street.neighbour.plan.host_ports = {{host_ip, 18080, 80, "UDP"}};
  {
    const unique_fd program = datagram_socket("0.0.0.0", 18080);
    CHECK_THROWS_WITH(publish_host_ports(street.neighbour.plan, table), Catch::Contains("18080/UDP"));
  }
  CHECK_NOTHROW(publish_host_ports(street.neighbour.plan, table));
}

TEST_CASE("Creating another pod's network leaves published ports alone") {
  Street street;
  street.publish();
  const FakePod third(4);
  create_pod_network(third.plan, table, third.net.path());
  CHECK(connect_and_accept("127.0.0.1", 18080, street.listener).has_value());
}

// route_localnet makes this possible; a service on the host's loopback trusts whoever reaches it (CVE-2020-8558).
TEST_CASE("A pod's packets do not reach what listens on the host's loopback") {
  Street street;
  street.publish();
  const unique_fd service = datagram_socket("127.0.0.1", 7777), on_bridge = datagram_socket(gateway, 7778);
  {
    const auto inside = street.neighbour.net.enter();
    for (const char* setting : {"eth0/route_localnet", "all/route_localnet"}) {
      write_all(open_file(std::string("/proc/sys/net/ipv4/conf/") + setting, O_WRONLY).get(), "1", setting);
    }
    run({"ip", "route", "flush", "table", "local", "dev", "lo"});
    run({"ip", "route", "add", "127.0.0.1/32", "via", gateway, "dev", "eth0", "src", "10.83.0.3"});
    send_datagram("127.0.0.1", 7777, "from a pod");
    send_datagram(gateway, 7778, "later");  // once this one has come, the other's fate is decided
  }
  CHECK(receive_datagram(on_bridge) == "later");
  send_datagram("127.0.0.1", 7777, "from the host");
  CHECK(receive_datagram(service) == "from the host");
}

namespace {

sockaddr_in endpoint(const std::string& address, int port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<std::uint16_t>(port));
  REQUIRE(::inet_pton(AF_INET, address.c_str(), &in.sin_addr) == 1);
  return in;
}

// One that goes on sending from the same port, as a resolver or a phone does.
void say(const unique_fd& socket, const sockaddr_in& to, const std::string& text) {
  REQUIRE(::sendto(socket.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
          static_cast<ssize_t>(text.size()));
}

// Who has sent what waits there; as what he is seen.
sockaddr_in sender_at(const unique_fd& socket) {
  pollfd wait{socket.get(), POLLIN, 0};
  REQUIRE(::poll(&wait, 1, 20'000) == 1);
  sockaddr_in from{};
  socklen_t size = sizeof from;
  char byte = 0;
  REQUIRE(::recvfrom(socket.get(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &size) == 1);
  return from;
}

struct UdpStreet : Street {
  unique_fd first, second;

  UdpStreet() {
    for (FakePod* each : {&pod, &neighbour}) each->plan.host_ports = {{"", 18080, 80, "UDP"}};
    {
      const auto inside = pod.net.enter();
      first = datagram_socket("0.0.0.0", 80);
    }
    const auto inside = neighbour.net.enter();
    second = datagram_socket("0.0.0.0", 80);
  }
};

}  // namespace

TEST_CASE("A client that goes on sending from one port is led to the pod that has the UDP host port, now") {
  UdpStreet street;
  const bool from_outside = GENERATE(true, false);
  CAPTURE(from_outside);
  const sockaddr_in to = endpoint(from_outside ? "192.0.2.1" : "127.0.0.1", 18080);
  const unique_fd client = [&] {
    if (!from_outside) return datagram_socket("127.0.0.1", 40000);
    const auto there = street.outside.enter();
    return datagram_socket("192.0.2.2", 40000);
  }();
  {
    const unique_fd nobody_yet = datagram_socket("0.0.0.0", 18080);
    say(client, to, "to the host");
    REQUIRE(receive_datagram(nobody_yet) == "to the host");
  }
  publish_host_ports(street.pod.plan, table);
  say(client, to, "to the first");
  CHECK(receive_datagram(street.first) == "to the first");
  unpublish_host_ports(street.pod.plan.id, table);
  {
    const unique_fd nobody_any_more = datagram_socket("0.0.0.0", 18080);
    say(client, to, "to the host again");
    CHECK(receive_datagram(nobody_any_more) == "to the host again");
  }
  publish_host_ports(street.neighbour.plan, table);
  say(client, to, "to the second");
  CHECK(receive_datagram(street.second) == "to the second");
}

TEST_CASE("A flow to that port of another host goes on while a pod takes the port here") {
  UdpStreet street;
  const unique_fd server = [&] {
    const auto there = street.outside.enter();
    return datagram_socket("192.0.2.2", 18080);
  }();
  const unique_fd client = [&] {
    const auto inside = street.neighbour.net.enter();
    return datagram_socket("10.83.0.3", 40000);
  }();
  say(client, endpoint("192.0.2.2", 18080), "question");
  const sockaddr_in mask = sender_at(server);
  REQUIRE(mask.sin_addr.s_addr == endpoint("192.0.2.1", 0).sin_addr.s_addr);
  publish_host_ports(street.pod.plan, table);
  say(server, mask, "answer");
  CHECK(receive_datagram(client) == "answer");
}
