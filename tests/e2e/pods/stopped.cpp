// Keepers and supervisors that somebody has stopped (SIGSTOP): they live, and see nothing.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

void stop(pid_t pid) {
  REQUIRE(pid > 0);
  REQUIRE(::kill(pid, SIGSTOP) == 0);
  REQUIRE(wait_until(
      [&] { return read_file("/proc/" + std::to_string(pid) + "/status").find("State:\tT") != std::string::npos; }));
}

// The words of a pod's row: name, ready, status, ...
std::vector<std::string> row_of(const std::string& pod) {
  std::istringstream row(machine().ok({"get", "pods", pod, "--no-headers"}));
  return {std::istream_iterator<std::string>(row), {}};
}

bool is_shown(const std::string& pod, const std::string& ready, const std::string& status) {
  const auto row = row_of(pod);
  return row.size() > 2 && row[1] == ready && row[2] == status;
}

// What a message says that lets the process go on.
std::string remedy(const std::string& text) {
  const std::size_t at = text.find("kill -CONT ");
  return at == std::string::npos ? "" : text.substr(at, text.find_first_not_of("0123456789", at + 11) - at);
}

}  // namespace

TEST_CASE("a pod whose supervisor is stopped is Unknown, and every command says why until it goes on") {
  machine().ok({"apply", "-f", "-"}, shell_pod("still", "sleep 1000", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] { return machine().ready("still"); }));
  const pid_t supervisor = machine().process_of("still", "supervisor"),
              keeper = machine().process_of("still", "keeper");
  REQUIRE(keeper > 0);
  const std::string wanted = "kill -CONT " + std::to_string(supervisor);
  stop(supervisor);
  CHECK(is_shown("still", "0/1", "Unknown"));
  const auto seen = machine().tandem({"get", "pods"});
  CHECK(seen.output.find("Running") == std::string::npos);
  CHECK(remedy(seen.errors) == wanted);
  const std::string described = machine().ok({"describe", "pod", "still"});
  CHECK(described.find("Status:           Unknown") != std::string::npos);
  CHECK(remedy(described) == wanted);
  const auto waited = machine().tandem({"wait", "pod/still", "--timeout", "1s"});
  CHECK(waited.status.code == 69);
  CHECK(waited.errors.find("pod/still: its supervisor") != std::string::npos);
  const auto applied =
      machine().tandem({"apply", "-f", "-"}, shell_pod("still", "sleep 1000", "terminationGracePeriodSeconds: 0"));
  CHECK(applied.output == "pod/still unchanged\n");
  CHECK(remedy(applied.errors) == wanted);
  CHECK(machine().ok({"exec", "still", "--", "cat", "/etc/hostname"}) == "still\n");
  run_command({"/bin/sh", "-c", wanted});
  CHECK(wait_until([] { return is_shown("still", "1/1", "Running"); }));

  // A keeper alone is missed only when there is a supervisor to be started.
  stop(keeper);
  CHECK(is_shown("still", "1/1", "Running"));
  REQUIRE(::kill(supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return machine().process_of("still", "supervisor") == 0; }));
  const auto alone = machine().tandem({"get", "pods"});
  CHECK(alone.output.find("Unknown") != std::string::npos);
  CHECK(remedy(alone.errors) == "kill -CONT " + std::to_string(keeper));
  run_command({"/bin/sh", "-c", remedy(alone.errors)});
  CHECK(wait_until([] { return is_shown("still", "1/1", "Running"); }));
  machine().ok({"delete", "pod", "still"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a pod whose guardians are stopped is deleted as another, its containers with their grace period") {
  for (const char* const which : {"supervisor", "keeper", "both"}) {
    CAPTURE(which);
    const TemporaryDirectory out;
    machine().ok(
        {"apply", "-f", "-"},
        shell_pod("still", "trap 'echo farewell > /out/words; exit 0' TERM; touch /out/up; while :; do sleep 0.1; done",
                  "volumes: [{name: out, hostPath: {path: " + out.path().string() + "}}]",
                  "volumeMounts: [{name: out, mountPath: /out}]"));
    REQUIRE(wait_until([&] { return fs::exists(out / "up") && machine().ready("still"); }));
    const std::string name = which;
    const pid_t supervisor = machine().process_of("still", "supervisor"),
                keeper = machine().process_of("still", "keeper");
    if (name != "keeper") stop(supervisor);
    if (name != "supervisor") stop(keeper);
    const auto begin = std::chrono::steady_clock::now();
    machine().ok({"delete", "pod", "still"});
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(fs::exists(out / "words"));
    CHECK(machine().leftovers() == "");
  }
}

TEST_CASE("a pod whose supervisor was killed again and again is Unknown until its keeper starts the next one") {
  machine().ok({"apply", "-f", "-"}, shell_pod("unlucky", "sleep 1000", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] { return machine().ready("unlucky"); }));
  pid_t last = 0;
  for (int kills = 0; kills < 6; ++kills) {  // the keeper waits twice as long each time
    pid_t next = 0;
    REQUIRE(wait_until([&] {
      next = machine().process_of("unlucky", "supervisor");
      return next > 0 && next != last;
    }));
    REQUIRE(::kill(next, SIGKILL) == 0);
    REQUIRE(wait_until([&] { return ::kill(next, 0) != 0; }));
    last = next;
  }
  const auto pod = machine().pod("unlucky");
  CHECK(pod["status"]["phase"] == "Unknown");
  CHECK(pod["status"].value("message", "").find("its keeper waits") != std::string::npos);
  CHECK(wait_until([] { return machine().ready("unlucky"); }));
  machine().ok({"delete", "pod", "unlucky"});
}
