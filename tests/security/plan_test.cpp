// What an ordinary user of the host may do: plan what root will run, with an image that root has packed, and see what
// images there are. Of pods he is told that they belong to root, never that there are none.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

CommandResult as_nobody(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {}) {
  std::vector<std::string> words{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env"};
  words.insert(words.end(), environment.begin(), environment.end());
  words.push_back(TANDEM_BINARY_DIR "/bin/tandem");
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_command(words);
}

}  // namespace

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

TEST_CASE("who is not root is told that pods need root, not that there are none") {
  machine().ok({"apply", "-f", "-"}, hostile_pod("unseen", R"([sleep, "1000"])"));
  REQUIRE(::chmod(machine().root().c_str(), 0755) == 0);  // the test's own folder
  const std::vector<std::vector<std::string>> commands{{"get", "pods"},
                                                       {"get", "pods", "-A"},
                                                       {"get", "pod", "unseen"},
                                                       {"get", "configmaps"},
                                                       {"describe", "pod", "unseen"},
                                                       {"logs", "unseen"},
                                                       {"wait", "pod/unseen"},
                                                       {"wait", "pod/unseen", "--for=delete"},
                                                       {"exec", "unseen", "--", "true"},
                                                       {"delete", "pod", "unseen"}};
  // With root's own folders, and with those that would be his.
  const std::vector<std::vector<std::string>> places{{}, {"--unset=TANDEM_ROOT", "HOME=/nowhere"}};
  for (const auto& place : places) {
    for (const auto& command : commands) {
      CAPTURE(place.size(), command);
      const CommandResult refused = as_nobody(command, place);
      CHECK(refused.status.code == (command.front() == "exec" ? 125 : 69));
      CHECK(refused.output == "");
      CHECK(refused.errors.find("needs root") != std::string::npos);
      CHECK(refused.errors.find("sudo") != std::string::npos);
    }
  }
  machine().ok({"delete", "pod", "unseen", "--grace-period", "0"});
}

TEST_CASE("who is not root sees the images that root has packed") {
  machine();
  REQUIRE(::chmod(machine().root().c_str(), 0755) == 0);
  // In a mount namespace of its own root's default store is the test's.
  const std::string store = (machine().root() / "lib/images").string();
  const auto in_default_place = [&](const std::string& arguments) {
    return run_command({"unshare", "--mount", "sh", "-c",
                        "mount -t tmpfs none /var/lib && mkdir -p /var/lib/tandem/images && mount --bind " + store +
                            " /var/lib/tandem/images && exec setpriv --reuid 65534 --regid 65534 --clear-groups env "
                            "--unset=TANDEM_ROOT HOME=/nowhere " TANDEM_BINARY_DIR "/bin/tandem image " +
                            arguments});
  };
  const CommandResult listed = in_default_place("ls -o name");
  INFO(listed.errors);
  CHECK(listed.output.find("localhost/hostile:latest\n") != std::string::npos);
  CHECK(in_default_place("inspect localhost/hostile").output.find("localhost/hostile:latest") != std::string::npos);
}
