#include <signal.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

TEST_CASE("a container that takes more memory than its limit is killed, and it can be told from other kills") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("exec dd if=/dev/zero of=/dev/null bs=200M count=1");
  container.resources.memory_limit = Bytes{32 << 20};
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main");
  CHECK(pod.run(container).status == ExitStatus{0, SIGKILL});
  CHECK(linux_::oom_killed(pod.cgroups, cgroup));

  linux_::remove_cgroup(pod.cgroups, cgroup);
  container.argv = {"sh", "-c", "kill -9 $$; sleep 1"};
  pod.run(container);
  CHECK_FALSE(linux_::oom_killed(pod.cgroups, cgroup));
}

TEST_CASE("a container cannot have more processes than its limit") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("for i in 1 2 3 4 5 6 7 8 9; do sleep 20 & done; echo unreachable");
  container.resources.pids_limit = 5;
  const auto outcome = pod.run(container);
  CHECK_THAT(outcome.output, Contains("can't fork: Resource temporarily unavailable") && !Contains("unreachable"));
}

TEST_CASE("a busy container is held to its CPU limit") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("while true; do true; done");
  container.resources.cpu_limit = Millicores{100};
  const linux_::Started started = pod.start(container);
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main");
  const std::string statistics = linux_::cgroup_directories(pod.cgroups, cgroup).front() + "/cpu.stat";
  CHECK(test::wait_until([&] {
    const std::string text = read_file(statistics), key = "nr_throttled ";
    const std::size_t at = text.find(key);
    return at != std::string::npos && text[at + key.size()] != '0';
  }));
  CHECK(linux_::kill_cgroup(pod.cgroups, cgroup));
  pod.wait(started);
}

TEST_CASE("a frozen container stands still, goes on when thawed, and a killed cgroup is empty") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("while true; do echo x >> /data/ticks; done");
  container.mounts = {pod.add_volume(test::volume("data"), "/data")};
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main");
  const linux_::Started started = pod.start(container);
  const fs::path ticks = linux_::volume_directory(pod.plan.volumes[0], pod.paths) / "ticks";
  const auto size = [&] { return fs::exists(ticks) ? fs::file_size(ticks) : 0; };
  REQUIRE(test::wait_until([&] { return size() > 0; }));

  REQUIRE(linux_::freeze_cgroup(pod.cgroups, cgroup, true));
  const auto frozen_at = size();
  CHECK_FALSE(test::wait_until([&] { return size() > frozen_at; }, std::chrono::milliseconds(100)));
  REQUIRE(linux_::freeze_cgroup(pod.cgroups, cgroup, false));
  CHECK(test::wait_until([&] { return size() > frozen_at; }));

  REQUIRE(linux_::freeze_cgroup(pod.cgroups, cgroup, true));
  CHECK(linux_::kill_cgroup(pod.cgroups, cgroup));  // a frozen one too
  CHECK(pod.wait(started).signal == SIGKILL);
  CHECK(linux_::processes_in(pod.cgroups, cgroup).empty());
}

TEST_CASE("a container that forks without end is killed as a whole") {
  test::PodInAFolder pod;
  plan::Container container = pod.shell("f() { f & f; }; trap '' TERM; f");
  container.resources.pids_limit = 200;
  const linux_::Started started = pod.start(container);
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main");
  test::wait_until([&] { return linux_::processes_in(pod.cgroups, cgroup).size() > 20; });
  CHECK(linux_::kill_cgroup(pod.cgroups, cgroup));
  pod.wait(started);
  CHECK_NOTHROW(linux_::remove_cgroup(pod.cgroups, cgroup));
}
