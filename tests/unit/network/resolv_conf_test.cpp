#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/network/network.hpp"
#include "tests/unit/network/temporary_roots.hpp"

using namespace tandem;
using Servers = std::vector<std::string>;

TEST_CASE("The first three name servers of resolv.conf are taken, in order") {
  test::TemporaryRoots temporary;
  make_directories(temporary.file(""));
  const fs::path file = temporary.file("resolv.conf");
  const auto servers = [&](const std::string& text) {
    write_file(file, text);
    return network::upstream_nameservers(file.string());
  };
  CHECK(servers("# nameserver 1.1.1.1\n; nameserver 2.2.2.2\nsearch a b\nnameserver 127.0.0.53\n") ==
        Servers{"127.0.0.53"});
  CHECK(servers("nameserver\t10.0.0.1 # office\n  nameserver fe80::1%eth0\nnameserver 10.0.0.3\nnameserver 10.0.0.4") ==
        Servers{"10.0.0.1", "fe80::1%eth0", "10.0.0.3"});
  CHECK(servers("nameserver\noptions ndots:5\nnameserver2 1.2.3.4\n").empty());
  CHECK(network::upstream_nameservers((temporary.file("absent")).string()).empty());
}
