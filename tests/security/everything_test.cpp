// One hostile container that tries everything, and the host before and after it.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// What a container that got out would have changed, in the kernel's own words.
std::string state_of_host(const fs::path& folder) {
  std::string text;
  for (const char* file : {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
                           "/proc/sys/net/ipv4/ip_forward", "/proc/self/oom_score_adj", "/etc/passwd", "/etc/hosts"}) {
    text += std::string(file) + ": " + read_file_if_exists(file, 1u << 20).value_or("none") + "\n";
  }
  for (const char* node : {"/dev/null", "/dev/tty", "/dev/ptmx", "/tmp", "/"}) {
    struct stat status {};
    ::stat(node, &status);
    text += std::string(node) + " " + std::to_string(status.st_mode) + " " + std::to_string(status.st_uid) + "\n";
  }
  for (const std::string& name : list_directory(folder)) text += name + "\n";
  return text;
}

}  // namespace

TEST_CASE("a hostile container that tries everything gets nothing and leaves nothing") {
  const TemporaryDirectory host;
  write_file(host / "marker", "of the host\n");
  const std::string marker = (host / "marker").string();
  const std::string outer_mounts = read_file("/proc/self/mountinfo");
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Secret
metadata: {name: secret}
stringData: {key: s3cret}
---
apiVersion: v1
kind: Pod
metadata: {name: everything}
spec:
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: data, emptyDir: {}}
  - {name: secret, secret: {secretName: secret}}
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "hostile leave-root; hostile calls; rm -rf /dev/null /dev/ptmx /dev/console; ln -s /proc/sysrq-trigger /dev/null; ln -s )" +
                                         marker + R"( /data/link; sleep 1000"]
    volumeMounts: [{name: data, mountPath: /data}, {name: secret, mountPath: /secret}]
  - {name: neighbour, image: localhost/hostile, command: [sleep, "1000"]}
)");
  REQUIRE(wait_until([] { return machine().ready("everything"); }));
  REQUIRE(wait_until([] {
    return machine().tandem({"logs", "everything", "-c", "main"}).output.find("socket-raw") != std::string::npos;
  }));
  const std::string before = state_of_host(host.path());
  std::string said = machine().ok({"logs", "everything", "-c", "main"});
  const auto inside = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"exec", "everything", "-c", "main", "--", "hostile"};
    words.insert(words.end(), more.begin(), more.end());
    const CommandResult result = machine().tandem(words);
    said += result.output + result.errors;
  };
  inside({"leave-root"});
  inside({"calls"});
  inside({"open", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/../proc/sys/kernel/core_pattern",
          "/proc/1/root/proc/sys/kernel/core_pattern", "/sys/fs/cgroup/release_agent",
          "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/cgroup.procs", "/sys/kernel/uevent_helper",
          "/secret/key", "/secret/..data/key", "/data/link", marker, "/proc/1/root" + marker,
          "/proc/self/cwd/.." + marker});
  inside({"reach", std::to_string(::getpid()), std::to_string(machine().process_of("everything", "supervisor")),
          std::to_string(machine().process_of("everything", "keeper")),
          std::to_string(machine().process_of("everything", "neighbour"))});
  INFO(said);
  CHECK(ways_out(said) == "");
  CHECK(refusals(said) > 150);
  CHECK(machine().ok({"exec", "everything", "-c", "main", "--", "cat"}) == "");  // not what it calls /dev/null
  machine().ok({"delete", "pod", "everything"});
  CHECK(state_of_host(host.path()) == before);
  CHECK(read_file(marker) == "of the host\n");
  CHECK(read_file("/proc/self/mountinfo") == outer_mounts);
}
