// What becomes of a command when the `tandem exec` that had started it dies. Judged by /proc: a command is known by the
// seconds that it sleeps.
#include <catch2/catch.hpp>
#include <csignal>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> exec(const std::vector<std::string>& options, const std::string& script) {
  std::vector<std::string> arguments{TANDEM_BINARY_DIR "/bin/tandem", "exec", "host"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", "sh", "-c", script});
  return arguments;
}

void launch() {
  machine().ok({"apply", "-f", "-"}, shell_pod("host", "sleep 71001", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] { return machine().ready("host"); }));
}

void finish() {
  CHECK(sleeping("71001") == 1);  // the main program is not meant
  CHECK(machine().restarts("host", "main") == 0);
  machine().ok({"delete", "pod", "host"});
}

}  // namespace

TEST_CASE("a command ends with its client, however that ends, and takes its children along") {
  launch();
  for (const int signal : {SIGKILL, SIGTERM, SIGINT, SIGHUP}) {
    for (const std::string option : {"-i", "-t"}) {
      CAPTURE(signal, option);
      const TemporaryDirectory folder;
      Child client(exec({option}, "sleep 71002 & (sleep 71003 & sleep 71004) & sleep 71005; true"), folder / "log");
      REQUIRE(wait_until(
          [] { return sleeping("71002") + sleeping("71003") + sleeping("71004") + sleeping("71005") == 4; }));
      client.signal(signal);
      CHECK(client.wait().signal == signal);
      CHECK(wait_until(
          [] { return sleeping("71002") + sleeping("71003") + sleeping("71004") + sleeping("71005") == 0; }));
    }
  }
  finish();
}

TEST_CASE("a command that ignores the hang-up and SIGTERM is killed a few seconds after its client") {
  launch();
  const TemporaryDirectory folder;
  Child client(exec({"-t"}, "trap '' HUP TERM; sleep 71002; sleep 71003"), folder / "log");
  REQUIRE(wait_until([] { return sleeping("71002") == 1; }));
  client.signal(SIGKILL);
  client.wait();
  CHECK(wait_until([] { return sleeping("71002") + sleeping("71003") == 0; }, 15s));
  finish();
}

TEST_CASE("what has a session of its own, and what was started with --detach, outlives its client") {
  launch();
  const auto detached = machine().tandem({"exec", "host", "--detach", "--", "sleep", "71002"});
  CHECK(detached.status == ExitStatus{});
  CHECK(detached.output + detached.errors == "");
  const TemporaryDirectory folder;
  Child client(exec({}, "setsid sleep 71003 & sleep 71004; true"), folder / "log");
  REQUIRE(wait_until([] { return sleeping("71003") + sleeping("71004") == 2; }));
  client.signal(SIGKILL);
  client.wait();
  CHECK(wait_until([] { return sleeping("71004") == 0; }));
  CHECK(sleeping("71002") == 1);
  CHECK(sleeping("71003") == 1);
  // Nor does a command's own end concern what it has left behind.
  machine().ok({"exec", "host", "--", "sh", "-c", "sleep 71005 >/dev/null 2>&1 &"});
  CHECK(wait_until([] { return sleeping("71005") == 1; }));
  CHECK(machine().tandem({"exec", "host", "-i", "--detach", "--", "true"}).status.code == 125);
  finish();
}

TEST_CASE("a probe that runs into its timeout leaves nothing behind") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("slow", "sleep 71001", "terminationGracePeriodSeconds: 0", R"(readinessProbe:
  exec: {command: [sh, -c, "sleep 71006 & sleep 71006; true"]}
  periodSeconds: 1
  timeoutSeconds: 1)"));
  REQUIRE(wait_until([] { return sleeping("71006") == 2; }));
  CHECK(wait_until([] { return sleeping("71006") == 0; }));
  REQUIRE(wait_until([] { return sleeping("71006") == 2; }));
  CHECK(sleeping("71006") == 2);
  machine().ok({"delete", "pod", "slow"});
}

TEST_CASE("a command, a probe and a hook are as likely to be killed for want of memory as their container") {
  const std::string write = "cat /proc/self/oom_score_adj > /tmp/";
  machine().ok({"apply", "-f", "-"}, shell_pod("scored", "sleep 71001", "terminationGracePeriodSeconds: 0",
                                               "lifecycle: {postStart: {exec: {command: [sh, -c, \"" + write +
                                                   "hook\"]}}}\nreadinessProbe: {exec: {command: [sh, -c, \"" + write +
                                                   "probe\"]}, periodSeconds: 1}"));
  REQUIRE(wait_until([] { return machine().ready("scored"); }));
  CHECK(machine().ok({"exec", "scored", "--", "cat", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj", "/tmp/hook",
                      "/tmp/probe"}) == "1000\n1000\n1000\n1000\n");
  machine().ok({"delete", "pod", "scored"});
}

TEST_CASE("a terminal for input that is none is refused in kubectl's words, and the command goes on without") {
  launch();
  const auto piped = machine().tandem({"exec", "-it", "host", "--", "sh"}, "tty; echo hi\n", 20s);
  CHECK(piped.status == ExitStatus{});
  CHECK(piped.output == "not a tty\nhi\n");
  CHECK(piped.errors == "Unable to use a TTY - input is not a terminal or the right kind of file\n");
  const auto typed = run_command(
      {"script", "-qec", TANDEM_BINARY_DIR "/bin/tandem exec -it host -- sh -c 'test -t 0 && echo tty'", "/dev/null"});
  CHECK(typed.output.find("tty\r\n") != std::string::npos);  // behind what script shows of its own input
  finish();
}

TEST_CASE("a terminal has its size before the command on it begins") {
  launch();
  for (int round = 0; round < 6; ++round) {
    const auto result =
        run_command({"script", "-qec",
                     "stty rows 33 cols 111; exec " TANDEM_BINARY_DIR "/bin/tandem exec -t host -- sh -c 'stty size'",
                     "/dev/null"});
    CHECK(result.output == "33 111\r\n");
  }
  finish();
}

TEST_CASE("who starts commands with SIGCHLD ignored gets their answers all the same") {
  const TemporaryDirectory folder;
  write_file(folder / "pod.yaml", shell_pod("host", "sleep 71001", "terminationGracePeriodSeconds: 0"));
  const auto ignoring = [](const std::string& words) {
    return run_command({"sh", "-c", "trap '' CHLD; exec " TANDEM_BINARY_DIR "/bin/tandem " + words}, "", 60s);
  };
  CHECK(ignoring("apply -f " + (folder / "pod.yaml").string()).status == ExitStatus{});
  REQUIRE(wait_until([] { return machine().ready("host"); }));
  CHECK(ignoring("exec host -- sh -c 'exit 5'").status.code == 5);
  finish();
}
