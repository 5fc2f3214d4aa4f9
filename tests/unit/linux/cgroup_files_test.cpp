#include <catch2/catch.hpp>
#include <filesystem>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::linux_;

namespace {

CgroupMounts mounts_of(const test::TemporaryDirectory& folder, const std::string& mountinfo) {
  write_file(folder / "mountinfo", mountinfo);
  return find_cgroup_mounts(folder / "mountinfo");
}

CgroupMounts version_1(const test::TemporaryDirectory& folder) {
  CgroupMounts mounts;
  for (const char* name : {"cpu", "memory", "pids", "freezer"}) {
    make_directories(folder / name);
    mounts.v1.emplace_back(name, folder / name);
  }
  return mounts;
}

CgroupMounts version_2(const test::TemporaryDirectory& folder, const std::string& controllers) {
  write_file(folder / "cgroup.controllers", controllers);
  write_file(folder / "cgroup.subtree_control", "");
  CgroupMounts mounts;
  mounts.unified = true;
  mounts.v2 = folder.path();
  return mounts;
}

plan::Resources limits() {
  plan::Resources resources;
  resources.cpu_limit = Millicores{500};
  resources.memory_limit = Bytes{64 << 20};
  resources.pids_limit = 100;
  return resources;
}

}  // namespace

TEST_CASE("a machine with the unified hierarchy only is recognised") {
  const test::TemporaryDirectory folder;
  const CgroupMounts mounts = mounts_of(
      folder, "25 30 0:22 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  CHECK(mounts.unified);
  CHECK(mounts.v2 == "/sys/fs/cgroup");
  CHECK(cgroup_directories(mounts, "tandem/a") == std::vector<std::string>{"/sys/fs/cgroup/tandem/a"});
}

TEST_CASE("a hybrid machine is used through version 1, and controllers mounted together count once") {
  const test::TemporaryDirectory folder;
  const CgroupMounts mounts =
      mounts_of(folder,
                "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
                "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
                "35 31 0:32 / /sys/fs/cgroup/my\\040memory rw - cgroup cgroup rw,memory\n"
                "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids,freezer\n"
                "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
                "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  CHECK_FALSE(mounts.unified);
  CHECK(mounts.v2 == "/sys/fs/cgroup/unified");
  CHECK(cgroup_directories(mounts, "t") == std::vector<std::string>{"/sys/fs/cgroup/cpu,cpuacct/t",
                                                                    "/sys/fs/cgroup/my memory/t",
                                                                    "/sys/fs/cgroup/pids/t"});
}

TEST_CASE("without any hierarchy, creating a cgroup says what is missing") {
  CHECK_THROWS_WITH(create_cgroup({}, "tandem/a"), Catch::Contains("no cgroup hierarchy is mounted"));
}

TEST_CASE("on version 1 a cgroup lies in each hierarchy and each limit goes to its own") {
  const test::TemporaryDirectory folder;
  const CgroupMounts mounts = version_1(folder);
  create_cgroup(mounts, "tandem/a/pod/web");
  create_cgroup(mounts, "tandem/a/pod/web");
  apply_resources(mounts, "tandem/a/pod/web", limits());
  CHECK(read_file(folder / "cpu/tandem/a/pod/web/cpu.shares") == "512");
  CHECK(read_file(folder / "cpu/tandem/a/pod/web/cpu.cfs_quota_us") == "50000");
  CHECK(read_file(folder / "memory/tandem/a/pod/web/memory.limit_in_bytes") == "67108864");
  CHECK(read_file(folder / "pids/tandem/a/pod/web/pids.max") == "100");
  CHECK(fs::is_directory(folder / "freezer/tandem/a/pod/web"));
}

TEST_CASE("on version 2 controllers are enabled on the way, and files are written in one place") {
  const test::TemporaryDirectory folder;
  const CgroupMounts mounts = version_2(folder, "cpuset cpu io memory pids\n");
  create_cgroup(mounts, "tandem/a/pod/web");
  CHECK(read_file(folder / "cgroup.subtree_control") == "+pids");  // a plain file keeps the last of the three writes
  apply_resources(mounts, "tandem/a/pod/web", limits());
  CHECK(read_file(folder / "tandem/a/pod/web/cpu.max") == "50000 100000");
  CHECK(read_file(folder / "tandem/a/pod/web/memory.max") == "67108864");
  CHECK(read_file(folder / "tandem/a/pod/web/memory.oom.group") == "1");
  CHECK(read_file(folder / "tandem/a/pod/web/pids.max") == "100");
}

TEST_CASE("a limit whose controller the machine lacks is an error, no silence") {
  const test::TemporaryDirectory folder;
  CgroupMounts mounts = version_1(folder);
  std::erase_if(mounts.v1, [](const auto& mount) { return mount.first == "memory"; });
  create_cgroup(mounts, "tandem/a");
  CHECK_NOTHROW(apply_resources(mounts, "tandem/a", {}));
  CHECK_THROWS_WITH(apply_resources(mounts, "tandem/a", limits()), Catch::Contains("no cgroup controller memory"));
}

TEST_CASE("processes of a cgroup are counted with those of its descendants") {
  const test::TemporaryDirectory folder;
  const CgroupMounts mounts = version_2(folder, "");
  create_cgroup(mounts, "tandem/a/b");
  write_file(folder / "tandem/a/cgroup.procs", "10\n0\n");
  write_file(folder / "tandem/a/b/cgroup.procs", "11\n12\n");
  CHECK(processes_in(mounts, "tandem/a") == std::vector<pid_t>{10, 11, 12});
  CHECK(processes_in(mounts, "tandem/none").empty());
}

TEST_CASE("a kill for memory is read from the kernel's counter") {
  const test::TemporaryDirectory folder;
  const CgroupMounts second = version_2(folder, "");
  create_cgroup(second, "a");
  CHECK_FALSE(oom_killed(second, "a"));
  write_file(folder / "a/memory.events", "low 0\nhigh 0\nmax 21\noom 1\noom_kill 0\noom_group_kill 0\n");
  CHECK_FALSE(oom_killed(second, "a"));
  write_file(folder / "a/memory.events", "low 0\nhigh 0\nmax 21\noom 1\noom_kill 2\noom_group_kill 1\n");
  CHECK(oom_killed(second, "a"));

  const CgroupMounts first = version_1(folder);
  create_cgroup(first, "a");
  write_file(folder / "memory/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  CHECK(oom_killed(first, "a"));
}
