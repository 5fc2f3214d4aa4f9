#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

TEST_CASE("a container is pid 1, alone, under the pod's name") {
  test::PodInAFolder pod;
  const auto outcome =
      pod.run("echo pid $$; hostname; ps > /tmp/all; wc -l < /tmp/all; cat /proc/sys/kernel/hostname; pwd; exit 7");
  CHECK(outcome.status == ExitStatus{7});
  CHECK(outcome.output == "pid 1\nweb-host\n3\nweb-host\n/\n");  // a heading, sh, ps
}

TEST_CASE("it sees its own cgroup, processes and interfaces, and nothing of the host's files") {
  test::PodInAFolder pod;
  const auto outcome =
      pod.run("cat /proc/self/cgroup; ls /sys/class/net; ls /; wc -l < /proc/mounts; ls /proc/1/root/ | grep home");
  CHECK_THAT(outcome.output, !Contains("tandem-test") && Contains("lo\n") && !Contains("eth0") && !Contains("home"));
  CHECK_THAT(outcome.output, Contains("bin\ndev\netc\nproc\nsys\ntmp\nvar\n"));
}

TEST_CASE("no descriptor of the supervisor reaches the container") {
  test::PodInAFolder pod;
  const unique_fd leaky(::open("/etc/passwd", O_RDONLY));  // not close-on-exec
  const unique_fd high(::fcntl(leaky.get(), F_DUPFD, 200));
  const auto outcome = pod.run("ls /proc/self/fd");
  CHECK(outcome.output == "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

TEST_CASE("output can be opened anew by the container's user, and input is empty") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("echo out > /dev/stdout; echo err > /dev/stderr; cat; echo done");
  container.identity = {1000, 1000, {}};
  CHECK(pod.run(container).output == "out\ndone\nerr\n");
}

TEST_CASE("the record is written before anything runs, with an identity that fits") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("echo ran > /data/file; sleep 1000");
  container.mounts = {pod.add_volume(test::volume("data"), "/data")};
  pod.make_fifos("main");
  ProcessId recorded;
  auto starting = linux_::begin_container(pod.plan, container, pod.paths, [&](const ProcessId& process) {
    recorded = process;
    CHECK(identify(process.pid) == process);
    CHECK(list_directory(linux_::volume_directory(pod.plan.volumes[0], pod.paths)).empty());
  });
  const auto started = starting.wait_for_exec();
  CHECK(started.process == recorded);
  CHECK(identify(recorded.pid) == recorded);
  CHECK(linux_::processes_in(pod.cgroups, linux_::container_cgroup(pod.plan, "main")) ==
        std::vector<pid_t>{recorded.pid});
  CHECK(linux_::kill_cgroup(pod.cgroups, linux_::container_cgroup(pod.plan, "main")));
  CHECK(pod.wait(started).signal == SIGKILL);
}

TEST_CASE("a record that fails leaves no process behind") {
  test::PodInAFolder pod;
  pod.make_fifos("main");
  pid_t pid = 0;
  CHECK_THROWS_WITH(linux_::begin_container(pod.plan, pod.shell("sleep 1000"), pod.paths,
                                            [&](const ProcessId& process) {
                                              pid = process.pid;
                                              throw std::runtime_error("disk full");
                                            }),
                    "disk full");
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("a supervisor that dies before the record takes the child with it") {
  test::PodInAFolder pod;
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);  // the child's end comes to us
  const pid_t supervisor = ::fork();
  REQUIRE(supervisor >= 0);
  if (supervisor == 0) {
    linux_::begin_container(pod.plan, pod.shell("sleep 1000"), pod.paths, [&](const ProcessId& process) {
      write_file(pod.paths.run / "child", std::to_string(process.pid));
      ::raise(SIGKILL);
    });
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(supervisor, &status, 0) == supervisor);
  REQUIRE(WIFSIGNALED(status));
  const pid_t child = std::stoi(read_file(pod.paths.run / "child"));
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 125));
  CHECK(linux_::processes_in(pod.cgroups, linux_::pod_cgroup(pod.plan)).empty());
}

TEST_CASE("a container outlives a supervisor that dies after the record") {
  test::PodInAFolder pod;
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main");
  const pid_t supervisor = ::fork();
  REQUIRE(supervisor >= 0);
  if (supervisor == 0) {
    pod.start(pod.shell("sleep 1000"));
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(supervisor, &status, 0) == supervisor);
  const auto processes = linux_::processes_in(pod.cgroups, cgroup);
  REQUIRE(processes.size() == 1);
  CHECK(::kill(processes[0], 0) == 0);
  CHECK(linux_::kill_cgroup(pod.cgroups, cgroup));
}

TEST_CASE("a program that cannot be executed says what is missing") {
  test::PodInAFolder pod;
  write_file(pod.image() / "bin/plain", "no program", 0644);
  write_file(pod.image() / "bin/script", "#!/usr/bin/python3\n", 0755);
  write_file(pod.image() / "bin/garbage", "garbage", 0755);
  fs::copy_file("/bin/ls", pod.image() / "bin/dynamic");
  const auto failing = [&](std::vector<std::string> argv) {
    plan::Container container = pod.shell("");
    container.argv = std::move(argv);
    try {
      pod.start(container);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("started");
  };
  CHECK_THAT(failing({"/bin/foo"}),
             Contains("exec /bin/foo: No such file") && Contains("the image has no such program"));
  CHECK_THAT(failing({"foo"}),
             Contains("exec foo: No such file") && Contains("no such program in PATH (/usr/bin:/bin)"));
  CHECK_THAT(failing({"/bin/script"}), Contains("the image lacks what runs it: /usr/bin/python3"));
  CHECK_THAT(failing({"/bin/dynamic"}), Contains("the image lacks what runs it: /lib") && Contains("ld-linux"));
  CHECK_THAT(failing({"plain"}), Contains("not executable"));
  CHECK_THAT(failing({"/bin/garbage"}), Contains("no program of this machine's architecture"));
  CHECK_THAT(failing({"/etc"}), Contains("it is a directory"));
  CHECK_THAT(failing({}), Contains("there is no command"));
  CHECK(linux_::processes_in(pod.cgroups, linux_::pod_cgroup(pod.plan)).empty());
}

TEST_CASE("a set-up that fails names stage and object") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("true");
  container.layers = {"/nowhere/layer"};
  CHECK_THROWS_WITH(pod.start(container), Contains("look at layer /nowhere/layer"));
  container = pod.shell("true");
  container.mounts = {pod.add_volume(test::volume("data"), "/etc/passwd")};
  CHECK_THROWS_WITH(pod.start(container), Contains("mount at /etc/passwd: a directory cannot be mounted on a file"));
}
