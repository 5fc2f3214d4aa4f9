// Starting, probing, restarting and stopping.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::string phase(const std::string& pod) {
  const auto object = machine().pod(pod);
  return object.is_null() ? "" : object["status"].value("phase", "");
}

}  // namespace

TEST_CASE("init containers run one after the other to their end, then sidecars start, then the main program") {
  const std::string manifest = R"(
apiVersion: v1
kind: Pod
metadata: {name: order}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 5
  volumes: [{name: notes, emptyDir: {}}]
  initContainers:
  - {name: first, image: localhost/busybox, args: ["-c", "sleep 0.2; echo first >> /notes/order"], volumeMounts: [{name: notes, mountPath: /notes}]}
  - {name: second, image: localhost/busybox, args: ["-c", "echo second >> /notes/order"], volumeMounts: [{name: notes, mountPath: /notes}]}
  - name: sidecar
    image: localhost/busybox
    restartPolicy: Always
    args: ["-c", "echo sidecar >> /notes/order; trap 'echo sidecar-stopped; exit 0' TERM; touch /tmp/up; while :; do sleep 0.1; done"]
    startupProbe: {exec: {command: ["/bin/sh", "-c", "test -e /tmp/up"]}, periodSeconds: 1}
    volumeMounts: [{name: notes, mountPath: /notes}]
  containers:
  - {name: main, image: localhost/busybox, args: ["-c", "echo main >> /notes/order; cat /notes/order"], volumeMounts: [{name: notes, mountPath: /notes}]}
)";
  const auto result = machine().tandem({"up", "-f", "-"}, manifest);
  INFO(result.output << result.errors);
  CHECK(result.status.code == 0);
  CHECK(result.output.find("[main] first\n[main] second\n[main] sidecar\n[main] main\n") != std::string::npos);
  CHECK(result.output.find("[sidecar] sidecar-stopped") != std::string::npos);
  CHECK(machine().pod("order").is_null());
}

TEST_CASE("up ends with 1 when the pod has failed, and the failing container's output was shown") {
  const auto result =
      machine().tandem({"up", "-f", "-"}, shell_pod("fails", "echo about to fail; exit 3", "restartPolicy: Never"));
  CHECK(result.status.code == 1);
  CHECK(result.output.find("[main] about to fail") != std::string::npos);
  CHECK(result.errors.find("pod/fails failed: main exited with 3\n") != std::string::npos);
}

TEST_CASE("up says why a pod could not be started before it removes it") {
  const auto result = machine().tandem({"up", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: ne}
spec: {restartPolicy: Never, containers: [{name: main, image: localhost/busybox, command: [/nosuch]}]}
)");
  INFO(result.errors);
  CHECK(result.status.code == 1);
  CHECK(result.errors.find("pod/ne: Failed: ") != std::string::npos);
  CHECK(result.errors.find("/nosuch") != std::string::npos);
  CHECK(result.errors.find("pod/ne failed: main exited with 128 (StartError)\n") != std::string::npos);
}

TEST_CASE("a program that ends is started again, with its count, its last state and its previous log") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("restarts",
                         "n=$(cat /data/n 2>/dev/null || echo 0); echo run $n; echo $((n+1)) > /data/n; [ $n -ge 1 ] "
                         "&& sleep 1000; exit 4",
                         "terminationGracePeriodSeconds: 1\nvolumes: [{name: data, emptyDir: {}}]",
                         "volumeMounts: [{name: data, mountPath: /data}]"));
  REQUIRE(wait_until([] { return machine().restarts("restarts", "main") == 1 && machine().ready("restarts"); }));
  const auto status = machine().pod("restarts")["status"]["containerStatuses"][0];
  CHECK(status["lastState"]["terminated"]["exitCode"] == 4);
  CHECK(status["lastState"]["terminated"]["reason"] == "Error");
  CHECK(wait_until([] { return machine().ok({"logs", "restarts"}) == "run 1\n"; }));
  CHECK(machine().ok({"logs", "restarts", "-p"}) == "run 0\n");
  machine().ok({"delete", "pod", "restarts"});
}

TEST_CASE("a liveness probe that fails restarts the container; a readiness probe only takes it out") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("probed", "touch /tmp/alive /tmp/ready; sleep 1000", "terminationGracePeriodSeconds: 1", R"(
startupProbe: {exec: {command: ["/bin/sh", "-c", "test -e /tmp/ready"]}, periodSeconds: 1, failureThreshold: 60, timeoutSeconds: 20}
livenessProbe: {exec: {command: ["/bin/sh", "-c", "test -e /tmp/alive"]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 20}
readinessProbe: {exec: {command: ["/bin/sh", "-c", "test -e /tmp/ready"]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 20}
)"));
  REQUIRE(wait_until([] { return machine().ready("probed"); }));
  machine().ok({"exec", "probed", "--", "rm", "/tmp/ready"});
  REQUIRE(wait_until([] { return !machine().ready("probed"); }));
  CHECK(machine().restarts("probed", "main") == 0);
  machine().ok({"exec", "probed", "--", "rm", "/tmp/alive"});
  REQUIRE(wait_until([] { return machine().restarts("probed", "main") == 1 && machine().ready("probed"); }));
  machine().ok({"delete", "pod", "probed"});
}

TEST_CASE("a program past its memory limit is killed by the kernel, and the status says so") {
  machine().ok({"apply", "-f", "-"}, shell_pod("hungry", "x=0123456789abcdef; while :; do x=$x$x; done",
                                               "restartPolicy: Never", "resources: {limits: {memory: 16Mi}}"));
  REQUIRE(wait_until([] { return phase("hungry") == "Failed"; }));
  const auto ended = machine().pod("hungry")["status"]["containerStatuses"][0]["state"]["terminated"];
  CHECK(ended["reason"] == "OOMKilled");
  CHECK(ended["exitCode"] == 137);
  CHECK(machine().ok({"describe", "pod", "hungry"}).find("OOMKilling") == std::string::npos);
  machine().ok({"delete", "pod", "hungry"});
}

TEST_CASE("a program whose child the kernel killed for memory says only how it ended; an event says what was killed") {
  machine().ok({"apply", "-f", "-"}, shell_pod("parent", "sh -c 'x=0123456789abcdef; while :; do x=$x$x; done'; exit 3",
                                               "restartPolicy: Never", "resources: {limits: {memory: 16Mi}}"));
  REQUIRE(wait_until([] { return phase("parent") == "Failed"; }));
  const auto ended = machine().pod("parent")["status"]["containerStatuses"][0]["state"]["terminated"];
  const std::string described = machine().ok({"describe", "pod", "parent"});
  if (fs::exists("/sys/fs/cgroup/cgroup.controllers")) {  // cgroup v2, where a container is killed as a whole
    CHECK(ended["reason"] == "OOMKilled");
  } else {
    CHECK(ended["reason"] == "Error");
    CHECK(ended["exitCode"] == 3);
    CHECK(described.find("OOMKilling") != std::string::npos);
    CHECK(described.find("a process of container main was killed for memory (limit 16Mi)") != std::string::npos);
  }
  machine().ok({"delete", "pod", "parent"});
}

TEST_CASE("a program that ignores SIGTERM is killed when its grace period is over") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("stubborn", "trap '' TERM; while :; do sleep 0.1; done", "terminationGracePeriodSeconds: 2"));
  REQUIRE(wait_until([] { return machine().ready("stubborn"); }));
  const auto begin = std::chrono::steady_clock::now();
  machine().ok({"delete", "pod", "stubborn"});
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= 1900ms);
  CHECK(took < 15s);
}

TEST_CASE("who deletes a pod is told at once which containers do not hear their stop signal") {
  const auto said = [](const std::string& script, const std::string& more = "") {
    machine().ok({"apply", "-f", "-"}, shell_pod("deaf", script, "terminationGracePeriodSeconds: 2", more));
    REQUIRE(wait_until([] { return machine().tandem({"logs", "deaf"}).output.find("ready") != std::string::npos; }));
    return machine().tandem({"delete", "pod", "deaf"}).errors;
  };
  const std::string endless = "echo ready; while :; do sleep 0.1; done";
  CHECK(said(endless).find("pod/deaf: main ignores SIGTERM") != std::string::npos);
  CHECK(said("trap '' TERM; " + endless).find("killed in 2 s") != std::string::npos);
  CHECK(said("trap 'exit 0' TERM; " + endless) == "");
  CHECK(said(endless, "lifecycle: {preStop: {exec: {command: [\"true\"]}}}") == "");
}

TEST_CASE("pods that are deleted together end side by side") {
  // Each ends when it sees that the other was told to: one after the other, the first would be killed waiting.
  const TemporaryDirectory shared;
  for (const auto& [name, other] : {std::pair<std::string, std::string>("left", "right"), {"right", "left"}}) {
    machine().ok({"apply", "-f", "-"},
                 shell_pod(name,
                           "told() {\n  touch /shared/" + name + "-told\n  while [ ! -e /shared/" + other +
                               "-told ]; do sleep 0.05; done\n  touch /shared/" + name +
                               "-ended\n  exit\n}\ntrap told TERM\ntouch /shared/" + name +
                               "-ready\nwhile :; do sleep 0.1; done",
                           "terminationGracePeriodSeconds: 15\nvolumes: [{name: shared, hostPath: {path: " +
                               shared.path().string() + "}}]",
                           "volumeMounts: [{name: shared, mountPath: /shared}]"));
  }
  REQUIRE(wait_until([&] { return fs::exists(shared / "left-ready") && fs::exists(shared / "right-ready"); }));
  machine().ok({"delete", "pod", "left", "right"});
  CHECK(fs::exists(shared / "left-ended"));
  CHECK(fs::exists(shared / "right-ended"));
}

TEST_CASE("a program that cannot be run gives a reason that names it, and the pod tries again with back-off") {
  machine().ok({"apply", "-f", "-"}, shell_pod("absent", "", "", "command: [/no/such/program]"));
  REQUIRE(wait_until([] {
    const auto pod = machine().pod("absent");
    return !pod.is_null() && pod.dump().find("/no/such/program") != std::string::npos;
  }));
  const std::string described = machine().ok({"describe", "pod", "absent"});
  CHECK(described.find("/no/such/program") != std::string::npos);
  machine().ok({"delete", "pod", "absent"});
}

TEST_CASE("the message of a container that failed is its file, or by its policy the end of its output") {
  // What each container does, and the message that it leaves.
  const std::string spec = R"(apiVersion: v1
kind: Pod
metadata: {name: words}
spec:
  restartPolicy: Never
  containers:
  - name: falls-back
    image: localhost/busybox
    terminationMessagePolicy: FallbackToLogsOnError
    args: [-c, "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done; echo to stderr >&2; printf unfinished; exit 3"]
  - name: wrote-file
    image: localhost/busybox
    terminationMessagePolicy: FallbackToLogsOnError
    args: [-c, "echo output; echo of the file > /dev/termination-log; exit 3"]
  - name: succeeded
    image: localhost/busybox
    terminationMessagePolicy: FallbackToLogsOnError
    args: [-c, "echo output"]
  - name: file-only
    image: localhost/busybox
    args: [-c, "echo output; exit 3"]
)";
  machine().ok({"apply", "-f", "-"}, spec);
  REQUIRE(wait_until([] { return machine().pod("words")["status"]["phase"] == "Failed"; }));
  std::map<std::string, std::string> messages;
  const auto pod = machine().pod("words");
  for (const auto& status : pod["status"]["containerStatuses"])
    messages[status["name"]] = status["state"]["terminated"].value("message", "(none)");
  const std::string& fallback = messages["falls-back"];
  INFO(fallback);
  CHECK(fallback.find("to stderr\n") != std::string::npos);
  CHECK(fallback.find("line 100\n") != std::string::npos);
  CHECK(fallback.find("unfinished") != std::string::npos);
  CHECK(fallback.find("stdout F") == std::string::npos);
  CHECK(std::count(fallback.begin(), fallback.end(), '\n') == 80);
  CHECK(messages["wrote-file"] == "of the file\n");
  CHECK(messages["succeeded"] == "(none)");
  CHECK(messages["file-only"] == "(none)");
  CHECK(machine().ok({"describe", "pod", "words"}).find("to stderr") != std::string::npos);
  machine().ok({"delete", "pod", "words"});
}
