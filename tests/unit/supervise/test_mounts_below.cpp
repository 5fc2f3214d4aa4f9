#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/supervise/recovery.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;

TEST_CASE("mounts below a directory: the deepest first, escapes undone, neighbours left out") {
  test::TemporaryDirectory directory;
  write_file(directory / "mountinfo",
             "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
             "30 22 0:5 / /run/pod rw - tmpfs tmpfs rw\n"
             "31 30 0:6 / /run/pod/shm rw - tmpfs tmpfs rw\n"
             "32 31 0:7 / /run/pod/shm/with\\040space rw - tmpfs tmpfs rw\n"
             "33 22 0:8 / /run/pod2/x rw - tmpfs tmpfs rw\n");
  const auto found = supervise::mounts_below("/run/pod", directory / "mountinfo");
  CHECK(found == std::vector<std::string>{"/run/pod/shm/with space", "/run/pod/shm"});
  CHECK(supervise::mounts_below("/nowhere", directory / "mountinfo").empty());
}
