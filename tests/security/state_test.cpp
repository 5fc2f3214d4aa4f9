// What other users of the host can reach of pods and images.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// What `path` is to uid 65534: found by trying, in a child.
bool nobody_can(const fs::path& path, int mode) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
    ::_exit(::access(path.c_str(), mode) == 0 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) < 2));
  return WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("nobody but root reaches a file that a container has written, a setuid program for one") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: plants}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: data, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}]
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "for d in /data /memory /; do cat /bin/busybox > $d/rootshell; chmod 4755 $d/rootshell; done; echo done; sleep 1000"]
    volumeMounts: [{name: data, mountPath: /data}, {name: memory, mountPath: /memory}]
)");
  REQUIRE(wait_until([] { return machine().tandem({"logs", "plants"}).output.find("done") != std::string::npos; }));
  ::chmod(machine().root().c_str(), 0755);  // the test's own folder hides nothing
  int found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(machine().root())) {
    if (entry.path().filename() != "rootshell") continue;
    ++found;
    INFO(entry.path());
    CHECK_FALSE(nobody_can(entry.path(), X_OK));
  }
  CHECK(found >= 3);
  machine().ok({"delete", "pod", "plants"});
}
