// Commands at random moments, and a signal to any process of Tandem's in between, the commands included. Judged at
// every rest: the pods that were asked for last are there and no other, and after their deletion the machine is as it
// was. In CI a short form with a fixed seed; tests/long/chaos sets TANDEM_CHAOS_{SEED,ROUNDS,PODS}.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

constexpr unsigned rounds_between_rests = 10;

unsigned setting(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

class Chaos {
 public:
  Chaos(unsigned seed, unsigned pods) : random_(seed), pods_(pods) {}

  void round() {
    const std::string name = name_of(random_() % pods_);
    std::vector<std::string> command{TANDEM_BINARY_DIR "/bin/tandem"};
    const unsigned action = random_() % 8;
    if (action < 4) {
      const fs::path file = folder_ / (name + ".yaml");
      write_file(file, manifest(name));
      append(command, {"apply", "--replace", "-f", file});
    } else if (action < 6) {
      append(command, {"delete", "pod", name, "--ignore-not-found", "--grace-period", random_() % 2 ? "0" : "1"});
    } else if (action == 6) {
      append(command, {"exec", name, "--", "sleep", "0.1"});
    } else {
      append(command, {"get", "pods"});
    }
    // The moments are what is tried here, not conditions that could be waited for.
    const TemporaryDirectory log;
    Child client(command, log / "said");
    bool hit = false;
    for (unsigned blows = random_() % 3; blows > 0; --blows) {
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % 60'000));
      hit = true;
      if (random_() % 2) {
        client.signal(blow());
      } else if (const auto all = processes_in_cgroups(); !all.empty()) {
        ::kill(all[random_() % all.size()], blow());
      }
    }
    const ExitStatus status = client.wait(std::chrono::seconds(120));
    if (hit || action == 6) return;  // who was hit may say so; a pod to execute in may not be there
    std::string words;
    for (const std::string& word : command) words += word + " ";
    INFO(words << "\n" << read_file(log / "said"));
    CHECK(status == ExitStatus{});
  }

  // A last, undisturbed word to every pod, and then to all of them.
  void rest() {
    for (unsigned i = 0; i < pods_; ++i) {
      const std::string name = name_of(i);
      const bool wanted = random_() % 4 != 0;
      if (wanted) machine().ok({"apply", "--replace", "-f", "-"}, manifest(name));
      if (!wanted) machine().ok({"delete", "pod", name, "--ignore-not-found", "--grace-period", "0"});
      INFO(name << " is " << (wanted ? "wanted" : "not wanted"));
      CHECK(wait_until([&] { return sleeping(argument_of(name)) == (wanted ? 1 : 0); }));
      CHECK((machine().tandem({"get", "pod", name}).status == ExitStatus{}) == wanted);
    }
    machine().ok({"delete", "pod", "--all", "--grace-period", "0"});
    CHECK(machine().leftovers() == "");
    const auto roots = state::find_roots();
    for (const fs::path& directory : {roots.pods(), roots.lib / "pods", roots.locks(), roots.names(),
                                      roots.objects() / "Pod" / "default", roots.network() / "addresses"}) {
      CAPTURE(directory);
      CHECK(list_directory(directory).empty());
    }
  }

 private:
  static std::string name_of(unsigned number) { return "chaos-" + std::to_string(number); }
  static void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
  }
  int blow() { return random_() % 3 ? SIGKILL : SIGTERM; }
  std::string argument_of(const std::string& name) { return std::to_string(versions_[name]); }

  // Another one each time, known by the seconds that it sleeps.
  std::string manifest(const std::string& name) {
    versions_[name] = 1'000'000 + random_() % 1'000'000;
    const bool in_host = random_() % 4 == 0, deaf = random_() % 4 == 0;
    std::string spec = "terminationGracePeriodSeconds: 1\nhostNetwork: " + std::string(in_host ? "true" : "false") +
                       "\nvolumes: [{name: m, emptyDir: {" + (random_() % 2 ? "medium: Memory" : "") + "}}]";
    std::string more = "volumeMounts: [{name: m, mountPath: /m}]";
    if (name == name_of(0) && !in_host) more += "\nports: [{containerPort: 1, hostPort: 18083}]";
    return shell_pod(name, (deaf ? "" : "trap 'kill $!; exit' TERM\n") + ("sleep " + argument_of(name)) + " & wait",
                     spec, more);
  }

  std::mt19937 random_;
  unsigned pods_;
  std::map<std::string, unsigned> versions_;
  TemporaryDirectory folder_;
};

}  // namespace

TEST_CASE("whatever is killed at whatever moment, the last word counts and the machine is left as it was") {
  machine();
  const unsigned seed = setting("TANDEM_CHAOS_SEED", 20261130), rounds = setting("TANDEM_CHAOS_ROUNDS", 30),
                 pods = setting("TANDEM_CHAOS_PODS", 3);
  CAPTURE(seed);
  Chaos chaos(seed, pods);
  for (unsigned round = 1; round <= rounds; ++round) {
    CAPTURE(round);
    chaos.round();
    if (round % std::max(rounds_between_rests, pods) != 0 && round != rounds) continue;
    chaos.rest();
    if (rounds > 100) std::cout << "round " << round << " of " << rounds << std::endl;
  }
}
