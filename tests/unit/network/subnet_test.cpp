#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/leases.hpp"
#include "pods/network/subnet_choice.hpp"
#include "tests/unit/network/temporary_roots.hpp"

using namespace tandem;
using namespace tandem::network;

TEST_CASE("A prefix is read only when it is written exactly") {
  CHECK(parse_prefix("10.83.0.0/16") == Prefix{0x0a530000, 16});
  CHECK(parse_prefix("0.0.0.0/0") == Prefix{0, 0});
  for (const char* wrong : {"10.83.0.1/16", "10.83.0.0", "10.83.0.0/33", "10.83.0.0/-1", "10.83.0/16", "10.83.0.0/", "",
                            "10.83.0.0/16 ", "010.83.0.0/16x", "::/0"}) {
    INFO(wrong);
    CHECK_FALSE(parse_prefix(wrong).has_value());
  }
}

TEST_CASE("Prefixes overlap when one holds the other") {
  const Prefix wide = *parse_prefix("10.0.0.0/8"), narrow = *parse_prefix("10.83.4.0/22");
  CHECK(wide.overlaps(narrow));
  CHECK(narrow.overlaps(wide));
  CHECK_FALSE(narrow.overlaps(*parse_prefix("10.83.8.0/22")));
  CHECK(narrow.last() == *parse_ipv4("10.83.7.255"));
}

TEST_CASE("The default roots ask for 10.83.0.0/16, and roots with a tag for a /20 that follows from it") {
  CHECK(to_string(subnet_candidates("").front()) == "10.83.0.0/16");
  const auto once = subnet_candidates("00ab12"), again = subnet_candidates("00ab12"),
             other = subnet_candidates("00ab13");
  CHECK(once == again);
  CHECK(once.front() != other.front());
  const Prefix room = *parse_prefix("10.160.0.0/11");
  for (const std::string tag : {"000000", "00ab12", "ffffff"}) {
    const auto candidates = subnet_candidates(tag);
    REQUIRE(candidates.size() == 16);
    for (const Prefix& candidate : candidates) {
      CHECK(candidate.length == 20);
      CHECK(room.overlaps(candidate));
      CHECK(prefix_of(candidate.address, candidate.length) == candidate);
    }
    for (std::size_t i = 1; i < candidates.size(); ++i) CHECK_FALSE(candidates[i].overlaps(candidates[i - 1]));
  }
}

TEST_CASE("The bridge takes the first address of the subnet") {
  const Subnet subnet = to_subnet(*parse_prefix("10.163.32.0/20"));
  CHECK(subnet.address == "10.163.32.1");
  CHECK(subnet.prefix_length == 20);
  CHECK(to_string(to_prefix(subnet)) == "10.163.32.0/20");
  CHECK_THROWS_AS(to_prefix({"10.83.0.1", 31}), Error);
  CHECK_THROWS_AS(to_prefix({"bridge", 16}), Error);
}

TEST_CASE("The next address goes round, and never to the network, the bridge or the broadcast address") {
  const Prefix prefix = *parse_prefix("10.0.0.0/29");  // .2 to .6 can be given
  const auto at = [&](std::uint32_t host) { return prefix.address + host; };
  CHECK(next_address(prefix, {}, 0) == at(2));
  CHECK(next_address(prefix, {at(2)}, at(2)) == at(3));
  CHECK(next_address(prefix, {}, at(4)) == at(5));
  CHECK(next_address(prefix, {}, at(6)) == at(2));
  CHECK(next_address(prefix, {at(2), at(3), at(5), at(6)}, at(6)) == at(4));
  CHECK(next_address(prefix, {at(2), at(3), at(4), at(5), at(6)}, at(3)) == std::nullopt);
  CHECK(next_address(prefix, {}, *parse_ipv4("192.168.1.1")) == at(2));
}

TEST_CASE("A subnet is found, kept on disk, and stays while addresses are leased") {
  test::TemporaryRoots temporary;
  const Subnet first = find_subnet(temporary.roots);
  CHECK(first.prefix_length == 20);
  CHECK(read_file(temporary.roots.network() / "subnet") == to_string(to_prefix(first)) + "\n");
  allocate_address(temporary.roots, first, "11111111-2222-3333-4444-555555555555");
  CHECK(find_subnet(temporary.roots).address == first.address);
}

TEST_CASE("A subnet that is only foreseen is the one that would be found, and leaves nothing on disk") {
  test::TemporaryRoots temporary;
  const Subnet foreseen = foresee_subnet(temporary.roots);
  CHECK_FALSE(fs::exists(temporary.roots.network()));
  CHECK(find_subnet(temporary.roots).address == foreseen.address);
  write_file(temporary.file("config.yaml"), "network: {subnet: 10.199.4.0/24}\n");
  CHECK(foresee_subnet(temporary.roots).address == "10.199.4.1");
  CHECK(read_file(temporary.roots.network() / "subnet") == to_string(to_prefix(foreseen)) + "\n");
}

TEST_CASE("A configured subnet is taken, and refused while pods run in another") {
  test::TemporaryRoots temporary;
  write_file(temporary.file("config.yaml"), "network:\n  subnet: 10.199.4.0/24\nimage: {}\n");
  const Subnet subnet = find_subnet(temporary.roots);
  CHECK(subnet.address == "10.199.4.1");
  CHECK(subnet.prefix_length == 24);
  allocate_address(temporary.roots, subnet, "11111111-2222-3333-4444-555555555555");
  write_file(temporary.file("config.yaml"), "network: {subnet: 10.199.5.0/24}\n");
  CHECK_THROWS_WITH(find_subnet(temporary.roots), Catch::Contains("10.199.5.0/24") && Catch::Contains("10.199.4.0/24"));
  release_address(temporary.roots, "11111111-2222-3333-4444-555555555555");
  CHECK(find_subnet(temporary.roots).address == "10.199.5.1");
}

TEST_CASE("A wrong subnet in the config file is an input error that tells the place") {
  test::TemporaryRoots temporary;
  for (const char* text : {"network: {subnet: 10.83.0.1/16}", "network: {subnet: 10.83.0.0/31}",
                           "network: {subnett: x}", "network: [1]", "network: {subnet: "}) {
    INFO(text);
    write_file(temporary.file("config.yaml"), text);
    try {
      find_subnet(temporary.roots);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.fault() == Fault::input);
      CHECK_THAT(error.what(), Catch::Contains("config.yaml:"));
    }
  }
}
