// Commands that run at the same time, and commands that die.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <thread>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

class Command {
 public:
  explicit Command(const std::vector<std::string>& arguments) : child_(whole(arguments), folder_ / "log") {}
  ExitStatus wait() { return child_.wait(); }
  void kill(int signal) { child_.signal(signal); }
  std::string said() const { return read_file(folder_ / "log"); }

 private:
  static std::vector<std::string> whole(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{TANDEM_BINARY_DIR "/bin/tandem"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }
  TemporaryDirectory folder_;
  Child child_;
};

struct Manifest {
  TemporaryDirectory folder;
  fs::path file = folder / "pod.yaml";
  explicit Manifest(const std::string& name) {
    machine();
    write_file(file, shell_pod(name, "sleep 1000", "terminationGracePeriodSeconds: 0"));
  }
};

// What is left of a pod whose name nobody knows any more: its processes and its cgroups.
void check_nothing_is_left(const std::string& name) {
  machine().tandem({"delete", "pod", name, "--grace-period", "0"});
  CHECK(machine().leftovers() == "");
}

}  // namespace

TEST_CASE("of six applies of one file at once one creates, and the others find it unchanged") {
  const Manifest manifest("six");
  std::vector<std::unique_ptr<Command>> commands;
  for (int i = 0; i < 6; ++i)
    commands.push_back(std::make_unique<Command>(std::vector<std::string>{"apply", "-f", manifest.file}));
  int created = 0, unchanged = 0;
  for (const auto& command : commands) {
    const ExitStatus status = command->wait();
    INFO(command->said());
    CHECK(status == ExitStatus{});
    created += command->said().find("pod/six created") != std::string::npos;
    unchanged += command->said().find("pod/six unchanged") != std::string::npos;
  }
  CHECK(created == 1);
  CHECK(unchanged == 5);
  check_nothing_is_left("six");
}

TEST_CASE("an apply and a delete that race leave a pod that is seen, or nothing") {
  const Manifest manifest("raced");
  std::mt19937 random(20261130);
  for (int round = 0; round < 25; ++round) {
    CAPTURE(round);
    Command apply({"apply", "-f", manifest.file});
    // The moment is what is tried here, not a condition that could be waited for.
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
    Command remove({"delete", "pod", "raced", "--grace-period", "0", "--ignore-not-found"});
    CHECK(remove.wait() == ExitStatus{});
    CHECK(apply.wait() == ExitStatus{});
    machine().ok({"delete", "pod", "raced", "--grace-period", "0", "--ignore-not-found"});
    const std::string left = machine().leftovers();
    INFO(apply.said() << remove.said());
    REQUIRE(left == "");
  }
}

TEST_CASE("an apply that is killed at any moment is made good by the next one") {
  const Manifest manifest("killed");
  std::mt19937 random(20261130);
  for (int round = 0; round < 25; ++round) {
    CAPTURE(round);
    Command apply({"apply", "-f", manifest.file});
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 25'000));
    apply.kill(round % 2 ? SIGKILL : SIGTERM);
    apply.wait();
    machine().ok({"apply", "-f", manifest.file});
    REQUIRE(wait_until([] { return machine().ready("killed"); }));
    machine().ok({"delete", "pod", "killed", "--grace-period", "0"});
    REQUIRE(machine().leftovers() == "");
  }
}

TEST_CASE("a delete that is killed at any moment is made good by the next one") {
  const Manifest manifest("removed");
  std::mt19937 random(20261130);
  for (int round = 0; round < 15; ++round) {
    CAPTURE(round);
    machine().ok({"apply", "-f", manifest.file});
    REQUIRE(wait_until([] { return machine().ready("removed"); }));
    Command remove({"delete", "pod", "removed", "--grace-period", "0"});
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    remove.kill(SIGKILL);
    remove.wait();
    machine().ok({"delete", "pod", "removed", "--grace-period", "0", "--ignore-not-found"});
    REQUIRE(machine().leftovers() == "");
  }
}

TEST_CASE("a delete that is killed at any moment is made good by an apply, too, which launches the pod anew") {
  const Manifest manifest("returned");
  machine().ok({"apply", "-f", manifest.file});
  std::mt19937 random(20261201);
  for (int round = 0; round < 15; ++round) {
    CAPTURE(round);
    REQUIRE(wait_until([] { return machine().ready("returned"); }));
    Command remove({"delete", "pod", "returned", "--grace-period", "0"});
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    remove.kill(SIGKILL);
    remove.wait();
    machine().ok({"apply", "-f", manifest.file});
  }
  check_nothing_is_left("returned");
}

TEST_CASE(
    "a pod whose delete was interrupted is Terminating, also when it has ended, until an apply launches it anew") {
  const TemporaryDirectory folder;
  write_file(folder / "pod.yaml", shell_pod("nosig", "trap '' TERM; echo up; while :; do sleep 0.1; done",
                                            "terminationGracePeriodSeconds: 2"));
  for (const bool has_ended : {false, true}) {
    CAPTURE(has_ended);
    CHECK(machine().ok({"apply", "-f", folder / "pod.yaml"}) == "pod/nosig created\n");
    REQUIRE(wait_until([] { return machine().tandem({"logs", "nosig"}).output.find("up") != std::string::npos; }));
    Command remove({"delete", "pod", "nosig"});
    REQUIRE(wait_until([] { return machine().pod("nosig")["metadata"].contains("deletionTimestamp"); }));
    remove.kill(SIGINT);
    CHECK(remove.wait().signal == SIGINT);
    if (has_ended) REQUIRE(wait_until([] { return machine().pod("nosig")["status"]["phase"] == "Failed"; }));
    CHECK(machine().ok({"get", "pod", "nosig"}).find("Terminating") != std::string::npos);
  }
  CHECK(machine().ok({"up", "-d", "-f", folder / "pod.yaml"}) == "pod/nosig is ready\n");
  machine().ok({"delete", "pod", "nosig", "--grace-period", "0"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("who interrupts a delete, and who finds its pod, is told that it was interrupted and what finishes it") {
  const auto tells = [](const std::string& text) {
    return text.find("its deletion was interrupted; tandem delete pod cut finishes it") != std::string::npos;
  };
  const auto described = [] { return machine().ok({"describe", "pod", "cut"}); };
  const auto waited = [] { return machine().tandem({"wait", "pod/cut", "--for", "delete", "--timeout", "0s"}).errors; };
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    CAPTURE(signal);
    machine().ok({"apply", "-f", "-"}, shell_pod("cut", "trap '' TERM; echo up; while :; do sleep 0.1; done",
                                                 "terminationGracePeriodSeconds: 4"));
    REQUIRE(wait_until([] { return machine().tandem({"logs", "cut"}).output.find("up") != std::string::npos; }));
    Command remove({"delete", "pod", "cut"});
    REQUIRE(wait_until([] { return machine().pod("cut")["metadata"].contains("deletionTimestamp"); }));
    CHECK_FALSE(tells(described()));  // somebody is at it
    CHECK_FALSE(tells(waited()));
    REQUIRE(wait_until([] { return fs::exists(machine().root() / "run/names/default/cut/deletion"); }));
    remove.kill(signal);
    CHECK(remove.wait().signal == signal);
    if (signal != SIGKILL)
      CHECK(remove.said().find("it goes on ending, and tandem delete pod cut finishes its deletion") !=
            std::string::npos);
    CHECK(tells(described()));
    CHECK(tells(waited()));
    REQUIRE(wait_until([] { return machine().pod("cut")["status"]["phase"] == "Failed"; }));
    CHECK(tells(described()));
    CHECK(tells(waited()));
    CHECK(machine().ok({"delete", "pod", "cut"}) == "pod \"cut\" deleted\n");
  }
  CHECK(machine().leftovers() == "");
}

TEST_CASE("of several pods whose delete is interrupted each is named that is not yet deleted, with its namespace") {
  machine().ok(
      {"apply", "-n", "far", "-f", "-"},
      shell_pod("slow", "trap '' TERM; echo up; while :; do sleep 0.1; done", "terminationGracePeriodSeconds: 600"));
  machine().ok({"apply", "-n", "far", "-f", "-"}, shell_pod("quick", "sleep 1000", "terminationGracePeriodSeconds: 0"));
  REQUIRE(wait_until([] {
    return machine().tandem({"logs", "-n", "far", "slow"}).output.find("up") != std::string::npos;
  }));
  Command remove({"delete", "-n", "far", "pod", "slow", "quick"});
  REQUIRE(wait_until([] { return fs::exists(machine().root() / "run/names/far/slow/deletion"); }));
  remove.kill(SIGINT);
  CHECK(remove.wait().signal == SIGINT);
  CHECK(remove.said().find("tandem delete pod slow -n far finishes") != std::string::npos);
  CHECK(remove.said().find("tandem delete pod quick -n far finishes") != std::string::npos);
  const auto told_of_quick = [] {
    return machine().ok({"describe", "-n", "far", "pod", "quick"}).find("tandem delete pod quick -n far removes") !=
           std::string::npos;
  };
  CHECK(wait_until(told_of_quick));  // it has ended, and nobody had begun to remove it
  machine().ok({"delete", "-n", "far", "pod", "slow", "quick", "--grace-period", "0"});
  CHECK(machine().leftovers() == "");
}

TEST_CASE("of two deletes of one pod at once both say that it is deleted") {
  machine().ok({"apply", "-f", "-"}, shell_pod("twice", "trap '' TERM; echo up; while :; do sleep 0.1; done",
                                               "terminationGracePeriodSeconds: 2"));
  REQUIRE(wait_until([] { return machine().tandem({"logs", "twice"}).output.find("up") != std::string::npos; }));
  Command first({"delete", "pod", "twice"});
  REQUIRE(wait_until([] { return machine().pod("twice")["metadata"].contains("deletionTimestamp"); }));
  Command second({"delete", "pod", "twice"});
  CHECK(first.wait() == ExitStatus{});
  CHECK(second.wait() == ExitStatus{});
  CHECK(first.said().find("pod \"twice\" deleted") != std::string::npos);
  CHECK(second.said().find("waiting for another command") != std::string::npos);
  CHECK(second.said().find("pod \"twice\" deleted") != std::string::npos);
}

TEST_CASE("a delete with a shorter grace period hastens one that waits") {
  machine().ok({"apply", "-f", "-"}, shell_pod("stubborn", "trap '' TERM; echo ready; while :; do sleep 1; done",
                                               "terminationGracePeriodSeconds: 600"));
  REQUIRE(wait_until([] { return machine().tandem({"logs", "stubborn"}).output.find("ready") != std::string::npos; }));
  Command patient({"delete", "pod", "stubborn"});
  REQUIRE(wait_until([] { return machine().pod("stubborn")["metadata"].contains("deletionTimestamp"); }));
  machine().ok({"delete", "pod", "stubborn", "--grace-period", "0", "--ignore-not-found"});
  CHECK(patient.wait() == ExitStatus{});
}

TEST_CASE("an image that is pruned while its pod is being applied is no image: the apply says so and leaves nothing") {
  const fs::path store = machine().root() / "lib/images";
  const auto before = list_directory(store / "layers");
  machine().ok({"image", "pack", "localhost/passing", "--bin", find_program("busybox"), "--link", "/bin/pass:busybox"});
  std::string layer;
  for (const std::string& name : list_directory(store / "layers"))
    if (std::find(before.begin(), before.end(), name) == before.end()) layer = name;
  REQUIRE_FALSE(layer.empty());
  const TemporaryDirectory folder;
  write_file(folder / "pod.yaml",
             "apiVersion: v1\nkind: Pod\nmetadata: {name: pruned}\nspec: {containers: [{name: main, image: "
             "localhost/passing, command: [/bin/pass, sleep, \"1000\"]}]}\n");
  auto lock = std::optional(lock_file(store / "lock"));  // a prune that has looked for Plans already
  Command apply({"apply", "-f", folder / "pod.yaml"});
  REQUIRE(wait_until([] { return fs::is_symlink(machine().root() / "run/names/default/pruned"); }));
  fs::rename(store / "layers" / layer, folder / "layer");
  lock.reset();
  CHECK(apply.wait().code == 64);
  CHECK(apply.said().find("localhost/passing") != std::string::npos);
  CHECK(apply.said().find("has just been removed") != std::string::npos);
  CHECK(machine().leftovers() == "");
  machine().ok({"image", "rm", "localhost/passing"});
}
