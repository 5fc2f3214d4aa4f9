// Pods that somebody has frozen, by the kernel's own files.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

bool is_v1() { return fs::exists("/sys/fs/cgroup/freezer"); }

// `below` is what follows the cgroup of this Tandem: "", "/ID", "/ID/pod", "/ID/pod/main".
fs::path freezer_directory(const std::string& below) {
  return (is_v1() ? "/sys/fs/cgroup/freezer/" : "/sys/fs/cgroup/") + state::find_roots().cgroup_parent() + below;
}

void freeze(const std::string& below) {
  const fs::path directory = freezer_directory(below);
  write_file(directory / (is_v1() ? "freezer.state" : "cgroup.freeze"), is_v1() ? "FROZEN" : "1");
  REQUIRE(wait_until([&] {
    return is_v1() ? read_file(directory / "freezer.state") == "FROZEN\n"
                   : read_file(directory / "cgroup.events").find("frozen 1") != std::string::npos;
  }));
}

// A process that is frozen has no time.
bool stands_still(pid_t pid) {
  const auto time = [&] {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    return stat.substr(stat.rfind(')'), stat.size());
  };
  const std::string before = time();
  std::this_thread::sleep_for(100ms);  // how long it is watched, not a condition
  return is_running(pid) && time() == before;
}

std::string id_of(const std::string& pod) {
  return fs::read_symlink(machine().root() / "run/names/default" / pod).filename();
}

std::string described(const std::string& pod) { return machine().ok({"describe", "pod", pod}); }

int count_sleeping(const std::string& below) {
  std::istringstream pids(read_file(freezer_directory(below) / "cgroup.procs"));
  int count = 0;
  for (std::string pid; pids >> pid;)
    count += read_file_if_exists("/proc/" + pid + "/cmdline").value_or("").find("sleep\0"s + "1000") == 0;
  return count;
}

const char* const busy = "trap 'echo said farewell >> /out/words; exit 0' TERM; touch /out/up; while :; do :; done";

// A pod that says farewell when it is asked to end, where it is seen afterwards.
std::string polite_pod(const std::string& name, const fs::path& out) {
  return shell_pod(name, busy,
                   "terminationGracePeriodSeconds: 30\nvolumes: [{name: out, hostPath: {path: " + out.string() + "}}]",
                   "volumeMounts: [{name: out, mountPath: /out}]");
}

}  // namespace

TEST_CASE("a frozen pod is deleted and replaced like another, whatever of it is frozen") {
  struct Case {
    const char* what;
    const char* below;  // after /ID
    bool at_once;
  };
  for (const Case& one :
       {Case{"the container", "/pod/main", false}, Case{"the container", "/pod/main", true},
        Case{"all containers", "/pod", false}, Case{"all containers", "/pod", true},
        Case{"the pod with its guardians", "", false}, Case{"the pod with its guardians", "", true}}) {
    CAPTURE(one.what, one.at_once);
    const TemporaryDirectory out;
    machine().ok({"apply", "-f", "-"}, polite_pod("cold", out.path()));
    REQUIRE(wait_until([&] { return fs::exists(out / "up") && machine().ready("cold"); }));
    const pid_t program = machine().process_of("cold", "main");
    freeze("/" + id_of("cold") + one.below);
    REQUIRE(stands_still(program));
    const auto begin = std::chrono::steady_clock::now();
    if (one.at_once)
      machine().ok({"delete", "pod", "cold", "--grace-period", "0"});
    else
      machine().ok({"delete", "pod", "cold"});
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK_FALSE(is_running(program));
    CHECK(fs::exists(out / "words") == !one.at_once);  // it had its grace period
    CHECK(machine().leftovers() == "");
  }
  const TemporaryDirectory out;
  machine().ok({"apply", "-f", "-"}, polite_pod("cold", out.path()));
  REQUIRE(wait_until([&] { return fs::exists(out / "up") && machine().ready("cold"); }));
  const pid_t program = machine().process_of("cold", "main");
  freeze("/" + id_of("cold") + "/pod/main");
  CHECK(machine().ok({"apply", "--replace", "-f", "-"}, shell_pod("cold", "sleep 1000")) == "pod/cold replaced\n");
  CHECK_FALSE(is_running(program));
  machine().ok({"delete", "pod", "cold", "--grace-period", "0"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a container that was frozen has its preStop hook, then its stop signal, before it ends") {
  for (const char* const below : {"/pod/main", "/pod", ""}) {
    CAPTURE(below);
    const TemporaryDirectory out;
    machine().ok({"apply", "-f", "-"},
                 shell_pod("cold", busy,
                           "terminationGracePeriodSeconds: 30\nvolumes: [{name: out, hostPath: {path: " +
                               out.path().string() + "}}]",
                           "volumeMounts: [{name: out, mountPath: /out}]\n"
                           "lifecycle: {preStop: {exec: {command: [sh, -c, \"echo hook >> /out/words\"]}}}"));
    REQUIRE(wait_until([&] { return fs::exists(out / "up") && machine().ready("cold"); }));
    const pid_t program = machine().process_of("cold", "main");
    freeze("/" + id_of("cold") + below);
    REQUIRE(stands_still(program));
    const auto begin = std::chrono::steady_clock::now();
    machine().ok({"delete", "pod", "cold"});
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(read_file(out / "words") == "hook\nsaid farewell\n");
    CHECK(machine().leftovers() == "");
  }
}

TEST_CASE("of pods that are frozen together one is deleted, and the others stay frozen and alive") {
  const TemporaryDirectory out;
  machine().ok({"apply", "-f", "-"},
               polite_pod("one", out.path()) + "---\n" + shell_pod("other", "while :; do :; done"));
  REQUIRE(wait_until([&] { return fs::exists(out / "up") && machine().ready("one") && machine().ready("other"); }));
  const pid_t one = machine().process_of("one", "main"), other = machine().process_of("other", "main");
  freeze("");
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = machine().tandem({"apply", "-f", "-"}, shell_pod("third", "sleep 1000"));
  CHECK(refused.status.code == 69);
  CHECK(refused.errors.find("it is frozen") != std::string::npos);
  machine().ok({"delete", "pod", "one"});
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK_FALSE(is_running(one));
  CHECK(stands_still(other));
  machine().ok({"delete", "pod", "other", "--grace-period", "0"});
  CHECK_FALSE(is_running(other));
  CHECK(machine().leftovers() == "");
}

TEST_CASE("exec into a frozen container says at once which one it is, and how to thaw it") {
  machine().ok({"apply", "-f", "-"}, shell_pod("cold", "while :; do :; done"));
  REQUIRE(wait_until([] { return machine().ready("cold"); }));
  const pid_t program = machine().process_of("cold", "main");
  for (const std::string below : {"/pod/main", "/pod", ""}) {
    CAPTURE(below);
    freeze("/" + id_of("cold") + below);
    const auto refused = machine().tandem({"exec", "cold", "--", "true"}, "", 20s);
    CHECK(refused.status.code == 125);
    CHECK(refused.errors.find("exec in container main: it is frozen") != std::string::npos);
    // What it says is done, word for word.
    const std::string lead = "thaw it: ";
    const std::size_t at = refused.errors.find(lead), end = refused.errors.find(')', at);
    REQUIRE(at != std::string::npos);
    CHECK(stands_still(program));
    run_command({"/bin/sh", "-c", refused.errors.substr(at + lead.size(), end - at - lead.size())});
    CHECK_FALSE(stands_still(program));
    CHECK(machine().tandem({"exec", "cold", "--", "/bin/sh", "-c", "exit 42"}).status.code == 42);
  }
  machine().ok({"delete", "pod", "cold", "--grace-period", "0"});
}

TEST_CASE("a pod that is frozen with its guardians is Unknown until it is thawed as every command says") {
  machine().ok({"apply", "-f", "-"}, shell_pod("cold", "sleep 1000"));
  REQUIRE(wait_until([] { return machine().ready("cold"); }));
  freeze("/" + id_of("cold"));
  const auto seen = machine().tandem({"get", "pods"});
  CHECK(seen.output.find("Unknown") != std::string::npos);
  CHECK(seen.output.find("Running") == std::string::npos);
  const std::string lead = "thaw it: ";
  const std::size_t at = seen.errors.find(lead);
  REQUIRE(at != std::string::npos);
  run_command({"/bin/sh", "-c", seen.errors.substr(at + lead.size(), seen.errors.find('\n', at) - at - lead.size())});
  CHECK(machine().ok({"get", "pods"}).find("Running") != std::string::npos);
  machine().ok({"delete", "pod", "cold", "--grace-period", "0"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a supervisor does not wait for a frozen container: probes fail and say why, also one that was under way") {
  machine().ok({"apply", "-f", "-"}, shell_pod("cold", "touch /tmp/up; sleep 1000; true", "", R"(
readinessProbe: {exec: {command: ["/bin/sh", "-c", "test -e /tmp/up || { sleep 1000; true; }"]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 2}
)"));
  REQUIRE(wait_until([] { return machine().ready("cold"); }));
  const pid_t supervisor = machine().process_of("cold", "supervisor");
  const std::string container = "/" + id_of("cold") + "/pod/main";
  freeze(container);
  REQUIRE(wait_until([] { return !machine().ready("cold"); }, 20s));
  REQUIRE(wait_until([] { return described("cold").find("exec in container main: it is frozen") != std::string::npos; },
                     20s));
  const auto thaw = [&] {
    const fs::path directory = freezer_directory(container);
    write_file(directory / (is_v1() ? "freezer.state" : "cgroup.freeze"), is_v1() ? "THAWED" : "0");
  };
  thaw();
  REQUIRE(wait_until([] { return machine().ready("cold"); }, 20s));

  machine().ok({"exec", "cold", "--", "rm", "/tmp/up"});
  REQUIRE(wait_until([&] { return count_sleeping(container) == 2; }));  // the program's, and the probe's
  freeze(container);
  REQUIRE(wait_until([] { return described("cold").find("command timed out") != std::string::npos; }, 20s));
  CHECK(machine().process_of("cold", "supervisor") == supervisor);
  machine().ok({"delete", "pod", "cold", "--grace-period", "0"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE(
    "a container that fails its liveness probe in a frozen pod is killed, and starts anew when the pod is thawed") {
  machine().ok({"apply", "-f", "-"},
               shell_pod("cold", "while :; do sleep 0.1; done", "terminationGracePeriodSeconds: 0", R"(
livenessProbe: {exec: {command: ["/bin/sh", "-c", "exit 0"]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 20}
)"));
  REQUIRE(wait_until([] { return machine().ready("cold"); }));
  const pid_t program = machine().process_of("cold", "main"), supervisor = machine().process_of("cold", "supervisor");
  freeze("/" + id_of("cold") + "/pod");
  // A probe whose command was frozen on its way fails after its 20 s.
  REQUIRE(wait_until([&] { return !is_running(program); }));
  REQUIRE(wait_until([] { return described("cold").find("start container main: it is frozen") != std::string::npos; }));
  write_file(freezer_directory("/" + id_of("cold") + "/pod") / (is_v1() ? "freezer.state" : "cgroup.freeze"),
             is_v1() ? "THAWED" : "0");
  REQUIRE(wait_until([] { return machine().ready("cold"); }));
  CHECK(machine().process_of("cold", "supervisor") == supervisor);
  machine().ok({"delete", "pod", "cold"});
  CHECK(machine().leftovers() == "");
}
