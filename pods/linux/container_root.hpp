// A container's view of the filesystem, put together in its own mount namespace before pivot_root.
#pragma once

#include <string>
#include <vector>

#include "pods/linux/cgroup.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::linux_ {

// Everything below, in order; afterwards "/" is the container's root and nothing of the host's tree is left. The caller
// is in new mount, pid and cgroup namespaces and in the pod's others.
void enter_container_root(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                          const CgroupMounts& cgroups);

// The parts; `root` is the root's descriptor.
// /proc, /sys (read-only unless privileged) with the container's cgroup below /sys/fs/cgroup.
void mount_kernel_filesystems(int root, const plan::Plan& plan, const plan::Container& container,
                              const CgroupMounts& cgroups);
// /dev: a tmpfs with the standard nodes and links, devpts, the pod's /dev/shm and mqueue.
void mount_devices(int root, const plan::Plan& plan, const state::PodPaths& paths);
// The Plan's mounts, outer targets before inner ones, and the termination log.
void mount_volumes(int root, const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths);
// Masked: a file is covered by /dev/null, a directory by an empty read-only tmpfs. Absent paths are fine.
void mask_path(int root, const std::string& path);
void make_read_only(int root, const std::string& path);

// The Plan's mounts in the order they are made.
std::vector<plan::Mount> in_mount_order(std::vector<plan::Mount> mounts);

}  // namespace tandem::linux_
