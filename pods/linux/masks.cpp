// Paths of /proc and /sys that tell or change too much.
#include <fcntl.h>
#include <sys/mount.h>

#include <optional>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/container_root.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/paths_in_root.hpp"

namespace tandem::linux_ {
namespace {

std::optional<unique_fd> open_if_there(int root, const std::string& path) {
  try {
    return open_in_root(root, path);
  } catch (const Error& error) {
    if (error.error_number() == ENOENT || error.error_number() == ENOTDIR) return std::nullopt;
    throw;
  }
}

}  // namespace

void mask_path(int root, const std::string& path) {
  const std::optional<unique_fd> target = open_if_there(root, path);
  if (!target) return;
  if (is_directory(target->get())) {
    const unique_fd empty = new_mount("tmpfs", {{"mode", "0755"}}, MOUNT_ATTR_RDONLY, path);
    return attach_mount(empty.get(), target->get(), path);
  }
  const unique_fd null = open_in_root(root, "/dev/null");
  attach_mount(clone_mount(null.get(), path, false).get(), target->get(), path);
}

void make_read_only(int root, const std::string& path) {
  const std::optional<unique_fd> target = open_if_there(root, path);
  if (!target) return;
  const unique_fd copy = clone_mount(target->get(), path);
  add_attributes(copy.get(), MOUNT_ATTR_RDONLY, true, path);
  attach_mount(copy.get(), target->get(), path);
}

}  // namespace tandem::linux_
