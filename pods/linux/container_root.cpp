#include "pods/linux/container_root.hpp"

#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/overlay.hpp"
#include "pods/linux/paths_in_root.hpp"

namespace tandem::linux_ {
namespace {

constexpr std::uint64_t harmless = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

void attach_at(int root, int mount, const std::string& path) {
  attach_mount(mount, open_mount_point(root, path).get(), path);
}

// The container's cgroup read-only where a program looks for it: /sys/fs/cgroup itself on v2, one directory for each
// hierarchy on v1.
void mount_cgroups(int root, const plan::Plan& plan, const plan::Container& container, const CgroupMounts& cgroups) {
  const std::string path = container_cgroup(plan, container.name);
  const auto bind_read_only = [&](const std::string& source, const std::string& target) {
    const unique_fd directory = open_file(source, O_PATH | O_DIRECTORY);
    const unique_fd mount = clone_mount(directory.get(), source, false);
    add_attributes(mount.get(), MOUNT_ATTR_RDONLY | harmless, false, target);
    attach_at(root, mount.get(), target);
  };
  if (cgroups.unified) return bind_read_only(cgroups.v2 + "/" + path, "/sys/fs/cgroup");
  if (cgroups.v1.empty()) return;
  const unique_fd parent = new_mount("tmpfs", {{"mode", "0755"}}, harmless, "/sys/fs/cgroup");
  attach_at(root, parent.get(), "/sys/fs/cgroup");
  for (const std::string& directory : cgroup_directories(cgroups, path)) {
    const fs::path mount_point = directory.substr(0, directory.size() - path.size() - 1);
    bind_read_only(directory, "/sys/fs/cgroup/" + mount_point.filename().string());
  }
  for (const auto& [controller, mount_point] : cgroups.v1) {
    const std::string name = fs::path(mount_point).filename();  // "cpu,cpuacct": programs look for "cpu"
    const unique_fd there = open_in_root(root, "/sys/fs/cgroup");
    if (name != controller) ::symlinkat(name.c_str(), there.get(), controller.c_str());
  }
  add_attributes(open_in_root(root, "/sys/fs/cgroup").get(), MOUNT_ATTR_RDONLY, false, "/sys/fs/cgroup");
}

void pivot_to(int root) {
  // From within a chroot, pivot_root would leave everything around it in place: in reach of exec and of CAP_SYS_CHROOT.
  enter_root_of_mount_namespace();
  check([&] { return ::fchdir(root); }, "enter", "the container's root");
  // Old and new root at the same place: the old one comes to lie on top of the new one, and is taken off
  // (pivot_root(2)).
  check([] { return static_cast<int>(::syscall(SYS_pivot_root, ".", ".")); }, "pivot_root", "",
        "the initial root of a machine (initramfs) cannot be left this way: switch_root to a tmpfs first");
  check([] { return ::umount2(".", MNT_DETACH); }, "unmount", "the host's root");
  check([] { return ::chdir("/"); }, "enter", "/");
}

}  // namespace

void mount_kernel_filesystems(int root, const plan::Plan& plan, const plan::Container& container,
                              const CgroupMounts& cgroups) {
  attach_at(root, new_mount("proc", {}, harmless, "/proc").get(), "/proc");
  const std::uint64_t read_only = container.security.privileged ? 0 : MOUNT_ATTR_RDONLY;
  attach_at(root, new_mount("sysfs", {}, harmless | read_only, "/sys").get(), "/sys");
  mount_cgroups(root, plan, container, cgroups);
}

void enter_container_root(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                          const CgroupMounts& cgroups) {
  make_all_mounts_private();
  const unique_fd root = mount_overlay(paths.container_lib(container.name), container.layers.size());
  // An image's or a container's own device nodes open nothing: there is no device cgroup.
  if (!container.security.privileged) add_attributes(root.get(), MOUNT_ATTR_NODEV, false, "/");
  mount_kernel_filesystems(root.get(), plan, container, cgroups);
  mount_devices(root.get(), plan, paths);
  // Before the volumes, in which other containers write: nothing that they put at /dev/null or on the way is looked at.
  for (const std::string& path : container.security.masked_paths) mask_path(root.get(), path);
  for (const std::string& path : container.security.read_only_paths) make_read_only(root.get(), path);
  mount_volumes(root.get(), plan, container, paths);
  // Before the root turns read-only: runtimes make a missing working directory.
  open_in_root(root.get(), container.working_directory, Missing::create_directory);
  if (container.security.read_only_root) add_attributes(root.get(), MOUNT_ATTR_RDONLY, false, "/");
  pivot_to(root.get());
}

}  // namespace tandem::linux_
