#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/network/host_settings.hpp"
#include "tests/unit/network/temporary_roots.hpp"

using namespace tandem;

TEST_CASE("Forwarding is switched on once, and it is told") {
  test::TemporaryRoots temporary;
  const fs::path folder = temporary.file("ipv4");
  make_directories(folder);
  write_file(folder / "ip_forward", "0\n");
  const auto said = network::enable_forwarding(folder.string());
  REQUIRE(said.has_value());
  CHECK_THAT(*said, Catch::Contains("was 0 and is now 1"));
  CHECK(read_file(folder / "ip_forward") == "1\n");
  CHECK(network::enable_forwarding(folder.string()) == std::nullopt);
}

TEST_CASE("A machine where forwarding cannot be switched on is told what it lacks") {
  test::TemporaryRoots temporary;
  const auto said = network::enable_forwarding(temporary.file("absent").string());
  REQUIRE(said.has_value());
  CHECK_THAT(*said, Catch::Contains("cannot be switched on"));
}

TEST_CASE("Loopback routing is switched on for the bridge only") {
  test::TemporaryRoots temporary;
  const fs::path folder = temporary.file("ipv4");
  make_directories(folder / "conf/tandem0");
  write_file(folder / "conf/tandem0/route_localnet", "0\n");
  network::enable_loopback_routing("tandem0", folder.string());
  CHECK(read_file(folder / "conf/tandem0/route_localnet") == "1\n");
}

TEST_CASE("The bridge takes no route from a pod's router advertisement, and a machine without IPv6 has none to take") {
  test::TemporaryRoots temporary;
  const fs::path folder = temporary.file("ipv6");
  network::refuse_router_advertisements("tandem0", folder.string());
  make_directories(folder / "conf/tandem0");
  write_file(folder / "conf/tandem0/accept_ra", "1\n");
  network::refuse_router_advertisements("tandem0", folder.string());
  CHECK(read_file(folder / "conf/tandem0/accept_ra") == "0\n");
}
