// Files that are cut off, empty, garbage, of another shape, longer than anybody reads, no files at all, or gone. Judged
// by the kernel and by what lies on disk, never by what Tandem says of itself.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

struct Damage {
  const char* name;
  std::function<void(const fs::path&)> done_to;
};

const std::vector<Damage>& damages() {
  const auto write = [](const std::string& text) {
    return [text](const fs::path& file) { write_file(file, text, 0600); };
  };
  static const std::vector<Damage> all{{"half",
                                        [](const fs::path& f) {
                                          const std::string text = read_file(f);
                                          write_file(f, text.substr(0, text.size() / 2), 0600);
                                        }},
                                       {"empty", write("")},
                                       {"garbage", write(std::string("\x00\xff{]garbage\nmore: [\n", 20))},
                                       {"list", write("[1, 2]\n")},
                                       {"object", write("{\"kind\": \"other\"}\n")},
                                       {"huge", [](const fs::path& f) { fs::resize_file(f, 65u << 20); }},
                                       {"fifo",
                                        [](const fs::path& f) {
                                          fs::remove(f);
                                          REQUIRE(::mkfifo(f.c_str(), 0600) == 0);
                                        }},
                                       {"directory",
                                        [](const fs::path& f) {
                                          fs::remove(f);
                                          REQUIRE(::mkdir(f.c_str(), 0700) == 0);
                                        }},
                                       {"missing", [](const fs::path& f) { fs::remove(f); }}};
  return all;
}

// A pod of the table: which file of it is damaged, and how.
struct Victim {
  std::string name, id, uid, address;
  std::string file;  // below its directory
  const Damage* damage = nullptr;
  int number = 0;
  pid_t program = 0, keeper = 0, supervisor = 0;
  fs::path directory() const { return machine().root() / "run/pods" / id; }
};

const std::vector<std::string> files{"state.json", "plan.json", "containers/main/record.json", "roots.json",
                                     "undo.jsonl"};

std::string manifest_of(const Victim& victim) {
  return shell_pod(victim.name, "trap 'exit 0' TERM; sleep 1000 & wait",
                   "terminationGracePeriodSeconds: 20\nvolumes: [{name: m, emptyDir: {medium: Memory}}, {name: d, "
                   "emptyDir: {}}]",
                   "volumeMounts: [{name: m, mountPath: /m}, {name: d, mountPath: /d}]\nports: [{containerPort: 1, "
                   "hostPort: " +
                       std::to_string(21000 + victim.number) + "}]") +
         "---\n";
}

std::map<std::string, pid_t> processes(const std::string& pod) {
  std::istringstream lines(machine().tandem({"get", "pod", pod, "-o", "pids"}).output);
  std::map<std::string, pid_t> found;
  std::string name;
  for (pid_t pid; lines >> name >> pid;) found[name] = pid;
  return found;
}

std::string command_output(const std::vector<std::string>& command) { return run_command(command).output; }

// What is there of a pod, by the kernel's own tables and the file system: a line each.
std::string remains_of(const Victim& victim) {
  std::string found;
  const auto note = [&](bool there, const std::string& what) {
    if (there) found += what + "\n";
  };
  const auto has = [](const std::string& text, const std::string& word) {
    return text.find(word) != std::string::npos;
  };
  note(is_running(victim.program), "its program");
  note(is_running(victim.keeper), "its keeper");
  note(is_running(victim.supervisor), "its supervisor");
  note(has(read_file("/proc/self/mountinfo"), victim.id), "a mount");
  note(has(command_output({"ip", "-o", "link", "show"}), victim.id), "an interface");
  note(has(command_output({"nft", "list", "ruleset"}), victim.id), "a firewall rule");
  for (const char* parent : {"/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids",
                             "/sys/fs/cgroup/freezer"})
    note(fs::exists(fs::path(parent) / state::find_roots().cgroup_parent() / victim.id),
         std::string("a cgroup in ") + parent);
  note(fs::exists(victim.directory()), "its directory in run");
  note(fs::exists(machine().root() / "lib/pods" / victim.id), "its directory in lib");
  note(fs::exists(machine().root() / "run/network/addresses" / victim.address), "its address");
  note(fs::is_symlink(machine().root() / "run/names/default" / victim.name), "its name");
  return found;
}

// Before the supervisor can write the file anew.
void damage(const Victim& victim) {
  REQUIRE(::kill(victim.supervisor, SIGSTOP) == 0);
  victim.damage->done_to(victim.directory() / victim.file);
  REQUIRE(::kill(victim.supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return !is_running(victim.supervisor); }));
}

// Before either can bring the other back.
void kill_guardians(const Victim& victim) {
  REQUIRE(::kill(victim.supervisor, SIGSTOP) == 0);
  REQUIRE(::kill(victim.keeper, SIGKILL) == 0);
  REQUIRE(::kill(victim.supervisor, SIGKILL) == 0);
  REQUIRE(wait_until([&] { return !is_running(victim.keeper) && !is_running(victim.supervisor); }));
}

long count_of(const std::string& text, const std::string& word) {
  long count = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; at += word.size()) ++count;
  return count;
}

void check_neighbour() {
  const std::string pods = machine().ok({"get", "pods", "-A"});
  std::istringstream lines(pods);
  std::string row;
  for (std::string line; std::getline(lines, line);)
    if (line.find(" healthy ") != std::string::npos) row = line;
  INFO(pods);
  CHECK(row.find("1/1") != std::string::npos);
  CHECK(row.find("Running") != std::string::npos);
  CHECK(machine().ok({"exec", "healthy", "--", "hostname"}) == "healthy\n");
  CHECK(machine().ok({"logs", "healthy"}) == "well\n");
  CHECK(machine().ok({"describe", "pod", "healthy"}).find("Running") != std::string::npos);
  CHECK(machine().ok({"wait", "pod/healthy", "--timeout", "20s"}) == "pod/healthy condition met\n");
}

}  // namespace

TEST_CASE(
    "a pod with a damaged file goes on or is Unknown by that file's name, others are untouched, and delete leaves "
    "nothing") {
  std::vector<Victim> victims;
  std::string manifest = shell_pod("healthy", "echo well; sleep 1000", "terminationGracePeriodSeconds: 0") + "---\n";
  for (const std::string& file : files) {
    for (const Damage& one : damages()) {
      Victim victim;
      victim.number = static_cast<int>(victims.size());
      victim.name = fs::path(file).stem().string() + "-" + one.name;
      victim.file = file;
      victim.damage = &one;
      manifest += manifest_of(victim);
      victims.push_back(victim);
    }
  }
  machine().ok({"apply", "-f", "-"}, manifest);
  for (Victim& victim : victims) {
    REQUIRE(wait_until([&] { return machine().ready(victim.name); }));
    const auto pod = machine().pod(victim.name);
    victim.uid = pod["metadata"]["uid"];
    victim.address = pod["status"]["podIP"];
    victim.id = fs::read_symlink(machine().root() / "run/names/default" / victim.name).filename();
    const auto pids = processes(victim.name);
    victim.program = pids.at("main");
    victim.keeper = pids.at("keeper");
    victim.supervisor = pids.at("supervisor");
    REQUIRE(count_of(remains_of(victim), "\n") >= 11);  // the judge sees what there is
  }

  const auto damaged_at = std::chrono::steady_clock::now();
  for (const Victim& victim : victims) damage(victim);
  check_neighbour();
  for (Victim& victim : victims) {
    CAPTURE(victim.name);
    if (victim.file == "plan.json") {
      CHECK(wait_until([&] { return machine().pod(victim.name)["status"]["phase"] == "Unknown"; }, 10s));
      CHECK(machine().ok({"describe", "pod", victim.name}).find(victim.id + "/plan.json") != std::string::npos);
      CHECK(machine().tandem({"wait", "pod/" + victim.name, "--timeout", "0"}).errors.find("plan.json") !=
            std::string::npos);
    } else {
      CHECK(wait_until(
          [&] {
            const pid_t now = processes(victim.name)["supervisor"];
            return now > 0 && now != victim.supervisor && machine().ready(victim.name);
          },
          10s));
      victim.supervisor = processes(victim.name)["supervisor"];
      victim.keeper = processes(victim.name)["keeper"];
      const auto pod = machine().pod(victim.name);
      CHECK(pod["status"]["phase"] == "Running");
      CHECK(machine().restarts(victim.name, "main") == 0);
      CHECK(machine().ok({"exec", victim.name, "--", "hostname"}) == victim.name + "\n");
      const auto described = machine().tandem({"describe", "pod", victim.name});
      if (victim.file != "undo.jsonl")
        CHECK((described.output + described.errors).find(victim.id + "/" + victim.file) != std::string::npos);
    }
    CHECK(is_running(victim.program));
  }
  check_neighbour();
  for (const Victim& victim : victims) {
    CAPTURE(victim.name);
    // Who keeps failing waits longer each time, up to ten seconds.
    const auto tens = (std::chrono::steady_clock::now() - damaged_at) / 10s;
    CHECK(count_of(read_file_if_exists(victim.directory() / "keeper.log").value_or(""), "started supervisor") <
          10 + tens);
    const bool at_once = (victim.number / static_cast<int>(damages().size()) + victim.number) % 2;
    if (victim.file == "undo.jsonl" && victim.number % 3 != 0) kill_guardians(victim);  // else its supervisor undoes
    const auto begin = std::chrono::steady_clock::now();
    CHECK(machine()
              .tandem(at_once ? std::vector<std::string>{"delete", "pod", victim.name, "--grace-period", "0"}
                              : std::vector<std::string>{"delete", "pod", victim.name})
              .status == ExitStatus{});
    CHECK(std::chrono::steady_clock::now() - begin < 8s);
    CHECK(wait_until([&] { return remains_of(victim).empty(); }, 3s));
    CHECK(remains_of(victim) == "");
  }
  check_neighbour();
  machine().ok({"delete", "pod", "healthy"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a pod whose Plan is damaged is not taken for unchanged, and can be replaced") {
  Victim victim;
  victim.name = "again";
  victim.damage = &damages()[2];
  victim.file = "plan.json";
  machine().ok({"apply", "-f", "-"}, manifest_of(victim));
  REQUIRE(wait_until([] { return machine().ready("again"); }));
  victim.id = fs::read_symlink(machine().root() / "run/names/default/again").filename();
  const auto pids = processes("again");
  victim.program = pids.at("main");
  victim.supervisor = pids.at("supervisor");
  damage(victim);
  const auto refused = machine().tandem({"apply", "-f", "-"}, manifest_of(victim));
  CHECK(refused.status.code == 69);
  CHECK(refused.errors.find(victim.id + "/plan.json") != std::string::npos);
  CHECK(machine().ok({"apply", "--replace", "-f", "-"}, manifest_of(victim)) == "pod/again replaced\n");
  CHECK_FALSE(is_running(victim.program));
  CHECK(wait_until([] { return machine().ready("again"); }));
  machine().ok({"delete", "pod", "again"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE(
    "a damaged ConfigMap, name table, event log or status is named by who reads it, and everything else goes on") {
  machine().ok({"apply", "-f", "-"},
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\ndata: {a: b}\n---\n"
               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {a: b}\n---\n"
               "apiVersion: v1\nkind: Service\nmetadata: {name: named}\nspec: {clusterIP: None, selector: {app: "
               "healthy}}\n---\n" +
                   shell_pod("healthy", "echo well; sleep 1000", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] { return machine().ready("healthy"); }));
  const fs::path pod =
      machine().root() / "run/pods" / fs::read_symlink(machine().root() / "run/names/default/healthy").filename();
  const fs::path bad = machine().root() / "lib/objects/ConfigMap/default/bad.json";
  const fs::path names = machine().root() / "run/names.json";
  const std::string address = machine().pod_ip("healthy");
  REQUIRE(wait_until([&] { return read_file(names).find(address) != std::string::npos; }));
  const std::string table = read_file(names), object = read_file(bad);
  REQUIRE(table.find("named.default.svc.cluster.local") != std::string::npos);
  for (const Damage& one : damages()) {
    CAPTURE(one.name);
    one.done_to(bad);
    const auto listed = machine().tandem({"get", "configmaps"});
    CHECK(listed.output.find("good") != std::string::npos);
    if (std::string(one.name) != "missing") {
      CHECK(listed.errors.find("ConfigMap/default/bad.json") != std::string::npos);
      CHECK(machine().tandem({"describe", "configmap", "bad"}).errors.find("ConfigMap/default/bad.json") !=
            std::string::npos);
    }
    CHECK(machine().tandem({"get", "configmap", "good"}).status == ExitStatus{});
    CHECK(machine().tandem({"delete", "configmap", "bad", "--ignore-not-found"}).status == ExitStatus{});
    CHECK_FALSE(fs::exists(bad));
    write_file(bad, object, 0600);

    one.done_to(names);
    machine().ok({"exec", "healthy", "--", "getent", "hosts", "named.default.svc.cluster.local"});
    machine().ok({"delete", "pod", "nobody", "--ignore-not-found"});
    CHECK(read_file(names) == table);

    one.done_to(pod / "events.jsonl");
    const auto described = machine().tandem({"describe", "pod", "healthy"});
    CHECK(described.status == ExitStatus{});
    CHECK(described.output.find("Running") != std::string::npos);
    if (std::set<std::string>{"garbage", "list", "huge", "fifo", "directory"}.contains(one.name))
      CHECK(described.errors.find("events.jsonl") != std::string::npos);

    one.done_to(pod / "status.json");
    const auto shown = machine().tandem({"get", "pods", "-A"});
    CHECK(shown.status == ExitStatus{});
    CHECK(shown.output.find("Running") != std::string::npos);
    CHECK(shown.errors.find("status.json") != std::string::npos);
    CHECK(machine().ready("healthy"));
  }
  machine().ok({"delete", "pod", "healthy"});
  machine().ok({"delete", "service", "named"});
  machine().ok({"delete", "configmap", "good", "bad"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("a pod that has ended and whose status is damaged shows its end again") {
  machine().ok({"apply", "-f", "-"}, shell_pod("ended", "exit 3", "restartPolicy: Never"));
  REQUIRE(wait_until(
      [] { return machine().pod("ended")["status"]["phase"] == "Failed" && !processes("ended").contains("keeper"); }));
  const fs::path pod =
      machine().root() / "run/pods" / fs::read_symlink(machine().root() / "run/names/default/ended").filename();
  for (const Damage& one : damages()) {
    CAPTURE(one.name);
    one.done_to(pod / "status.json");
    REQUIRE(wait_until([] { return machine().pod("ended")["status"]["phase"] == "Failed"; }, 10s));
    CHECK(machine().pod("ended")["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3);
  }
  machine().ok({"delete", "pod", "ended"});
  CHECK(machine().leftovers() == "");
}
