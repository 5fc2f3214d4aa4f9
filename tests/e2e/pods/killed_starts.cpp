// Guardians that are killed while containers start: a program runs once, and what is said of it is true.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "core/os/files.hpp"
#include "tests/e2e/pods/busybox.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

// The first word of a lock's file is its holder; 0: there is none yet.
pid_t holder(const std::string& lock) {
  for (const std::string& id : list_directory(machine().root() / "run/pods"))
    return std::atoi(read_file_if_exists(machine().root() / "run/pods" / id / lock).value_or("0").c_str());
  return 0;
}

void kill_holder(const std::string& lock) {
  if (const pid_t pid = holder(lock); pid > 0) ::kill(pid, SIGKILL);
}

void pause(std::mt19937& random, int most_us) {
  const timespec span{0, static_cast<long>(random() % static_cast<unsigned>(most_us)) * 1000L};
  ::nanosleep(&span, nullptr);
}

std::string two_containers(const std::string& first, const std::string& second, const fs::path& ran) {
  std::string containers;
  for (const auto& [name, script] : {std::pair(std::string("a"), first), std::pair(std::string("b"), second)})
    containers += "  - {name: " + name + ", image: localhost/busybox, command: [/bin/sh, -c, \"echo " + name +
                  " >> /ran/" + name + "; " + script + "\"], volumeMounts: [{name: ran, mountPath: /ran}]}\n";
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: starts}\nspec:\n  restartPolicy: Never\n  hostNetwork: true\n"
         "  terminationGracePeriodSeconds: 0\n  containers:\n" +
         containers + "  volumes: [{name: ran, hostPath: {path: " + ran.string() + "}}]\n";
}

std::string ran(const fs::path& folder, const std::string& name) {
  return read_file_if_exists(folder / name).value_or("");
}

}  // namespace

TEST_CASE("a keeper that is killed while containers start takes no start along") {
  std::mt19937 random(9);
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const TemporaryDirectory folder;
    machine().ok({"apply", "-f", "-"}, two_containers("exec sleep 1000", "exec sleep 1000", folder.path()));
    pause(random, 25'000);
    kill_holder("keeper.lock");
    REQUIRE(wait_until([] { return machine().ready("starts"); }));
    for (const char* name : {"a", "b"}) {
      CHECK(wait_until([&] { return ran(folder.path(), name) == std::string(name) + "\n"; }));
      CHECK(machine().restarts("starts", name) == 0);
    }
    machine().ok({"delete", "pod", "starts"});
  }
}

TEST_CASE("a program that may have run when both guardians were killed is not run again under restartPolicy Never") {
  std::mt19937 random(9);
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const TemporaryDirectory folder;
    machine().ok({"apply", "-f", "-"}, two_containers("exit 7", "exec sleep 1000", folder.path()));
    pause(random, 60'000);
    kill_holder("supervisor.lock");
    kill_holder("keeper.lock");
    REQUIRE(wait_until([] {
      const auto pod = machine().pod("starts");
      return pod["status"]["containerStatuses"][0]["state"].contains("terminated") &&
             pod["status"]["containerStatuses"][1]["ready"] == true;
    }));
    const auto ended = machine().pod("starts")["status"]["containerStatuses"][0]["state"]["terminated"];
    CHECK((ended["exitCode"] == 7 || ended["reason"] == "ContainerStatusUnknown"));
    CHECK(ran(folder.path(), "a").size() <= 2);  // once, or killed before its first word
    CHECK(wait_until([&] { return ran(folder.path(), "b") == "b\n"; }));
    machine().ok({"delete", "pod", "starts"});
  }
}
