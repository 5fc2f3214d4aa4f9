// What a pod can send into the bridge under an address that is not its own.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "core/os/check.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

std::string pod_with(const std::string& name, const std::string& capabilities) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         "}\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - {name: main, image: localhost/hostile, "
         "command: [sleep, \"1000\"], securityContext: {capabilities: {add: [" +
         capabilities + "]}}}\n";
}

// A datagram socket of the host's on the bridge.
class Victim {
 public:
  explicit Victim(const std::string& pod_address)
      : address(pod_address.substr(0, pod_address.rfind('.')) + ".1"),
        socket_(check([] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }, "make socket")) {
    sockaddr_in own = to(address, 0);
    check([&] { return ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&own), sizeof own); }, "bind", address);
    socklen_t size = sizeof own;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size);
    port = ntohs(own.sin_port);
    const timeval limit{20, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  // "TEXT from ADDRESS" a line, up to "the end", which is of whoever tried.
  std::string received() const {
    std::string all;
    for (;;) {
      char text[200];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t count = ::recvfrom(socket_.get(), text, sizeof text, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (count < 0) return all + "(no end came)\n";
      char sender[INET_ADDRSTRLEN];
      ::inet_ntop(AF_INET, &from.sin_addr, sender, sizeof sender);
      const std::string said(text, static_cast<std::size_t>(count));
      if (said == "the end") return all;
      all += said + " from " + sender + "\n";
    }
  }

  // Where the host would send what is meant for `other`, once it knows.
  std::string hardware_of(const std::string& other) const {
    const sockaddr_in there = to(other, 9);
    ::sendto(socket_.get(), "?", 1, 0, reinterpret_cast<const sockaddr*>(&there), sizeof there);
    std::string line;
    REQUIRE(wait_until([&] {
      line = run_command({"ip", "neigh", "show", other}).output;
      return line.find("lladdr") != std::string::npos;
    }));
    return line.substr(line.find("lladdr") + 7, 17);
  }

  const std::string address;
  int port = 0;

 private:
  static sockaddr_in to(const std::string& host, int at_port) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(static_cast<std::uint16_t>(at_port));
    REQUIRE(::inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1);
    return in;
  }
  unique_fd socket_;
};

// An attacker with `capabilities` and its neighbour; what the attacker said and what has come.
struct Outcome {
  std::string said, received, under_own_address, hardware_before, hardware_after;
};
Outcome speak_as_neighbour(const std::string& capabilities) {
  machine().ok({"apply", "-f", "-"}, pod_with("attacker", capabilities) + "---\n" + pod_with("neighbour", ""));
  REQUIRE(wait_until([] { return machine().ready("attacker") && machine().ready("neighbour"); }));
  const std::string own = machine().pod_ip("attacker"), other = machine().pod_ip("neighbour");
  const Victim victim(own);
  const auto speak_as = [&](const std::string& who) {
    return machine().ok(
        {"exec", "attacker", "--", "hostile", "speak-as", who, victim.address, std::to_string(victim.port)});
  };
  Outcome outcome;
  outcome.hardware_before = victim.hardware_of(other);
  outcome.said = speak_as(other);
  outcome.received = victim.received();
  outcome.hardware_after = victim.hardware_of(other);
  speak_as(own);
  outcome.under_own_address = victim.received();
  machine().ok({"delete", "pod", "attacker", "neighbour"});
  return outcome;
}

}  // namespace

TEST_CASE("a pod cannot speak with its neighbour's address: every way to is refused") {
  const Outcome outcome = speak_as_neighbour("");
  INFO(outcome.said << outcome.received);
  CHECK(ways_out(outcome.said) == "");
  CHECK(refusals(outcome.said) == 19);
  CHECK(outcome.received == "");
  CHECK(outcome.hardware_after == outcome.hardware_before);
}

TEST_CASE("a pod that was given NET_RAW and NET_ADMIN sends under its neighbour's address, and the bridge drops it") {
  const Outcome outcome = speak_as_neighbour("NET_RAW, NET_ADMIN");
  INFO(outcome.said << outcome.received << "---\n" << outcome.under_own_address);
  for (const char* way : {"frame-own-hardware could", "frame-their-hardware could", "frame-tagged could",
                          "arp-lie could", "raw-ip could", "bind-transparently could", "netlink-address could"})
    CHECK(outcome.said.find(way) != std::string::npos);
  CHECK(outcome.received == "");
  CHECK(outcome.hardware_after == outcome.hardware_before);
  for (const char* way : {"frame with own hardware address", "raw packet", "bound transparently"})
    CHECK(outcome.under_own_address.find(way) != std::string::npos);
}
