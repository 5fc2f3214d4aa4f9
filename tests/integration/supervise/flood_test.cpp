// What a container says without end, outside of its own limits: the supervisor that copies it is the machine's.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "core/os/files.hpp"
#include "tests/integration/supervise/launched_pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

using Clock = std::chrono::steady_clock;

// utime and stime, proc(5).
double processor_seconds_of(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream rest(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void say_without_end(LaunchedPod& pod, plan::Container container) {
  container.argv = {"sh", "-c", "trap 'kill $! $two; exit 0' TERM; yes >&2 & two=$!; yes & wait"};
  pod.plan.containers.push_back(std::move(container));
}

bool has_rotated(const LaunchedPod& pod, const std::string& container) {
  return list_directory(pod.paths.log(container, 0).parent_path()).size() > 1;
}

}  // namespace

TEST_CASE("a container that floods its output takes no more than its share of a processor from the machine") {
  LaunchedPod pod;
  say_without_end(pod, pod.shell("flood", ""));
  pod.launch();
  REQUIRE(wait_until([&] { return has_rotated(pod, "flood"); }));
  const pid_t supervisor = pod.process("supervisor");
  const auto begin = Clock::now();
  const double before = processor_seconds_of(supervisor);
  // What is measured needs a while; nothing is waited for.
  std::this_thread::sleep_for(std::chrono::seconds(4));
  const double used = processor_seconds_of(supervisor) - before;
  const std::chrono::duration<double> span = Clock::now() - begin;
  CAPTURE(used / span.count());
  CHECK(used < 0.35 * span.count());
  CHECK(used > 0);  // it copies
}

TEST_CASE("beside containers that flood their output a neighbour's line, a question and a stop are prompt") {
  LaunchedPod pod;
  for (const char* name : {"flood", "torrent", "deluge"}) say_without_end(pod, pod.shell(name, ""));
  plan::Volume volume;
  volume.name = "shared";
  volume.kind = plan::VolumeKind::host_path;
  volume.source = pod.folder("shared");
  fs::create_directories(volume.source);
  REQUIRE(::mkfifo((pod.folder("shared") / "fifo").c_str(), 0600) == 0);
  pod.plan.volumes = {volume};
  auto quiet = pod.shell("quiet", "trap 'exit 0' TERM; while read line; do echo $line; done < /shared/fifo");
  quiet.mounts = {{plan::MountKind::volume, "shared", "", "/shared", false}};
  pod.plan.containers.push_back(quiet);
  pod.launch();
  std::ofstream ask(pod.folder("shared") / "fifo");
  REQUIRE(wait_until([&] { return has_rotated(pod, "flood") && has_rotated(pod, "deluge"); }));
  // Generous: the loop's turns are milliseconds, and a rest is a tenth of a second.
  constexpr std::chrono::seconds prompt{5};
  for (int i = 0; i < 5; ++i) {
    ask << "line " << i << std::endl;
    CHECK(wait_until([&] { return pod.logged("quiet", "line " + std::to_string(i)); }, prompt));
  }
  std::vector<pid_t> programs;
  for (const char* name : {"flood", "torrent", "deluge", "quiet"}) programs.push_back(pod.process(name));
  REQUIRE(supervise::call_api(pod.paths, "POST", "/stop?gracePeriodSeconds=60")->code == 202);
  CHECK(wait_until([&] { return std::none_of(programs.begin(), programs.end(), is_running); }, prompt));
  REQUIRE(wait_until([&] { return !supervise::is_supervised(pod.paths); }));  // with all that was in the FIFOs
  for (const char* name : {"flood", "torrent", "deluge", "quiet"}) CHECK(pod.record(name).current->status.code == 0);
}

TEST_CASE("of a flood that ends no line is lost, neither what waited for its turn nor the last ones") {
  LaunchedPod pod;
  pod.plan.restart_policy = plan::RestartPolicy::never;
  pod.plan.containers = {pod.shell("flood", "seq 1 400000; echo end")};
  pod.launch();
  REQUIRE(pod.wait_for_phase("Succeeded"));
  const auto lines = pod.log("flood");
  CHECK(lines.size() == 400001);
  CHECK(first_missing(lines, 1, 400000) == 0);
  CHECK(lines.back() == "end");
}
