#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

namespace {

const char* const show_status = "grep -E '^(Cap|NoNew|Seccomp:|Uid|Gid|Groups)' /proc/self/status";

}  // namespace

TEST_CASE("root in a container has the default capabilities and can get no more") {
  test::PodInAFolder pod;
  CHECK_THAT(pod.run(show_status).output,
             Contains("CapInh:\t0000000000000000\nCapPrm:\t00000000a00405fb\nCapEff:\t00000000a00405fb\n"
                      "CapBnd:\t00000000a00405fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2"));
}

TEST_CASE("another user has no capability, its own groups, and the bounding set stays") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell(std::string("id; ") + show_status + "; touch /etc/mine");
  container.identity = {1000, 2000, {2000, 3000}};
  const std::string output = pod.run(container).output;
  CHECK_THAT(output, Contains("uid=1000 gid=2000 groups=2000,3000") && Contains("Uid:\t1000\t1000\t1000\t1000"));
  CHECK_THAT(output, Contains("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t00000000a00405fb"));
  CHECK_THAT(output, Contains("/etc/mine: Permission denied"));
}

TEST_CASE("an unconfined container has no filter, and one that may gain privileges has the filter anyway") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell(show_status);
  container.security.default_seccomp = false;
  CHECK_THAT(pod.run(container).output, Contains("NoNewPrivs:\t1\nSeccomp:\t0"));
  container.security.default_seccomp = true;
  container.security.no_new_privileges = false;
  container.identity = {1000, 1000, {}};
  CHECK_THAT(pod.run(container).output, Contains("NoNewPrivs:\t0\nSeccomp:\t2"));
}

TEST_CASE("dropped capabilities are gone, privileged ones are what we have") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell(show_status);
  container.security.capabilities = {};
  CHECK_THAT(pod.run(container).output, Contains("CapEff:\t0000000000000000\nCapBnd:\t0000000000000000"));
  container.security.privileged = true;
  container.security.no_new_privileges = false;
  container.security.masked_paths = container.security.read_only_paths = {};
  const std::string own = read_file("/proc/self/status");
  const std::string line = own.substr(own.find("CapEff:"), 24);
  CHECK_THAT(pod.run(container).output, Contains(line) && Contains("Seccomp:\t0"));
}

TEST_CASE("mounting, new namespaces and device nodes are refused") {
  test::PodInAFolder pod;
  const auto outcome = pod.run("mount -t tmpfs x /tmp; umount /proc; unshare -U true; mknod /tmp/sda b 8 0; true");
  CHECK_THAT(outcome.output, Contains("mount: permission denied") ||
                                 Contains("mount: mounting x on /tmp failed: Operation not permitted"));
  CHECK_THAT(outcome.output, Contains("unshare: unshare(0x10000000): Operation not permitted"));
  CHECK_THAT(outcome.output, Contains("mknod: /tmp/sda: Operation not permitted"));
}

TEST_CASE("device nodes open nothing outside of /dev, even for a container that may make them") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell(
      "for p in /tmp/node /data/node /dev/shm/node; do mknod $p c 1 3; cat $p || echo closed; done; cat /dev/null && "
      "echo open");
  container.security.capabilities.push_back("CAP_MKNOD");
  container.mounts = {pod.add_volume(test::volume("data"), "/data")};
  CHECK_THAT(pod.run(container).output, Catch::StartsWith("closed\nclosed\nclosed\nopen\n"));
}

TEST_CASE("masked paths are empty and read-only paths cannot be written") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell(
      "wc -c < /proc/cpuinfo; ls /sys/firmware | wc -l; stat -c %F /proc/cpuinfo; ls /proc/fs | wc -l;"
      "echo x > /proc/sys/kernel/hostname; touch /sys/firmware/x; mkdir /sys/fs/cgroup/x; touch /sys/kernel/x; true");
  container.security.masked_paths = {"/proc/cpuinfo", "/proc/fs", "/sys/firmware", "/proc/absent",
                                     "/proc/version/absent"};
  const auto outcome = pod.run(container);
  CHECK_THAT(outcome.output, Catch::StartsWith("0\n0\ncharacter special file\n0\n"));
  CHECK_THAT(outcome.output, Contains("can't create /proc/sys/kernel/hostname: Read-only file system"));
  CHECK_THAT(outcome.output, Contains("/sys/firmware/x: Read-only file system"));
  CHECK_THAT(outcome.output, Contains("/sys/fs/cgroup/x': Read-only file system"));
  CHECK_THAT(outcome.output, Contains("/sys/kernel/x: Read-only file system"));
}

TEST_CASE("files are made with umask 0022") {
  test::PodInAFolder pod;
  CHECK(pod.run("touch /tmp/a; stat -c %a /tmp/a").output == "644\n");
}
