// What an ordinary user of the host may do: plan what root will run, with an image that root has packed.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

TEST_CASE("plan works without root, with images that root has packed") {
  machine();
  REQUIRE(::chmod(machine().root().c_str(), 0755) == 0);  // the test's own folder
  const std::string manifest = hostile_pod("planned", R"([sleep, "1000"])");
  const CommandResult planned = run_command({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                                             std::string(TANDEM_BINARY_DIR) + "/bin/tandem", "plan", "-f", "-"},
                                            manifest);
  INFO(planned.errors);
  CHECK(planned.status == ExitStatus{});
  CHECK(planned.output.find("sleep 1000") != std::string::npos);
  // An image that nobody has packed: the rest is planned all the same, and the end says that it cannot run.
  std::string without = manifest;
  without.replace(without.find("localhost/hostile"), 17, "localhost/nowhere");
  const CommandResult holes = run_command({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                                           std::string(TANDEM_BINARY_DIR) + "/bin/tandem", "plan", "-f", "-"},
                                          without);
  INFO(holes.errors);
  CHECK(holes.status.code == 65);
  CHECK(holes.output.find("sleep 1000") != std::string::npos);
  CHECK(holes.output.find("localhost/nowhere (not in the store") != std::string::npos);
  CHECK(holes.errors.find("there is no image \"localhost/nowhere\"") != std::string::npos);
  // Word for word what root sees, but for the id, which is made anew each time, and the subnet, which only root may
  // choose.
  CHECK(planned.output.find("at most 2048 processes") != std::string::npos);
}
