#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/network/network.hpp"
#include "tests/unit/network/temporary_roots.hpp"

using namespace tandem;
using Words = std::vector<std::string>;

namespace {

network::ResolvConf read(const std::string& text) {
  test::TemporaryRoots temporary;
  make_directories(temporary.file(""));
  const fs::path file = temporary.file("resolv.conf");
  write_file(file, text);
  return network::read_resolv_conf(file.string());
}

}  // namespace

TEST_CASE("The first three name servers of resolv.conf are taken, in order") {
  CHECK(read("# nameserver 1.1.1.1\n; nameserver 2.2.2.2\nsearch a b\nnameserver 127.0.0.53\n").nameservers ==
        Words{"127.0.0.53"});
  CHECK(read("nameserver\t10.0.0.1 # office\n  nameserver fe80::1%eth0\nnameserver 10.0.0.3\nnameserver 10.0.0.4")
            .nameservers == Words{"10.0.0.1", "fe80::1%eth0", "10.0.0.3"});
  CHECK(read("nameserver\noptions ndots:5\nnameserver2 1.2.3.4\n").nameservers.empty());
}

TEST_CASE("Of several search lists of resolv.conf the last counts, and domain is one of a single entry") {
  CHECK(read("search a.example b.example\n").searches == Words{"a.example", "b.example"});
  CHECK(read("domain first.example\nsearch a.example b.example\n").searches == Words{"a.example", "b.example"});
  CHECK(read("search a.example b.example\ndomain last.example ignored\n").searches == Words{"last.example"});
  CHECK(read("nameserver 10.0.0.1\n").searches.empty());
}

TEST_CASE("A host without resolv.conf has no name servers and no search list") {
  const network::ResolvConf absent = network::read_resolv_conf("/nonexistent/resolv.conf");
  CHECK(absent.nameservers.empty());
  CHECK(absent.searches.empty());
}
