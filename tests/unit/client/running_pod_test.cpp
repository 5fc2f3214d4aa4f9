// Pods found by name, their containers, and what those wrote.
#include "pods/client/running_pod.hpp"

#include <catch2/catch.hpp>

#include "core/os/not_found.hpp"
#include "pods/client/container_logs.hpp"
#include "tests/unit/client/pods_on_disk.hpp"

using namespace tandem;
using namespace tandem::client;
using Catch::Contains;

namespace {

const Notes no_note = [](const std::string& line) { FAIL("said: " + line); };

void write_log(const state::PodPaths& paths, const std::string& container, int attempt, const std::string& lines) {
  std::string text;
  for (const char letter : lines) text += std::string("2026-11-22T10:00:00.000000001Z stdout F ") + letter + "\n";
  write_file(paths.log(container, attempt), text);
}

std::string logs_of(const RunningPod& pod, const LogsWanted& wanted) {
  std::string text;
  write_logs(
      pod, wanted,
      [&](std::string_view bytes) {
        text += bytes;
        return true;
      },
      no_note);
  return text;
}

}  // namespace

TEST_CASE("a pod is found by its name, with or without its kind, and those that are there are told otherwise") {
  test::PodsOnDisk machine;
  machine.add("web");
  machine.add("db");
  for (const char* name : {"web", "pod/web", "pods/web"}) {
    const RunningPod pod = find_running_pod(machine.roots(), "default", name);
    CHECK(pod.name == "web");
    CHECK(pod.plan.name == "web");
  }
  CHECK_THROWS_AS(find_running_pod(machine.roots(), "default", "wbe"), NotFound);
  CHECK_THROWS_WITH(find_running_pod(machine.roots(), "default", "wbe"), Contains("there are: db, web"));
  CHECK_THROWS_WITH(find_running_pod(machine.roots(), "shop", "web"), Contains("get pods -A"));
  CHECK(find_pod_id(machine.roots(), "default", "wbe") == "");
}

TEST_CASE("a container is chosen by name, by the pod's annotation, or as the first main one, which is said") {
  test::PodsOnDisk machine;
  machine.add("web", {"setup", "main", "log"});
  RunningPod pod = find_running_pod(machine.roots(), "default", "web");
  pod.plan.containers[0].kind = plan::ContainerKind::init;
  CHECK(choose_container(pod, "log", no_note).name == "log");
  std::vector<std::string> said;
  const Notes say = [&](const std::string& line) { said.push_back(line); };
  CHECK(choose_container(pod, "", say).name == "main");
  CHECK(said == std::vector<std::string>{"Defaulted container \"main\" out of: setup, main, log"});
  CHECK_THROWS_WITH(choose_container(pod, "none", no_note), Contains("it has: setup, main, log"));
  pod.plan.pod_json = R"({"metadata":{"annotations":{"kubectl.kubernetes.io/default-container":"log"}}})";
  CHECK(choose_container(pod, "", no_note).name == "log");
}

TEST_CASE("a container that does not run cannot be reached") {
  test::PodsOnDisk machine;
  machine.has_run(machine.add("web"), "main", 0);
  const RunningPod pod = find_running_pod(machine.roots(), "default", "web");
  CHECK_THROWS_WITH(running_process(pod, pod.plan.containers[0]), Contains("it is not running"));
}

TEST_CASE("logs are of the last run, or of the one before, from the end as far as is asked for") {
  test::PodsOnDisk machine;
  const state::PodPaths paths = machine.add("web");
  machine.has_run(paths, "main", 1);
  write_log(paths, "main", 0, "ab");
  write_log(paths, "main", 1, "cde");
  const RunningPod pod = find_running_pod(machine.roots(), "default", "web");
  LogsWanted wanted{.containers = {"main"}};
  CHECK(logs_of(pod, wanted) == "c\nd\ne\n");
  wanted.follow = true;  // which ends, as the run has
  wanted.tail = 1;
  CHECK(logs_of(pod, wanted) == "e\n");
  wanted.previous = true;
  wanted.prefix = true;
  CHECK(logs_of(pod, wanted) == "[pod/web/main] b\n");
}

TEST_CASE("a run that has not been has no log") {
  test::PodsOnDisk machine;
  const state::PodPaths paths = machine.add("web");
  const RunningPod pod = find_running_pod(machine.roots(), "default", "web");
  CHECK_THROWS_WITH(logs_of(pod, {.containers = {"main"}}), Contains("it has not been started yet"));
  machine.has_run(paths, "main", 0);
  CHECK_THROWS_WITH(logs_of(pod, {.containers = {"main"}, .previous = true}), Contains("started only once"));
}

TEST_CASE("nothing is read any more when nobody reads what is written") {
  test::PodsOnDisk machine;
  const state::PodPaths paths = machine.add("web", {"one", "two"});
  for (const char* container : {"one", "two"}) {
    machine.has_run(paths, container, 0);
    write_log(paths, container, 0, "x");
  }
  const RunningPod pod = find_running_pod(machine.roots(), "default", "web");
  int writes = 0;
  const LogOutput gone = [&](std::string_view) {
    ++writes;
    return false;
  };
  write_logs(pod, {.containers = {"one", "two"}, .follow = true}, gone, no_note);
  CHECK(writes == 1);
}
