#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "pods/state/events.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::state;
using namespace std::chrono_literals;

namespace {
struct Pod {
  test::TemporaryDirectory directory;
  PodPaths paths = [this] {
    Roots roots;
    roots.run = directory / "run";
    roots.lib = directory / "lib";
    PodPaths made(roots, "0123456789ab");
    make_directories(made.run);
    return made;
  }();
  PodIdentity identity{"uid-1", "web", "default", "node"};
  Time now{1'700'000'000'000ms};
};
}  // namespace

TEST_CASE("an event is a v1 Event about the pod") {
  Pod pod;
  EventLog(pod.paths, pod.identity).append(true, "BackOff", "Back-off", "spec.containers{web}", pod.now);
  const auto json = nlohmann::json::parse(read_file(pod.paths.events()));
  CHECK(json.at("kind") == "Event");
  CHECK(json.at("type") == "Warning");
  CHECK(json.at("involvedObject").at("fieldPath") == "spec.containers{web}");
  CHECK(json.at("involvedObject").at("uid") == "uid-1");
  CHECK(json.at("firstTimestamp") == "2023-11-14T22:13:20Z");
  CHECK(json.at("count") == 1);
}

TEST_CASE("the same event again counts up, also after a restart of the supervisor") {
  Pod pod;
  {
    EventLog log(pod.paths, pod.identity);
    log.append(false, "Started", "a", "", pod.now);
    log.append(false, "Other", "b", "", pod.now);
    log.append(false, "Started", "a", "", pod.now + 5s);
  }
  EventLog(pod.paths, pod.identity).append(false, "Started", "a", "", pod.now + 10s);
  const auto events = read_events(pod.paths);
  REQUIRE(events.size() == 2);
  CHECK(events[1].reason == "Started");
  CHECK(events[1].count == 3);
  CHECK(events[1].first == pod.now);
  CHECK(events[1].last == pod.now + 10s);
}

TEST_CASE("a half line is skipped and does not swallow the next event") {
  Pod pod;
  EventLog(pod.paths, pod.identity).append(false, "One", "a", "", pod.now);
  std::string text = read_file(pod.paths.events());
  write_file(pod.paths.events(), text + text.substr(0, 20));
  EventLog(pod.paths, pod.identity).append(false, "Two", "b", "", pod.now);
  const auto events = read_events(pod.paths);
  REQUIRE(events.size() == 2);
  CHECK(events[1].reason == "Two");
}

TEST_CASE("the file and the number of events stay bounded") {
  Pod pod;
  EventLog log(pod.paths, pod.identity);
  for (int i = 0; i < 3000; ++i) log.append(true, "Unhealthy", "probe " + std::to_string(i), "", pod.now);
  CHECK(fs::file_size(pod.paths.events()) < 600 * 1024);
  const auto events = read_events(pod.paths);
  CHECK(events.size() <= 1500);
  CHECK(events.back().message == "probe 2999");
}

TEST_CASE("a list of events is a v1 EventList") {
  Pod pod;
  EventLog(pod.paths, pod.identity).append(false, "Started", "a", "", pod.now);
  const auto json = nlohmann::json::parse(event_list_json(read_events(pod.paths), pod.identity));
  CHECK(json.at("kind") == "EventList");
  CHECK(json.at("items").size() == 1);
}
