// Limits, priority and processors of a container do not depend on the shell from which its pod was applied or revived,
// and those of a command in it not on the shell of its exec.
#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

std::string line_of(const std::string& text, const std::string& start) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(start)) return line;
  return start + " is not there";
}

// As the kernel shows them.
std::string conditions_of(const std::string& pod, const std::string& process) {
  const fs::path proc = "/proc/" + std::to_string(machine().process_of(pod, process));
  const std::string stat = read_file(proc / "stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string nice;
  for (int field = 3; field <= 19; ++field) fields >> nice;
  return read_file(proc / "limits") + "nice " + nice + "\n" + line_of(read_file(proc / "status"), "Cpus_allowed_list");
}

// `tandem ARGUMENTS` from a shell with little of everything.
CommandResult from_poor_shell(const std::string& arguments, const std::string& input = "") {
  return run_command(
      {"/bin/sh", "-c",
       "ulimit -S -f 100; ulimit -S -n 256; ulimit -S -t 1000; ulimit -S -s 4096; ulimit -S -v 4000000; "
       "umask 077; exec nice -n 5 ionice -c 3 taskset -c 0 setarch -R " TANDEM_BINARY_DIR "/bin/tandem " +
           arguments},
      input);
}

}  // namespace

TEST_CASE("a pod is the same whatever limits, priority and processors its starter has, and writes as long a log") {
  const std::string spec = "terminationGracePeriodSeconds: 0";
  machine().ok({"apply", "-f", "-"}, shell_pod("rich", "sleep 1000", spec));
  REQUIRE(wait_until([] { return machine().ready("rich"); }));
  const std::string wanted = conditions_of("rich", "main");
  CHECK(line_of(wanted, "nice") == "nice 0");

  const auto applied = from_poor_shell("apply -f -", shell_pod("poor", "seq 9999; echo last; exec sleep 1000", spec));
  INFO(applied.errors);
  REQUIRE(applied.status == ExitStatus{});
  REQUIRE(wait_until([] { return machine().ready("poor"); }));
  CHECK(wait_until([] { return machine().ok({"logs", "poor"}).ends_with("9999\nlast\n"); }));
  for (const char* process : {"main", "supervisor", "keeper"}) {
    CAPTURE(process);
    CHECK(conditions_of("poor", process) == conditions_of("rich", process));
  }
  CHECK(conditions_of("poor", "main") == wanted);

  const pid_t supervisor = machine().process_of("rich", "supervisor"), keeper = machine().process_of("rich", "keeper");
  REQUIRE(::kill(supervisor, SIGSTOP) == 0);
  REQUIRE(::kill(keeper, SIGKILL) == 0);
  REQUIRE(::kill(supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return !is_running(supervisor) && !is_running(keeper); }));
  REQUIRE(from_poor_shell("get pods").status == ExitStatus{});
  CHECK(conditions_of("rich", "supervisor") == conditions_of("poor", "supervisor"));
  machine().ok({"delete", "pod", "rich", "poor"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a command in a container has the container's limits, priority and processors, not those of its caller") {
  machine().ok({"apply", "-f", "-"}, shell_pod("host", "sleep 1000", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] { return machine().ready("host"); }));
  // Field 19 of stat is the nice value.
  const auto look_at = [](const std::string& process) {
    return "cd /proc/" + process + "; cat limits personality; sed 's/.*) //' stat | cut -d ' ' -f 17; " +
           "sed -n '/^Cpus_allowed_list/p; /^Umask/p' status; ionice -p " + process;
  };
  const std::string wanted = machine().ok({"exec", "host", "--", "sh", "-c", look_at("1")});
  CHECK(line_of(wanted, "Max file size").find("unlimited") != std::string::npos);
  CHECK(line_of(wanted, "Umask") == "Umask:\t0022");
  CHECK(line_of(wanted, "none: prio 0") == "none: prio 0");
  for (const char* options : {"", "--tty "}) {
    const CommandResult seen =
        from_poor_shell("exec host " + std::string(options) + "-- sh -c \"" + look_at("\\$\\$") + "\"");
    INFO(seen.errors);
    std::string text = seen.output;
    std::erase(text, '\r');
    CHECK(text == wanted);
  }
  machine().ok({"delete", "pod", "host"});
}
