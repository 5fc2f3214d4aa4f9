// Undoing what was done for a pod, from its record on disk. Failed creation, the end of a pod, delete and gc all run
// this. Idempotent: it may be cut off anywhere and run again. Nothing here needs the Plan or a living keeper.
#pragma once

#include <string>
#include <vector>

#include "pods/state/layout.hpp"
#include "pods/state/undo_record.hpp"

namespace tandem::state {

// Kills the containers' processes that are left, then undoes the record's steps, the last first. `keep_directories`
// leaves UndoKind::directory steps for later (a pod that has ended, and whose logs are still wanted).
// The caller must be in the host's namespaces. Returns what could not be undone, one text each; empty: all of it, and
// the record is gone (unless directories were kept).
std::vector<std::string> run_undo(const Roots& roots, const PodPaths& paths, bool keep_directories = false);

// Moves the processes out of the pod's cgroup, so that it can be removed while they live (supervisor and keeper, at the
// end of the pod).
void leave_pod_cgroup(const std::vector<pid_t>& processes);

// Every mount point below `directory`, the deepest first. remove_tree on a directory with mounts would destroy what is
// mounted there.
std::vector<std::string> mounts_below(const fs::path& directory, const std::string& mountinfo = "/proc/self/mountinfo");
void unmount_below(const fs::path& directory);  // throws Error when one stays

// roots.json: the Roots a pod was launched with.
std::string to_json(const Roots& roots);
Roots parse_roots(std::string_view json);
Roots read_roots(const fs::path& pod_run_directory);

}  // namespace tandem::state
