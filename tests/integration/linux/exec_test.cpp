#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/linux/container_terminal.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

TEST_CASE("a command in a container is in all of its namespaces, its cgroup and its restrictions") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("sleep 1000");
  container.identity = {0, 0, {7}};
  container.working_directory = "/var/lib";
  container.resources.memory_limit = Bytes{64 << 20};
  const linux_::Started init = pod.start(container);
  const char* const look =
      "for n in mnt pid net ipc uts cgroup; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup;"
      "grep -E '^(Cap|NoNew|Seccomp:|Uid|Groups)' /proc/self/status";
  const auto inside = pod.execute(container, init.process, {"sh", "-c", look});
  const std::string expected = [&] {
    // The same, of pid 1, seen from inside.
    std::string script = look;
    for (std::size_t at; (at = script.find("/self/")) != std::string::npos;) script.replace(at, 6, "/1/");
    return pod.execute(container, init.process, {"sh", "-c", script}).output;
  }();
  CHECK(inside.output == expected);
  CHECK_THAT(inside.output, Contains("NoNewPrivs:\t1\nSeccomp:\t2") && Contains("Groups:\t7 "));
  CHECK(pod.execute(container, init.process, {"sh", "-c", "pwd; echo $EXTRA; ls /proc/self/fd; exit 9"}).output ==
        "/var/lib\nyes\n0\n1\n2\n3\n");
  CHECK(pod.execute(container, init.process, {"sh", "-c", "exit 9"}).status == ExitStatus{9});
  CHECK(linux_::processes_in(pod.cgroups, linux_::container_cgroup(pod.plan, "main")).size() == 1);
}

TEST_CASE("our own process stays in its namespaces after a command was started elsewhere") {
  test::PodInAFolder pod;
  const plan::Container container = pod.shell("sleep 1000");
  const linux_::Started init = pod.start(container);
  pod.execute(container, init.process, {"true"});
  CHECK(fs::read_symlink("/proc/self/ns/pid_for_children") == fs::read_symlink("/proc/self/ns/pid"));
}

TEST_CASE("a command that is not there, or a container that has ended, is an error") {
  test::PodInAFolder pod;
  const plan::Container container = pod.shell("sleep 1000");
  const linux_::Started init = pod.start(container);
  CHECK_THROWS_WITH(pod.execute(container, init.process, {"foo"}), Contains("no such program in PATH"));
  send_signal(init.pidfd.get(), 9);
  pod.wait(init);
  CHECK_THROWS_WITH(pod.execute(container, init.process, {"true"}), Contains("it is not running"));
}

TEST_CASE("a command may have a terminal of its own") {
  test::PodInAFolder pod;
  const plan::Container container = pod.shell("sleep 1000");
  const linux_::Started init = pod.start(container);
  const auto [controller, terminal] = linux_::open_terminal_in_container(init.process, container.identity);
  linux_::Execution execution;
  execution.argv = {"sh", "-c", "test -t 0 && test -t 1 && echo yes > /dev/tty && tty"};
  execution.stdin_fd = execution.stdout_fd = execution.stderr_fd = terminal.get();
  execution.terminal = true;
  const linux_::Started started = linux_::execute_in_container(pod.plan, container, pod.paths, init.process, execution);
  CHECK(pod.wait(started) == ExitStatus{});
  std::string text;  // a terminal hands over what it has so far
  for (char part[16]; std::count(text.begin(), text.end(), '\n') < 2;) {
    const ssize_t count = ::read(controller.get(), part, sizeof part);
    REQUIRE(count > 0);
    text.append(part, static_cast<std::size_t>(count));
  }
  CHECK(text == "yes\r\n/dev/pts/0\r\n");
}
