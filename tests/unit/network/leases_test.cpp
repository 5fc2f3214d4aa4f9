#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/leases.hpp"
#include "pods/network/network.hpp"
#include "tests/unit/network/temporary_roots.hpp"

using namespace tandem;
using namespace tandem::network;

namespace {

const Subnet small{"10.9.0.1", 29};  // five addresses for pods

std::string uid(int number) {
  char text[40];
  std::snprintf(text, sizeof text, "%08x-0000-4000-8000-000000000000", number);
  return text;
}

void make_old(const fs::path& file) {
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::minutes(11));
}

}  // namespace

TEST_CASE("The same pod gets the same address again, another pod another one") {
  test::TemporaryRoots temporary;
  const std::string first = allocate_address(temporary.roots, small, uid(1));
  CHECK(first == "10.9.0.2");
  CHECK(allocate_address(temporary.roots, small, uid(1)) == first);
  CHECK(allocate_address(temporary.roots, small, uid(2)) == "10.9.0.3");
  CHECK(read_file(temporary.roots.network() / "addresses/10.9.0.2") == uid(1) + "\n");
}

TEST_CASE("What a killed writer of a lease left goes when the next one holds the lock") {
  test::TemporaryRoots temporary;
  allocate_address(temporary.roots, small, uid(1));
  write_file(temporary.roots.network() / ".last.Ab12_x", "");
  write_file(temporary.roots.network() / "addresses/.10.9.0.3.Ab12_x", "");
  allocate_address(temporary.roots, small, uid(2));
  CHECK(list_directory(temporary.roots.network()) == std::vector<std::string>{"addresses", "last", "lock"});
  CHECK(list_directory(temporary.roots.network() / "addresses") == std::vector<std::string>{"10.9.0.2", "10.9.0.3"});
}

TEST_CASE("A released address rests before it is given again") {
  test::TemporaryRoots temporary;
  allocate_address(temporary.roots, small, uid(1));
  release_address(temporary.roots, uid(1));
  release_address(temporary.roots, uid(1));
  CHECK(list_directory(temporary.roots.network() / "addresses").empty());
  CHECK(allocate_address(temporary.roots, small, uid(2)) == "10.9.0.3");
}

TEST_CASE("When all addresses are taken the error says so, and a release makes room") {
  test::TemporaryRoots temporary;
  for (int i = 1; i <= 5; ++i) allocate_address(temporary.roots, small, uid(i));
  CHECK_THROWS_WITH(allocate_address(temporary.roots, small, uid(6)), Catch::Contains("10.9.0.0/29: all 5 are taken"));
  release_address(temporary.roots, uid(3));
  CHECK(allocate_address(temporary.roots, small, uid(6)) == "10.9.0.4");
}

TEST_CASE("An old lease without a pod is taken back, one with a pod is not") {
  test::TemporaryRoots temporary;
  for (int i = 1; i <= 3; ++i) allocate_address(temporary.roots, small, uid(i));
  const fs::path addresses = temporary.roots.network() / "addresses";
  make_directories(temporary.roots.pods() / pod_id_of(uid(2)));
  make_old(addresses / "10.9.0.2");
  make_old(addresses / "10.9.0.3");
  allocate_address(temporary.roots, small, uid(4));
  CHECK(list_directory(addresses) == std::vector<std::string>{"10.9.0.3", "10.9.0.4", "10.9.0.5"});
}

TEST_CASE("Garbage in the lease folder is passed over") {
  test::TemporaryRoots temporary;
  allocate_address(temporary.roots, small, uid(1));
  const fs::path folder = temporary.roots.network();
  write_file(folder / "addresses/10.9.0.3.tmp-x", "half");
  write_file(folder / "last", std::string("\0\xff garbage", 10));
  write_file(folder / "subnet", "nonsense");
  CHECK(allocate_address(temporary.roots, small, uid(2)) == "10.9.0.3");
  CHECK(Leases(temporary.roots).subnet() == std::nullopt);
}

TEST_CASE("A lease from another subnet is exchanged for one in this") {
  test::TemporaryRoots temporary;
  CHECK(allocate_address(temporary.roots, small, uid(1)) == "10.9.0.2");
  CHECK(allocate_address(temporary.roots, {"10.7.0.1", 24}, uid(1)) == "10.7.0.2");
  CHECK(list_directory(temporary.roots.network() / "addresses") == std::vector<std::string>{"10.7.0.2"});
}

TEST_CASE("Several programs at once never get the same address") {
  test::TemporaryRoots temporary;
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      try {
        for (int j = 0; j < 10; ++j) allocate_address(temporary.roots, {"10.9.0.1", 24}, uid(i * 10 + j));
        ::_exit(0);
      } catch (...) {
        ::_exit(1);
      }
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = -1;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
  }
  std::set<std::string> owners;
  for (const Lease& lease : Leases(temporary.roots).all()) owners.insert(lease.uid);
  CHECK(owners.size() == 80);
}
