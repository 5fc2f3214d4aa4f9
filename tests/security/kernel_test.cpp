// What a container may ask of the kernel.
#include <catch2/catch.hpp>

#include "tests/security/hostile_pod.hpp"

using namespace tandem::test;

namespace {

std::string seen_inside(const std::string& pod, const std::vector<std::string>& command) {
  machine().ok({"apply", "-f", "-"}, hostile_pod(pod, R"([sleep, "1000"])"));
  REQUIRE(wait_until([&] { return machine().ready(pod); }));
  std::vector<std::string> words{"exec", pod, "--", "hostile"};
  words.insert(words.end(), command.begin(), command.end());
  const std::string text = machine().ok(words);
  machine().ok({"delete", "pod", pod});
  return text;
}

}  // namespace

TEST_CASE("no call that makes namespaces or mounts, reaches into processes or changes the machine is let through") {
  const std::string text = seen_inside("calls", {"calls"});
  INFO(text);
  CHECK(ways_out(text) == "");
  CHECK(refusals(text) == 52);
}

TEST_CASE("kernel crypto and other rare families have no sockets, by 32-bit calls neither (CVE-2026-31431)") {
  const std::string text = seen_inside("families", {"calls"});
  INFO(text);
  for (const char* family : {"alg", "rxrpc", "vsock", "rds", "can", "tipc", "key", "bluetooth", "smc", "xdp"}) {
    CHECK(text.find("socket-" + std::string(family) + " refused: Operation not permitted\n") != std::string::npos);
  }
  CHECK(text.find("socket-alg-32-bit refused: ") != std::string::npos);
}

TEST_CASE("what the kernel would run as root or obey at once cannot be written: core_pattern, release_agent, sysrq") {
  const std::string text = seen_inside("files", {"open",
                                                 "/proc/sys/kernel/core_pattern",
                                                 "/proc/sys/kernel/modprobe",
                                                 "/proc/sys/kernel/hotplug",
                                                 "/proc/sys/fs/binfmt_misc/register",
                                                 "/proc/sysrq-trigger",
                                                 "/proc/irq/default_smp_affinity",
                                                 "/sys/kernel/uevent_helper",
                                                 "/sys/power/state",
                                                 "/sys/fs/cgroup/release_agent",
                                                 "/sys/fs/cgroup/memory/release_agent",
                                                 "/sys/fs/cgroup/memory/notify_on_release",
                                                 "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                                                 "/sys/fs/cgroup/pids/cgroup.procs",
                                                 "/sys/fs/cgroup/memory.max",
                                                 "/sys/fs/cgroup/cgroup.procs",
                                                 "/dev/mem",
                                                 "/dev/kmsg",
                                                 "/dev/sda",
                                                 "/dev/vda"});
  INFO(text);
  CHECK(ways_out(text) == "");
  CHECK(text.find("/proc/sys/kernel/core_pattern refused: Read-only file system\n") != std::string::npos);
}
