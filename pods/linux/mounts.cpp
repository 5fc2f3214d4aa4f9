#include "pods/linux/mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
// After sys/mount.h: glibc 2.36 and the kernel's header both define the same names, and statx' bit is only in the
// latter.
#include <linux/stat.h>

namespace tandem::linux_ {

unique_fd clone_mount(int source, const std::string& object, bool with_submounts) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (with_submounts ? AT_RECURSIVE : 0u);
  return unique_fd(check([&] { return ::open_tree(source, "", flags); }, "bind", object));
}

unique_fd new_mount(const char* type, const std::vector<std::pair<std::string, std::string>>& options,
                    std::uint64_t attributes, const std::string& object) {
  const std::string tried = std::string("mount ") + type;
  const unique_fd context(check([&] { return ::fsopen(type, FSOPEN_CLOEXEC); }, tried.c_str(), object));
  for (const auto& option : options) {  // clang 14 captures no structured bindings
    const std::string& name = option.first;
    const std::string& value = option.second;
    const unsigned command = value.empty() ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    check([&] { return ::fsconfig(context.get(), command, name.c_str(), value.empty() ? nullptr : value.c_str(), 0); },
          tried.c_str(), object + " (" + name + (value.empty() ? "" : "=" + value) + ")");
  }
  check([&] { return ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0); }, tried.c_str(), object);
  return unique_fd(check([&] { return ::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes); }, tried.c_str(), object));
}

void add_attributes(int mount, std::uint64_t attributes, bool recursive, const std::string& object) {
  struct mount_attr change {};
  change.attr_set = attributes;
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u);
  check([&] { return ::mount_setattr(mount, "", flags, &change, sizeof change); }, "set mount attributes", object);
}

void attach_mount(int mount, int target, const std::string& object) {
  check([&] { return ::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH); },
        "attach mount", object);
}

void enter_root_of_mount_namespace() {
  const unique_fd own = open_file("/proc/self/ns/mnt", O_RDONLY);
  check([&] { return ::setns(own.get(), CLONE_NEWNS); }, "enter", "the root of the mount namespace");
}

void make_all_mounts_private() {
  const unique_fd root = open_file("/", O_PATH | O_DIRECTORY);
  enter_root_of_mount_namespace();
  check([] { return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr); }, "make mounts private", "/");
  check([&] { return ::fchdir(root.get()); }, "enter", "/");
  check([] { return ::chroot("."); }, "enter", "/");
}

bool is_mount_point(const std::string& path) {
  struct ::statx status {};
  const int result = attempt(
      [&] { return ::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &status); });
  if (result == -ENOENT || result == -ENOTDIR) return false;
  if (result < 0) throw Error::from_errno("look at", path, -result);
  return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

void unmount(const std::string& path) {
  for (int layer = 0; layer < 64 && is_mount_point(path); ++layer) {
    check([&] { return ::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW); }, "unmount", path);
  }
}

}  // namespace tandem::linux_
