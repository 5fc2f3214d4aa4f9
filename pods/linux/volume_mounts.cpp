// The Plan's mounts inside a container's root.
#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/container_root.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/paths_in_root.hpp"
#include "pods/linux/sandbox.hpp"

namespace tandem::linux_ {
namespace {

const plan::Volume& volume_of(const plan::Plan& plan, const plan::Mount& mount) {
  const auto volume = std::find_if(plan.volumes.begin(), plan.volumes.end(),
                                   [&](const plan::Volume& each) { return each.name == mount.source; });
  if (volume != plan.volumes.end()) return *volume;
  throw Error(Fault::bug, "mount volume", mount.source, "the plan has no such volume");
}

unique_fd open_source(const plan::Plan& plan, const plan::Mount& mount, const state::PodPaths& paths) {
  if (mount.kind == plan::MountKind::file) return open_file(paths.etc() / mount.source, O_PATH);
  unique_fd directory = open_file(volume_directory(volume_of(plan, mount), paths), O_PATH);
  if (mount.sub_path.empty()) return directory;
  return open_beneath(directory.get(), mount.sub_path);
}

// Device nodes work only where the machine's owner put them: in a hostPath.
std::uint64_t attributes_of(const plan::Plan& plan, const plan::Mount& mount) {
  const bool of_host =
      mount.kind == plan::MountKind::volume && volume_of(plan, mount).kind == plan::VolumeKind::host_path;
  return (mount.read_only ? MOUNT_ATTR_RDONLY : 0u) | (of_host ? 0u : MOUNT_ATTR_NODEV);
}

void bind(int root, const unique_fd& source, const std::string& target, std::uint64_t attributes) {
  const Missing missing = is_directory(source.get()) ? Missing::create_directory : Missing::create_file;
  const unique_fd place = open_in_root(root, target, missing);
  if (is_directory(place.get()) != is_directory(source.get())) {
    throw Error(Fault::input, "mount at", target,
                is_directory(place.get()) ? "a file cannot be mounted on a directory"
                                          : "a directory cannot be mounted on a file",
                "mountPath and subPath must both name a file, or both a directory");
  }
  const unique_fd copy = clone_mount(source.get(), target);
  if (attributes) add_attributes(copy.get(), attributes, true, target);
  attach_mount(copy.get(), place.get(), target);
}

}  // namespace

std::vector<plan::Mount> in_mount_order(std::vector<plan::Mount> mounts) {
  const auto depth = [](const plan::Mount& mount) {
    const fs::path normal = fs::path(mount.target).lexically_normal();
    return std::count_if(normal.begin(), normal.end(),
                         [](const fs::path& part) { return !part.empty() && part != "/"; });
  };
  std::stable_sort(mounts.begin(), mounts.end(),
                   [&](const plan::Mount& a, const plan::Mount& b) { return depth(a) < depth(b); });
  return mounts;
}

void mount_volumes(int root, const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths) {
  for (const plan::Mount& mount : in_mount_order(container.mounts)) {
    bind(root, open_source(plan, mount, paths), mount.target, attributes_of(plan, mount));
  }
  if (container.termination_message_path.empty()) return;
  const unique_fd log = open_file(termination_log(paths, container.name), O_PATH);
  bind(root, log, container.termination_message_path, MOUNT_ATTR_NODEV);
}

}  // namespace tandem::linux_
