#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "pods/linux/capabilities.hpp"
#include "pods/linux/namespaces.hpp"
#include "pods/linux/pod_files.hpp"

using namespace tandem;
using namespace tandem::linux_;

TEST_CASE("capabilities are known by name, and CAP_MKNOD is not among the default ones") {
  CHECK(parse_capabilities({"CAP_CHOWN", "CAP_NET_RAW"}) == 0x2001);
  CHECK(parse_capabilities({"cap_chown"}) == 1);
  CHECK_THROWS_AS(parse_capabilities({"CAP_CHOWNE"}), Error);
  const CapabilitySet by_default = parse_capabilities(default_capabilities());
  CHECK((by_default & parse_capabilities({"CAP_MKNOD"})) == 0);
}

TEST_CASE("a sysctl's name leads to its file, and never out of /proc/sys") {
  CHECK(sysctl_file("net.core.somaxconn") == "/proc/sys/net/core/somaxconn");
  CHECK(sysctl_file("net.ipv4.conf.eth0/1.forwarding") == "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
  for (const char* name : {"", "..", "net...x", ".net", "net.", "net.//.//etc"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(sysctl_file(name), Error);
  }
}

TEST_CASE("in host mode the pod's aliases stand behind the host's own names") {
  CHECK(hosts_with_aliases("127.0.0.1 localhost", {}) == "127.0.0.1 localhost\n");
  CHECK(hosts_with_aliases("127.0.0.1 localhost\n", {{"10.0.0.1", {"a", "b"}}}) ==
        "127.0.0.1 localhost\n\n# Entries added by HostAliases.\n10.0.0.1\ta\tb\n");
}
