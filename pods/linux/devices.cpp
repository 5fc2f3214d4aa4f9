// /dev of a container. There is no device cgroup: nothing but these nodes is there, and CAP_MKNOD is not given by
// default.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/container_root.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/paths_in_root.hpp"

namespace tandem::linux_ {
namespace {

struct Node {
  const char* name;
  unsigned major, minor;
};
// OCI runtime-spec, config-linux.md, "Default Devices"; console only where there is a terminal.
constexpr Node nodes[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                          {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

struct Link {
  const char *name, *target;
};
constexpr Link links[] = {{"fd", "/proc/self/fd"},
                          {"stdin", "/proc/self/fd/0"},
                          {"stdout", "/proc/self/fd/1"},
                          {"stderr", "/proc/self/fd/2"},
                          {"ptmx", "pts/ptmx"}};

void make_node(int directory, const Node& node) {
  const std::string path = std::string("/dev/") + node.name;
  const int result =
      attempt([&] { return ::mknodat(directory, node.name, S_IFCHR | 0666, makedev(node.major, node.minor)); });
  if (result == 0) {
    check([&] { return ::fchmodat(directory, node.name, 0666, 0); }, "chmod", path);
    return;
  }
  if (result != -EPERM) throw Error::from_errno("create device", path, -result);
  // Without CAP_MKNOD (a user namespace): the host's own node.
  const unique_fd target(check(
      [&] { return ::openat(directory, node.name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666); }, "create", path));
  const unique_fd source = open_file(path, O_PATH);
  attach_mount(clone_mount(source.get(), path, false).get(), target.get(), path);
}

void attach_below_dev(int dev, const char* name, const unique_fd& mount) {
  const std::string path = std::string("/dev/") + name;
  check([&] { return ::mkdirat(dev, name, 0755); }, "create directory", path);
  const unique_fd target(check([&] { return ::openat(dev, name, O_PATH | O_DIRECTORY | O_CLOEXEC); }, "open", path));
  attach_mount(mount.get(), target.get(), path);
}

}  // namespace

void mount_devices(int root, const plan::Plan& plan, const state::PodPaths& paths) {
  const unique_fd target = open_mount_point(root, "/dev");
  const unique_fd mount = new_mount("tmpfs", {{"mode", "0755"}, {"size", "65536k"}}, MOUNT_ATTR_NOSUID, "/dev");
  attach_mount(mount.get(), target.get(), "/dev");
  const unique_fd dev = open_in_root(root, "/dev");  // the tmpfs, no longer the directory it covers
  for (const Node& node : nodes) make_node(dev.get(), node);
  for (const Link& link : links) {
    check([&] { return ::symlinkat(link.target, dev.get(), link.name); }, "create link",
          std::string("/dev/") + link.name);
  }
  constexpr std::uint64_t quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  attach_below_dev(dev.get(), "pts",
                   new_mount("devpts", {{"newinstance", ""}, {"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", "5"}},
                             quiet, "/dev/pts"));
  attach_below_dev(dev.get(), "mqueue", new_mount("mqueue", {}, quiet | MOUNT_ATTR_NODEV, "/dev/mqueue"));
  const fs::path shared = plan.host_ipc ? fs::path("/dev/shm") : paths.run / "shm";
  const unique_fd source = open_file(shared, O_PATH | O_DIRECTORY);
  attach_below_dev(dev.get(), "shm", clone_mount(source.get(), shared, false));
}

}  // namespace tandem::linux_
