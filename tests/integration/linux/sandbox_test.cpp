#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "pods/linux/mounts.hpp"
#include "tests/integration/linux/pod_in_a_folder.hpp"

using namespace tandem;
using Catch::Contains;

namespace {

ino_t inode_of(const fs::path& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

plan::Volume one_mebibyte() {
  plan::Volume made = test::volume("memory", plan::VolumeKind::memory);
  made.size_limit = Bytes{1 << 20};
  return made;
}

}  // namespace

TEST_CASE("every step may be done twice and undone twice") {
  test::PodInAFolder pod;
  pod.add_volume(one_mebibyte(), "/m");
  const ino_t net = inode_of(pod.paths.namespaces() / "net"), hosts = inode_of(pod.paths.etc() / "hosts");
  linux_::create_pod_cgroups(pod.cgroups, pod.plan);
  linux_::create_namespaces(pod.plan, pod.paths);
  linux_::create_shared_memory(pod.plan, pod.paths);
  linux_::write_pod_files(pod.plan, pod.paths);
  linux_::create_volume(pod.plan, pod.plan.volumes[0], pod.paths);
  CHECK(inode_of(pod.paths.namespaces() / "net") == net);
  CHECK(inode_of(pod.paths.etc() / "hosts") == hosts);  // containers have the inode mounted
  for (int twice = 0; twice < 2; ++twice) {
    linux_::remove_container_root(pod.paths, "main");
    linux_::remove_volume(pod.paths, "memory");
    linux_::remove_pod_files(pod.paths);
    linux_::remove_shared_memory(pod.paths);
    linux_::remove_namespaces(pod.paths);
    CHECK(linux_::remove_pod_cgroups(pod.cgroups, linux_::pod_cgroup(pod.plan)));
  }
  CHECK(list_directory(pod.paths.run) == std::vector<std::string>{"volumes"});
  CHECK(read_file("/proc/self/mountinfo").find(pod.paths.run) == std::string::npos);
}

TEST_CASE("half of the namespaces pinned is completed, and what is there stays") {
  test::PodInAFolder pod;
  const ino_t net = inode_of(pod.paths.namespaces() / "net");
  linux_::unmount(pod.paths.namespaces() / "uts");
  linux_::create_namespaces(pod.plan, pod.paths);
  CHECK(inode_of(pod.paths.namespaces() / "net") == net);
  CHECK(pod.run("hostname").output == "web-host\n");
}

TEST_CASE("host modes pin the host's own namespaces under the same names") {
  test::PodInAFolder pod;
  linux_::remove_namespaces(pod.paths);
  pod.plan.network.mode = plan::NetworkMode::host;
  pod.plan.host_ipc = pod.plan.host_pid = true;
  linux_::create_namespaces(pod.plan, pod.paths);
  for (const char* name : {"net", "ipc", "uts"}) {
    CHECK(inode_of(pod.paths.namespaces() / name) == inode_of(std::string("/proc/self/ns/") + name));
  }
  CHECK_THAT(pod.run("echo $$; hostname").output, !Catch::StartsWith("1\n") && !Contains("web-host"));
}

TEST_CASE("sysctls are set in the pod's namespaces and not in the host's") {
  test::PodInAFolder pod;
  const std::string before = read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  pod.plan.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "81"}, {"kernel.shm_rmid_forced", "1"}};
  linux_::create_namespaces(pod.plan, pod.paths);
  CHECK(pod.run("cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced").output ==
        "81\n1\n");
  CHECK(read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start") == before);
  pod.plan.sysctls = {{"net.no.such", "1"}};
  CHECK_THROWS_WITH(linux_::create_namespaces(pod.plan, pod.paths), Contains("set sysctl net.no.such"));
}

TEST_CASE("containers of a pod share memory, and their own files are the pod's") {
  test::PodInAFolder pod;
  pod.plan.host_aliases = {{"10.0.0.9", {"db"}}};
  linux_::write_pod_files(pod.plan, pod.paths);
  plan::Container writer = pod.shell("echo shared > /dev/shm/note"),
                  reader = pod.shell("cat /dev/shm/note /etc/hosts /etc/hostname");
  writer.name = "writer";
  for (const char* name : {"hosts", "hostname"}) {
    plan::Mount mount;
    mount.kind = plan::MountKind::file;
    mount.source = name;
    mount.target = std::string("/etc/") + name;
    reader.mounts.push_back(mount);
  }
  pod.run(writer);
  CHECK_THAT(pod.run(reader).output,
             Catch::StartsWith("shared\n") && Contains("10.0.0.9\tdb\n") && Catch::EndsWith("web-host\n"));
}

TEST_CASE("an emptyDir belongs to fsGroup, and its group may write") {
  test::PodInAFolder pod;
  pod.plan.fs_group = 4000;
  plan::Container container =
      pod.shell("touch /data/mine; stat -c '%a %g' /data /data/mine; stat -c '%a %g' -L /config/a; cat /config/a");
  container.identity = {1000, 1000, {4000}};
  plan::Volume data = test::volume("data"), config = test::volume("config", plan::VolumeKind::files);
  data.mode = 0770;
  config.secret = true;
  config.files = {{"a", "text\n", 0600}};
  container.mounts = {pod.add_volume(data, "/data"), pod.add_volume(config, "/config")};
  CHECK(pod.run(container).output == "2770 4000\n644 4000\n640 4000\ntext\n");
}

TEST_CASE("memory volumes and secrets lie on a tmpfs of their size") {
  test::PodInAFolder pod;
  plan::Container container =
      pod.shell("grep -c '/m tmpfs\\|/s tmpfs' /proc/mounts; dd if=/dev/zero of=/m/x bs=1M count=3; cat /s/key");
  plan::Volume secret = test::volume("secret", plan::VolumeKind::files);
  secret.secret = true;
  secret.files = {{"key", "s3cret\n", 0400}};
  container.mounts = {pod.add_volume(one_mebibyte(), "/m"), pod.add_volume(secret, "/s")};
  const std::string output = pod.run(container).output;
  // /proc/mounts names the device first; busybox' grep counts what matches.
  CHECK_THAT(output, Contains("No space left on device") && Contains("s3cret\n"));
  CHECK(linux_::is_mount_point(pod.paths.volume("secret", true)));
}

TEST_CASE("a changed configMap is seen by a running container, all files at once") {
  test::PodInAFolder pod;
  plan::Volume config = test::volume("config", plan::VolumeKind::files);
  config.files = {{"a", "1"}, {"b", "1"}};
  // From inside one set, as a careful program reads; a set that is replaced meanwhile is gone, never mixed.
  plan::Container container = pod.shell(
      "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); cd / && cd /config/..data || continue;"
      "a=$(cat a); b=$(cat b); [ -n \"$a\" ] && [ -n \"$b\" ] || continue;"
      "[ $a = $b ] || exit 3; [ $a = 2 ] && exit 0; done; exit 4");
  container.mounts = {pod.add_volume(config, "/config")};
  const linux_::Started started = pod.start(container);
  config.files = {{"a", "2"}, {"b", "2"}};
  linux_::create_volume(pod.plan, config, pod.paths);
  CHECK(to_string(pod.wait(started)) == "exit code 0");
}

TEST_CASE("a hostPath is made or refused after its type, and never removed") {
  test::PodInAFolder pod;
  const auto volume = [&](const char* path, const char* type) {
    plan::Volume made = test::volume("host", plan::VolumeKind::host_path);
    made.source = pod.folder(path);
    made.host_path_type = type;
    return made;
  };
  const auto create = [&](const plan::Volume& each) { linux_::create_volume(pod.plan, each, pod.paths); };
  CHECK_THROWS_WITH(create(volume("new", "Directory")), Contains("it does not exist"));
  create(volume("new", "DirectoryOrCreate"));
  CHECK(fs::is_directory(pod.folder("new")));
  create(volume("new", "Directory"));
  CHECK_THROWS_WITH(create(volume("new", "File")), Contains("it is no file"));
  CHECK_THROWS_WITH(create(volume("new", "Socket")), Contains("it is no socket"));
  create(volume("file", "FileOrCreate"));
  CHECK_THROWS_WITH(create(volume("file", "DirectoryOrCreate")), Contains("it is no directory"));
  linux_::remove_volume(pod.paths, "host");
  CHECK(fs::is_regular_file(pod.folder("file")));
}
