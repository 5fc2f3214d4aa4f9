// What a container can do to the one who runs a command in it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/security/hostile_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

// The tests' own view of a file, with nothing of the product's.
mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

std::size_t count(const std::string& text, const std::string& words) {
  std::size_t found = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

void launch(const std::string& name, const std::string& command) {
  machine().ok({"apply", "-f", "-"}, hostile_pod(name, command));
  REQUIRE(wait_until([&] { return machine().ready(name); }));
}

}  // namespace

TEST_CASE("an image that makes exec run the host's program inside cannot write to it (CVE-2019-5736)") {
  launch("overwrites", R"([hostile, overwrite-program])");
  REQUIRE(wait_until([] {
    return machine().tandem({"logs", "overwrites"}).output.find("waiting") != std::string::npos;
  }));
  const auto log = [] { return machine().ok({"logs", "overwrites"}); };
  int rounds = 0;
  // The container must have got hold of our program for the refusal to mean something; it has a few milliseconds each
  // time.
  REQUIRE(wait_until(
      [&] {
        for (const char* program : {"/bin/x", "/proc/self/exe"})
          machine().tandem({"exec", "overwrites", "--", program, "version"});
        return ++rounds >= 12 && count(log(), "refused: Read-only file system") > 0;
      },
      std::chrono::minutes(4)));
  CHECK(count(log(), "could write") == 0);
  machine().ok({"delete", "pod", "overwrites"});
}

TEST_CASE("a command's streams are pipes, and changing their mode changes nothing of the host's") {
  launch("streams", R"([sleep, "1000"])");
  const mode_t before = mode_of("/dev/null");
  machine().ok({"exec", "streams", "--", "chmod", "0600", "/proc/self/fd/0"});
  CHECK(mode_of("/dev/null") == before);
  ::chmod("/dev/null", before);  // on a build where the check failed
  const TemporaryDirectory folder;
  write_file(folder / "out", "kept\n");
  Child caller({std::string(TANDEM_BINARY_DIR) + "/bin/tandem", "exec", "streams", "--", "sh", "-c",
                ": > /proc/$$/fd/1; chmod 0777 /proc/$$/fd/1; echo done"},
               folder / "log");
  REQUIRE(wait_until([&] { return read_file(folder / "log").find("done") != std::string::npos; }));
  CHECK((mode_of(folder / "log") & 0111) == 0);
  machine().ok({"delete", "pod", "streams"});
}

TEST_CASE("a container's own streams are none of the host's files") {
  const mode_t before = mode_of("/dev/null");
  machine().ok({"apply", "-f", "-"},
               hostile_pod("own-streams", R"([sh, -c, "chmod 0600 /proc/self/fd/0; echo done; sleep 1000"])"));
  REQUIRE(wait_until([] {
    return machine().tandem({"logs", "own-streams"}).output.find("done") != std::string::npos;
  }));
  CHECK(mode_of("/dev/null") == before);
  ::chmod("/dev/null", before);
  machine().ok({"delete", "pod", "own-streams"});
}

TEST_CASE("a probe's streams are none of the host's files") {
  const mode_t before = mode_of("/dev/null");
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: probed}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: localhost/hostile
    command: [sleep, "1000"]
    readinessProbe: {exec: {command: [chmod, "0600", /proc/self/fd/0]}, periodSeconds: 1}
)");
  REQUIRE(wait_until([] { return machine().ready("probed"); }));
  CHECK(mode_of("/dev/null") == before);
  ::chmod("/dev/null", before);
  machine().ok({"delete", "pod", "probed"});
}

TEST_CASE("exec -t gives a terminal of the container's own") {
  launch("terminal", R"([sleep, "1000"])");
  CHECK(machine().ok({"exec", "-t", "terminal", "--", "tty"}) == "/dev/pts/0\r\n");
  CHECK(machine().ok({"exec", "-t", "terminal", "--", "sh", "-c", "echo through > /dev/tty; stat -c %u $(tty)"}) ==
        "through\r\n0\r\n");
  machine().ok({"delete", "pod", "terminal"});
}

TEST_CASE("a container with CAP_SYS_PTRACE sees nothing of the host's through commands that come in (CVE-2016-9962)") {
  const TemporaryDirectory host;
  write_file(host / "secret", "the host's");
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: peeks}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: localhost/hostile
    command: [hostile, peek, )" + (host / "secret").string() +
                                         R"(, secret-of-others-7341]
    securityContext: {capabilities: {add: [SYS_PTRACE]}}
    readinessProbe: {exec: {command: [sh, -c, ":"]}, periodSeconds: 1}
  - name: sibling
    image: localhost/hostile
    command: [sh, -c, "sleep 1000"]
    env: [{name: TOKEN, value: secret-of-others-7341}]
)");
  REQUIRE(wait_until([] { return machine().ready("peeks"); }));
  const auto log = [] { return machine().ok({"logs", "peeks", "-c", "main"}); };
  REQUIRE(wait_until([&] {
    run_command({"env", "TOKEN=secret-of-others-7341", TANDEM_BINARY_DIR "/bin/tandem", "exec", "peeks", "-c", "main",
                 "--", "sh", "-c", ":"});
    return count(log(), "searched ") >= 20;
  }));
  CHECK(count(log(), " could") == 0);
  machine().ok({"delete", "pod", "peeks"});
}

TEST_CASE("a container that stops every command which comes in stops neither its pod nor its end") {
  machine().ok({"apply", "-f", "-"}, R"(apiVersion: v1
kind: Pod
metadata: {name: stops}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: localhost/hostile
    command: [sh, -c, "while :; do kill -STOP -1 2>/dev/null; done"]
    livenessProbe: {exec: {command: [sh, -c, ":"]}, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1}
    lifecycle: {preStop: {exec: {command: [sh, -c, ":"]}}}
  - name: other
    image: localhost/hostile
    command: [sh, -c, "while :; do echo tick; sleep 0.2; done"]
)");
  const auto ticks = [] { return count(machine().tandem({"logs", "stops", "-c", "other"}).output, "tick"); };
  // The probe is stopped, fails at its timeout, and the container is started again: the supervisor goes on.
  CHECK(wait_until([] { return machine().restarts("stops", "main") >= 1; }));
  const std::size_t before = ticks();
  CHECK(wait_until([&] { return ticks() > before; }));
  machine().ok({"delete", "pod", "stops"});
  CHECK(machine().leftovers() == "");
}
