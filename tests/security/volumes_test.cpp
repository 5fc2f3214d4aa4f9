// What containers can do to each other's start, and to the host, through a volume that they share.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// An init container prepares the volume "data" at /data with `script`; "main" has it at `place` and runs `command`.
std::string prepared_pod(const std::string& name, const std::string& script, const std::string& place,
                         const std::string& command) {
  return R"(apiVersion: v1
kind: Pod
metadata: {name: )" +
         name + R"(}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  volumes: [{name: data, emptyDir: {}}]
  initContainers:
  - name: prepare
    image: localhost/hostile
    command: [sh, -c, ")" +
         script + R"("]
    volumeMounts: [{name: data, mountPath: /data}]
  containers:
  - name: main
    image: localhost/hostile
    command: )" +
         command + R"(
    volumeMounts: [{name: data, mountPath: )" +
         place + R"(}]
)";
}

std::string run_to_end(const std::string& name, const std::string& manifest) {
  machine().ok({"apply", "-f", "-"}, manifest);
  const std::string text = outcome_of(name);
  machine().ok({"delete", "pod", name});
  return text;
}

}  // namespace

TEST_CASE("a /dev whose null is a link does not turn a masked path into a writable one (CVE-2025-31133)") {
  const std::string text = run_to_end(
      "mask-link", prepared_pod("mask-link", "ln -s /proc/sys/kernel/core_pattern /data/null; mkdir -p /data/pts",
                                "/dev", "[stat, -c, '%n %t:%T', /proc/keys, /proc/timer_list, /proc/kcore]"));
  INFO(text);
  // What masks is a device that swallows everything, whatever lies at /dev/null.
  for (const char* file : {"/proc/keys", "/proc/timer_list", "/proc/kcore"}) {
    if (fs::exists(file)) CHECK(text.find(std::string(file) + " 1:3\n") != std::string::npos);
  }
}

TEST_CASE("links at /dev/console, /dev/ptmx and /dev/pts lead a terminal nowhere (CVE-2025-52565)") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: consoles}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: data, emptyDir: {}}]
  containers:
  - name: own
    image: localhost/hostile
    command: [sh, -c, "for f in console ptmx null tty; do rm -f /dev/$f; ln -s /proc/sys/kernel/core_pattern /dev/$f; done; mv /dev/pts /dev/x; exec sleep 1000"]
  - name: planted
    image: localhost/hostile
    command: [sh, -c, "mkdir -p /dev/pts; for f in console ptmx null pts/0 pts/ptmx; do ln -sf /proc/sys/kernel/core_pattern /dev/$f; done; exec sleep 1000"]
    volumeMounts: [{name: data, mountPath: /dev}]
)");
  REQUIRE(wait_until([] { return machine().ready("consoles"); }));
  REQUIRE(wait_until([] {
    return machine().tandem({"exec", "consoles", "-c", "planted", "--", "ls", "/dev/pts/ptmx"}).status == ExitStatus{};
  }));
  // Its own devpts is a mount, which it cannot move; the links beside it are not looked at.
  CHECK(machine().ok({"exec", "-t", "consoles", "-c", "own", "--", "tty"}) == "/dev/pts/0\r\n");
  const CommandResult refused = machine().tandem({"exec", "-t", "consoles", "-c", "planted", "--", "tty"});
  INFO(refused.output << refused.errors);
  CHECK(refused.status != ExitStatus{});
  CHECK(refused.output.find("/dev/") == std::string::npos);
  // Standard input is not what the container calls /dev/null.
  for (const char* container : {"own", "planted"}) {
    CHECK(machine().ok({"exec", "consoles", "-c", container, "--", "cat"}) == "");
  }
  machine().ok({"delete", "pod", "consoles"});
}

TEST_CASE("a volume over /proc gets nothing that was meant for the kernel (CVE-2019-16884, CVE-2025-52881)") {
  const std::string text = run_to_end(
      "over-proc",
      prepared_pod("over-proc",
                   "mkdir -p /data/self/attr /data/1/attr /data/thread-self/attr /data/sys/net/ipv4; for f in "
                   "self/attr/exec self/attr/current self/oom_score_adj 1/oom_score_adj thread-self/attr/exec "
                   "sys/net/ipv4/ping_group_range; do echo planted > /data/$f; done",
                   "/proc",
                   "[sh, -c, 'for f in self/attr/exec self/attr/current self/oom_score_adj 1/oom_score_adj "
                   "thread-self/attr/exec sys/net/ipv4/ping_group_range; do cat /proc/$f; done; ls /proc']"));
  INFO(text);
  std::size_t planted = 0;
  for (std::size_t at = text.find("planted\n"); at != std::string::npos; at = text.find("planted\n", at + 1)) ++planted;
  CHECK(planted == 6);
}

TEST_CASE("a ConfigMap or a Secret is never written over a link (CVE-2025-9566)") {
  const TemporaryDirectory host;
  write_file(host / "victim", "of the host\n");
  const std::string manifest =
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {key: from the map}
---
apiVersion: v1
kind: Pod
metadata: {name: config-link}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: config, configMap: {name: config}}]
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "for f in key ..data ..data/key; do rm -rf /config/$f; ln -sf )" +
      host.path().string() +
      R"(/victim /config/$f; mv /config/$f /config/x; done; ls -l /config; echo done; sleep 1000"]
    volumeMounts: [{name: config, mountPath: /config}]
)";
  for (int round = 0; round < 2; ++round) {
    machine().ok({"apply", "--replace", "-f", "-"}, manifest);
    REQUIRE(wait_until([&] {
      return machine().tandem({"logs", "config-link"}).output.find("done") != std::string::npos;
    }));
    CHECK(machine().ok({"exec", "config-link", "--", "cat", "/config/key"}) == "from the map");
  }
  CHECK(read_file(host / "victim") == "of the host\n");
  CHECK(machine().ok({"exec", "config-link", "--", "stat", "-c", "%F", "/config/..data/key"}) == "regular file\n");
  machine().ok({"delete", "pod", "config-link"});
}

TEST_CASE(
    "a sub path that a sibling swaps for a link never shows the host's files (CVE-2017-1002101, CVE-2021-25741)") {
  const TemporaryDirectory host;
  write_file(host / "note", "of the host\n");
  std::string manifest = R"(apiVersion: v1
kind: Pod
metadata: {name: swaps}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  volumes: [{name: data, emptyDir: {}}]
  initContainers:
  - name: swap
    image: localhost/hostile
    restartPolicy: Always
    command: [sh, -c, "mkdir -p /data/x; echo of the volume > /data/x/note; ln -s )" +
                         host.path().string() + R"( /data/link; exec hostile swap /data/x /data/link"]
    startupProbe: {exec: {command: [stat, /data/link]}, periodSeconds: 1}
    volumeMounts: [{name: data, mountPath: /data}]
  containers:
)";
  for (int number = 0; number < 12; ++number) {
    manifest += R"(  - name: main-)" + std::to_string(number) + R"(
    image: localhost/hostile
    command: [sh, -c, "cat /inside/note; echo ran"]
    volumeMounts: [{name: data, mountPath: /inside, subPath: x}, {name: data, mountPath: /whole}, {name: data, mountPath: /whole/x/deep/er}]
)";
  }
  int ran = 0;
  for (int round = 0; round < 3; ++round) {
    machine().ok({"apply", "-f", "-"}, manifest);
    const auto ended = [&] {
      const auto pod = machine().pod("swaps");
      int count = 0;
      for (const auto& each : pod["status"].value("containerStatuses", nlohmann::json::array())) {
        // Either it ran, or its start met the link and was refused.
        count +=
            each["state"].contains("terminated") || each.dump().find("ContainerError") != std::string::npos ? 1 : 0;
      }
      return count == 12;
    };
    REQUIRE(wait_until(ended));
    for (int number = 0; number < 12; ++number) {
      const std::string log = machine().tandem({"logs", "swaps", "-c", "main-" + std::to_string(number)}).output;
      CHECK(log.find("of the host") == std::string::npos);
      ran += log.find("ran\n") != std::string::npos ? 1 : 0;
    }
    machine().ok({"delete", "pod", "swaps"});
  }
  CHECK(ran > 0);
  CHECK(list_directory(host.path()).size() == 1);
}
