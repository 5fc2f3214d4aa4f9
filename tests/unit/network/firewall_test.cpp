#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "pods/network/firewall.hpp"

using namespace tandem;
using namespace tandem::network;
using Catch::Contains;

namespace {

// As nft 1.0.6 prints it.
const std::string listing = R"(table ip tandem {
	chain host_ports { # handle 1
		tcp dport 8080 dnat to 10.83.0.2:80 comment "1a2b3c4d5e6f tcp 0.0.0.0:8080" # handle 12
		ip daddr 127.0.0.1 udp dport 53 dnat to 10.83.0.3:5353 comment "aaaaaaaaaaaa udp 127.0.0.1:53" # handle 15
		counter packets 0 bytes 0 comment "somebody else's" # handle 16
	}
}
)";

plan::HostPort host_port(int port, const std::string& host_ip = "", const std::string& protocol = "TCP") {
  return {host_ip, port, 80, protocol};
}

}  // namespace

TEST_CASE("Published ports are read back from their comments, and other rules are left out") {
  const auto ports = parse_published(listing);
  REQUIRE(ports.size() == 2);
  CHECK(ports[0].pod_id == "1a2b3c4d5e6f");
  CHECK(ports[0].port == 8080);
  CHECK(ports[0].handle == 12);
  CHECK(ports[1].protocol == "udp");
  CHECK(ports[1].address == "127.0.0.1");
  CHECK(parse_published("").empty());
  CHECK(parse_published("comment \"# handle 5\ncomment \"a b c:\" # handle x").empty());
}

TEST_CASE("Publishing replaces what the pod had and leaves the others alone") {
  const auto script = publish_script("tandem", parse_published(listing), "1a2b3c4d5e6f", "10.83.0.2",
                                     {host_port(8080), host_port(9090)});
  CHECK_THAT(script, Catch::StartsWith("delete rule ip tandem host_ports handle 12\n"));
  CHECK_THAT(script, Contains("tcp dport 8080 ") && Contains("tcp dport 9090 ") && !Contains("handle 15"));
}

TEST_CASE("A host port becomes one rule with the pod's id in its comment") {
  CHECK(publish_script("t", {}, "1a2b3c4d5e6f", "10.83.0.2", {host_port(8080)}) ==
        "add rule ip t host_ports tcp dport 8080 dnat to 10.83.0.2:80 comment \"1a2b3c4d5e6f tcp 0.0.0.0:8080\"\n");
  CHECK_THAT(publish_script("t", {}, "1a2b3c4d5e6f", "10.83.0.2", {host_port(53, "127.0.0.1", "UDP")}),
             Contains("ip daddr 127.0.0.1 udp dport 53 dnat to 10.83.0.2:80"));
}

TEST_CASE("A port that another pod has is refused, on the same address only") {
  const auto present = parse_published(listing);
  const auto publish = [&](const plan::HostPort& port) {
    return publish_script("t", present, "bbbbbbbbbbbb", "10.83.0.9", {port});
  };
  CHECK_THROWS_WITH(publish(host_port(8080)), Contains("hostPort 8080/TCP: pod 1a2b3c4d5e6f has it"));
  CHECK_THROWS_AS(publish(host_port(8080, "127.0.0.1")), Error);
  CHECK_THROWS_AS(publish(host_port(53, "", "UDP")), Error);
  CHECK_NOTHROW(publish(host_port(8080, "", "UDP")));
  CHECK_NOTHROW(publish(host_port(53, "127.0.0.2", "UDP")));
  CHECK_NOTHROW(publish(host_port(8081)));
}

TEST_CASE("Unpublishing deletes the pod's rules by their handles, and nothing else") {
  CHECK(publish_script("tandem", parse_published(listing), "1a2b3c4d5e6f", "", {}) ==
        "delete rule ip tandem host_ports handle 12\n");
  CHECK(publish_script("tandem", parse_published(listing), "cccccccccccc", "", {}).empty());
}

TEST_CASE("The table's script names bridge and subnet and can be run again") {
  const std::string script = table_script("tandem_ab", "tandem-ab", *parse_prefix("10.160.16.0/20"));
  CHECK_THAT(script, Contains("ip saddr 10.160.16.0/20 oifname != \"tandem-ab\" masquerade"));
  // What is added as a rule must have been flushed before, but for the pods' own chain.
  for (const char* chain : {"from_outside", "from_host", "to_outside", "loopback_guard"}) {
    const auto flushed = script.find(std::string("flush chain ip tandem_ab ") + chain);
    const auto added = script.find(std::string("add rule ip tandem_ab ") + chain);
    INFO(chain);
    CHECK(flushed != std::string::npos);
    CHECK(flushed < added);
  }
  CHECK(script.find("flush chain ip tandem_ab host_ports") == std::string::npos);
}

TEST_CASE("The ports that have a guard are read from nft's list of their map") {
  const std::string map = "table bridge tandem {\n\tmap ports {\n\t\ttype ifname : verdict\n";
  CHECK(parse_guarded(map + "\t}\n}\n").empty());
  CHECK(parse_guarded("").empty());
  CHECK(
      parse_guarded(map + "\t\telements = { \"tdm0a\" : goto tdm0a,\n\t\t\t     \"tdm0b\" : goto tdm0b }\n\t}\n}\n") ==
      std::vector<std::string>{"tdm0a", "tdm0b"});
}

TEST_CASE("A port's guard lets its own addresses pass, drops the rest, and can be set and taken away again and again") {
  const std::string script = guard_script("tandem_ab", "tdm1a2b3c", 0x0a530002);
  CHECK_THAT(script, Contains("tdm1a2b3c ether saddr 0a:58:0a:53:00:02 ip saddr 10.83.0.2 accept\n"));
  CHECK_THAT(script, Contains("arp saddr ether 0a:58:0a:53:00:02 arp saddr ip 10.83.0.2 accept\n"));
  CHECK(script.find("flush chain bridge tandem_ab tdm1a2b3c\n") < script.find("add rule bridge tandem_ab tdm1a2b3c"));
  CHECK(script.find(" accept\n") < script.find("add rule bridge tandem_ab tdm1a2b3c drop\n"));
  // What is not there cannot be deleted, so it is added before.
  const std::string away = unguard_script("tandem_ab", "tdm1a2b3c");
  for (const char* thing : {"chain bridge tandem_ab tdm1a2b3c", "element bridge tandem_ab ports"}) {
    INFO(thing);
    CHECK(away.find(std::string("add ") + thing) < away.find(std::string("delete ") + thing));
    CHECK(away.find(std::string("delete ") + thing) != std::string::npos);
  }
}
