#include <signal.h>

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

namespace {

// As somebody outside would do it, and as the kernel says it.
void freeze(const test::PodInAFolder& pod, const std::string& cgroup) {
  REQUIRE(linux_::freeze_cgroup(pod.cgroups, cgroup, true));
}
bool is_frozen(const test::PodInAFolder& pod, const std::string& cgroup) {
  const auto directories = linux_::cgroup_directories(pod.cgroups, cgroup);
  if (pod.cgroups.unified)
    return read_file(directories.front() + "/cgroup.events").find("frozen 1") != std::string::npos;
  return read_file(directories.back() + "/freezer.state") == "FROZEN\n";
}

}  // namespace

TEST_CASE("what is frozen dies when it is killed, and what is frozen with it from above stays frozen and alive") {
  test::PodInAFolder pod;
  plan::Container main = pod.shell("sleep 1000 & wait"), neighbour = pod.shell("sleep 1000 & wait");
  neighbour.name = "neighbour";
  const linux_::Started killed = pod.start(main), left = pod.start(neighbour);
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main");
  const std::string of_neighbour = linux_::container_cgroup(pod.plan, "neighbour");
  REQUIRE(test::wait_until([&] { return linux_::processes_in(pod.cgroups, of_neighbour).size() == 2; }));
  freeze(pod, cgroup);
  freeze(pod, pod.plan.cgroup_parent);

  CHECK(linux_::kill_cgroup(pod.cgroups, cgroup));
  CHECK(pod.wait(killed).signal == SIGKILL);
  CHECK(is_frozen(pod, of_neighbour));
  CHECK(linux_::processes_in(pod.cgroups, of_neighbour).size() == 2);

  CHECK(linux_::kill_cgroup(pod.cgroups, linux_::pod_cgroup(pod.plan)));
  CHECK(pod.wait(left).signal == SIGKILL);
}

TEST_CASE("a cgroup that is killed from above takes along what is frozen below") {
  test::PodInAFolder pod;
  const linux_::Started started = pod.start(pod.shell("sleep 1000"));
  freeze(pod, linux_::container_cgroup(pod.plan, "main"));
  CHECK(linux_::kill_cgroup(pod.cgroups, linux_::pod_cgroup(pod.plan) + "/pod"));
  CHECK(pod.wait(started).signal == SIGKILL);
}

TEST_CASE("nothing is started in what is frozen: the error comes at once and says how to thaw it") {
  test::PodInAFolder pod;
  const plan::Container container = pod.shell("sleep 1000");
  const linux_::Started started = pod.start(container);
  const std::string cgroup = linux_::container_cgroup(pod.plan, "main"), above = linux_::pod_cgroup(pod.plan);
  const auto error = [&]() -> std::string {
    try {
      pod.execute(container, started.process, {"true"});
    } catch (const Error& thrown) {
      return thrown.what();
    }
    return "";
  };
  CHECK(error() == "");
  for (const std::string& frozen : {cgroup, above}) {
    freeze(pod, frozen);
    CHECK_THAT(error(), Contains("exec in container main: it is frozen") && Contains("thaw it: echo "));
    CHECK_THAT(error(), Contains(" > /") && Contains("/" + frozen + "/"));
    plan::Container second = container;
    second.name = "second";
    pod.make_fifos("second");
    if (frozen == above) CHECK_THROWS_WITH(pod.start(second), Contains("start container second: it is frozen"));
    linux_::thaw_cgroup(pod.cgroups, frozen);
    CHECK(error() == "");
  }
  CHECK(linux_::kill_cgroup(pod.cgroups, cgroup));
  pod.wait(started);
}
