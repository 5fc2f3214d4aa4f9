// The mount system calls of Linux 5.12 and newer: a mount is a descriptor first, gets its attributes, and is attached
// last. Every function throws Error naming `object`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::linux_ {

// A copy of the mounts below what `source` (any descriptor, O_PATH too) refers to; not attached anywhere yet.
unique_fd clone_mount(int source, const std::string& object, bool with_submounts = true);

// A new filesystem ("tmpfs", "proc") with its options (an empty value is a flag) and MOUNT_ATTR_* attributes.
unique_fd new_mount(const char* type, const std::vector<std::pair<std::string, std::string>>& options,
                    std::uint64_t attributes, const std::string& object);

// Adds attributes (MOUNT_ATTR_RDONLY, ...) to a mount, and to those below it when `recursive`.
void add_attributes(int mount, std::uint64_t attributes, bool recursive, const std::string& object);

// Puts a detached mount on what `target` refers to.
void attach_mount(int mount, int target, const std::string& object);

// Leaves a chroot: "/" is the mount that all others of this mount namespace lie below (setns(2) does this).
void enter_root_of_mount_namespace();

// Nothing that is mounted or unmounted in this mount namespace is seen elsewhere, nor the other way round; also what
// lies outside of the directory that we are chrooted into.
void make_all_mounts_private();

bool is_mount_point(const std::string& path);  // false when there is no such path

// Unmounts everything that lies on `path`; an absent path, or one that is no mount point, is fine.
void unmount(const std::string& path);

}  // namespace tandem::linux_
