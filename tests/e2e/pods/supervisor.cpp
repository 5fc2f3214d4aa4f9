// What happens when the launcher's own processes are killed.
#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const char* const counter = "i=0; while :; do i=$((i+1)); echo count $i; sleep 0.01; done";

// The numbers that were logged, which must be 1, 2, 3, ... without a gap; one may stand twice where the supervisor
// died.
int check_counts(const std::string& log) {
  int last = 0;
  std::size_t at = 0;
  while (at < log.size()) {
    const std::size_t end = log.find('\n', at);
    if (end == std::string::npos) break;
    const int number = std::stoi(log.substr(at + 6, end - at - 6));
    REQUIRE((number == last + 1 || number <= last));
    last = std::max(last, number);
    at = end + 1;
  }
  return last;
}

}  // namespace

TEST_CASE("a killed supervisor comes back, its pod goes on, and no line of output is lost") {
  machine().ok({"apply", "-f", "-"}, shell_pod("counts", counter, "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("counts"); }));
  const pid_t program = machine().process_of("counts", "main");
  REQUIRE(program > 0);
  for (int i = 0; i < 3; ++i) {
    const pid_t supervisor = machine().process_of("counts", "supervisor");
    REQUIRE(supervisor > 0);
    REQUIRE(::kill(supervisor, SIGKILL) == 0);
    REQUIRE(wait_until([&] {
      const pid_t now = machine().process_of("counts", "supervisor");
      return now > 0 && now != supervisor;
    }));
  }
  CHECK(machine().process_of("counts", "main") == program);
  CHECK(machine().restarts("counts", "main") == 0);
  const int before = check_counts(machine().ok({"logs", "counts"}));
  REQUIRE(wait_until([&] { return check_counts(machine().ok({"logs", "counts"})) > before; }));
  // The adopted program's end is seen, and it is restarted.
  REQUIRE(::kill(program, SIGKILL) == 0);
  REQUIRE(wait_until([] { return machine().restarts("counts", "main") == 1; }));
  CHECK(machine().pod("counts")["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137);
  machine().ok({"delete", "pod", "counts"});
}

namespace {

// Both, before either can bring the other back.
void kill_guardians(const std::string& pod) {
  const pid_t keeper = machine().process_of(pod, "keeper"), supervisor = machine().process_of(pod, "supervisor");
  REQUIRE(keeper > 0);
  REQUIRE(supervisor > 0);
  REQUIRE(::kill(supervisor, SIGSTOP) == 0);
  REQUIRE(::kill(keeper, SIGKILL) == 0);
  REQUIRE(::kill(supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return !is_running(keeper) && !is_running(supervisor); }));
}

}  // namespace

TEST_CASE("a supervisor whose keeper is killed becomes the keeper, and its container's exit code stays known") {
  machine().ok({"apply", "-f", "-"}, shell_pod("crowned", "while [ ! -e /tmp/go ]; do sleep 0.05; done; exit 42",
                                               "terminationGracePeriodSeconds: 1\nrestartPolicy: Never"));
  REQUIRE(wait_until([] { return machine().ready("crowned"); }));
  const pid_t keeper = machine().process_of("crowned", "keeper"),
              supervisor = machine().process_of("crowned", "supervisor");
  REQUIRE(::kill(keeper, SIGKILL) == 0);
  REQUIRE(wait_until([&] {
    return machine().process_of("crowned", "keeper") == supervisor && machine().process_of("crowned", "supervisor") > 0;
  }));
  machine().ok({"exec", "crowned", "--", "touch", "/tmp/go"});
  REQUIRE(wait_until([] { return machine().pod("crowned")["status"]["phase"] == "Failed"; }));
  CHECK(machine().pod("crowned")["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 42);
  machine().ok({"delete", "pod", "crowned"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("guardians bring each other back however often one of them is killed") {
  machine().ok({"apply", "-f", "-"}, shell_pod("hunted", "sleep 1000", "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("hunted"); }));
  const pid_t program = machine().process_of("hunted", "main");
  for (int round = 0; round < 6; ++round) {
    CAPTURE(round);
    const char* const who = round % 2 ? "supervisor" : "keeper";
    const pid_t killed = machine().process_of("hunted", who);
    REQUIRE(killed > 0);
    REQUIRE(::kill(killed, SIGKILL) == 0);
    REQUIRE(wait_until([&] {
      const pid_t keeper = machine().process_of("hunted", "keeper"),
                  supervisor = machine().process_of("hunted", "supervisor");
      return keeper > 0 && supervisor > 0 && keeper != killed && supervisor != killed && keeper != supervisor;
    }));
  }
  CHECK(machine().process_of("hunted", "main") == program);
  CHECK(machine().restarts("hunted", "main") == 0);
  machine().ok({"delete", "pod", "hunted"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a pod that has lost both guardians is never shown as running: whoever looks brings them back") {
  machine().ok({"apply", "-f", "-"}, shell_pod("lost", "sleep 1000", "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("lost"); }));
  const pid_t program = machine().process_of("lost", "main");
  for (const std::vector<std::string>& look :
       std::vector<std::vector<std::string>>{{"get", "pods"},
                                             {"describe", "pod", "lost"},
                                             {"wait", "pod/lost", "--timeout", "20s"},
                                             {"exec", "lost", "--", "cat", "/etc/hostname"}}) {
    CAPTURE(look[0]);
    kill_guardians("lost");
    const auto result = machine().tandem(look);
    CHECK(result.status == ExitStatus{});
    CHECK(result.errors.find("lost its keeper and its supervisor") != std::string::npos);
    CHECK(machine().process_of("lost", "supervisor") > 0);
  }
  kill_guardians("lost");
  write_file(machine().root() / "lost.yaml", shell_pod("lost", "sleep 1000", "terminationGracePeriodSeconds: 1"));
  CHECK(machine().ok({"apply", "-f", machine().root() / "lost.yaml"}) == "pod/lost unchanged\n");
  CHECK(machine().process_of("lost", "supervisor") > 0);
  CHECK(machine().process_of("lost", "main") == program);
  // Where nobody can be brought back, the pod is Unknown, and can be deleted.
  const fs::path pod = fs::read_symlink(machine().root() / "run/names/default/lost").filename();
  kill_guardians("lost");
  write_file(machine().root() / "run/pods" / pod / "plan.json", "{");
  const auto unknown = machine().tandem({"get", "pods"});
  CHECK(unknown.output.find("Unknown") != std::string::npos);
  CHECK(unknown.output.find("Running") == std::string::npos);
  CHECK(unknown.errors.find("neither keeper nor supervisor") != std::string::npos);
  machine().ok({"delete", "pod", "lost"});
  CHECK(machine().leftovers() == "");
}

namespace {

int setting(const char* name) { return std::stoi(read_file(std::string("/proc/sys/fs/") + name)); }

// What the kernel grants a pipe of ours, asked as README says that it is asked.
int granted_pipe_bytes() {
  const Pipe pipe = make_pipe();
  const int soft = setting("pipe-user-pages-soft");
  int size = setting("pipe-max-size");
  if (soft > 0) size = std::min(size, soft / 64 * 4096);
  while (size > 4096 && ::fcntl(pipe.write_end.get(), F_SETPIPE_SZ, size) < 0) size /= 2;
  return ::fcntl(pipe.write_end.get(), F_GETPIPE_SZ);
}

unique_fd stream_of(pid_t process, int number) {
  return open_file("/proc/" + std::to_string(process) + "/fd/" + std::to_string(number), O_RDONLY | O_NONBLOCK);
}

int bytes_in(const unique_fd& pipe) {
  int bytes = 0;
  REQUIRE(::ioctl(pipe.get(), FIONREAD, &bytes) == 0);
  return bytes;
}

}  // namespace

TEST_CASE("a program whose guardians are both dead writes on until its pipe is full, and nothing of it is lost") {
  // More than the pipe holds, in lines of 12 bytes and more.
  const int lines = granted_pipe_bytes() / 12 + 50'000;
  machine().ok({"apply", "-f", "-"},
               shell_pod("talks-on",
                         "while [ ! -e /tmp/go ]; do sleep 0.05; done\ni=0; while [ $i -lt " + std::to_string(lines) +
                             " ]; do i=$((i+1)); echo count $i; done; sleep 1000",
                         "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("talks-on"); }));
  const pid_t program = machine().process_of("talks-on", "main");
  REQUIRE(program > 0);
  const unique_fd out = stream_of(program, 1), errors = stream_of(program, 2);
  const int size = ::fcntl(out.get(), F_GETPIPE_SZ);
  CHECK(size == granted_pipe_bytes());
  CHECK(::fcntl(errors.get(), F_GETPIPE_SZ) == size);
  kill_guardians("talks-on");
  write_file("/proc/" + std::to_string(program) + "/root/tmp/go", "");
  // A page that has no room for another line keeps a few bytes free.
  REQUIRE(wait_until([&] { return bytes_in(out) >= size - size / 256; }));
  CHECK(is_running(program));
  CHECK(machine().ok({"get", "pods"}).find("talks-on") != std::string::npos);
  const std::string last = "count " + std::to_string(lines) + "\n";
  REQUIRE(wait_until([&] { return machine().ok({"logs", "talks-on", "--tail", "1"}) == last; }));
  CHECK(check_counts(machine().ok({"logs", "talks-on"})) == lines);
  CHECK(machine().restarts("talks-on", "main") == 0);
  machine().ok({"delete", "pod", "talks-on"});
}

TEST_CASE("a pod whose main program died with its guardians is not shown as running by who brings them back") {
  machine().ok({"apply", "-f", "-"}, shell_pod("dead", "sleep 1000", "restartPolicy: Never"));
  REQUIRE(wait_until([] { return machine().ready("dead"); }));
  const pid_t program = machine().process_of("dead", "main");
  kill_guardians("dead");
  REQUIRE(::kill(program, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return !is_running(program); }));
  const auto seen = machine().tandem({"get", "pods"});
  INFO(seen.output << seen.errors);
  CHECK(seen.output.find("Running") == std::string::npos);
  CHECK(machine().tandem({"wait", "pod/dead", "--timeout", "3s"}).status.code != 0);
  machine().ok({"delete", "pod", "dead"});
}

TEST_CASE("with keeper and supervisor dead the pod goes on, and delete removes it") {
  machine().ok({"apply", "-f", "-"}, shell_pod("orphan", counter, "terminationGracePeriodSeconds: 1"));
  REQUIRE(wait_until([] { return machine().ready("orphan"); }));
  const pid_t program = machine().process_of("orphan", "main");
  kill_guardians("orphan");
  CHECK(is_running(program));
  machine().ok({"delete", "pod", "orphan"});
  CHECK_FALSE(is_running(program));
  CHECK(machine().pod("orphan").is_null());
}

TEST_CASE("when the last pod is gone nothing of Tandem is left on the machine") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("last", "sleep 1000",
                         "terminationGracePeriodSeconds: 1\nvolumes: [{name: m, emptyDir: {medium: Memory}}]",
                         "volumeMounts: [{name: m, mountPath: /m}]\nports: [{containerPort: 1, hostPort: 18082}]"));
  REQUIRE(wait_until([] { return machine().ready("last"); }));
  machine().ok({"delete", "pod", "last"});
  CHECK(machine().leftovers() == "");
  CHECK(list_directory(machine().root() / "run" / "pods").empty());
  CHECK(list_directory(machine().root() / "lib" / "pods").empty());
}
