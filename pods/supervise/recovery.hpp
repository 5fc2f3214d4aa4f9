// Undoing what was done for a pod, from its record on disk. Failed creation, the end of a pod, delete and gc all run
// this. Idempotent: it may be cut off anywhere and run again. Nothing here needs the Plan or a living keeper.
#pragma once

#include <string>
#include <vector>

#include "pods/state/layout.hpp"

namespace tandem::supervise {

// Kills the containers' processes that are left, then undoes the record's steps, the last first. A record that is
// damaged, missing or cut off is made up for by what the pod's id tells: its cgroups, namespaces, interface, address,
// host ports, and what lies in its directories. The caller must be in the host's namespaces.
struct Spared {
  bool guardians = false;  // of a pod that has ended, and whose logs are still wanted, by its supervisor: what it and
                           // its keeper stand on stays for later, directories and cgroups
  bool link = false;       // left to the end of its network namespace, and to network::remove_unused
};
struct Undone {
  std::vector<std::string> failures;  // what could not be undone, one text each; empty: all of it, and the record is
                                      // gone (unless something was kept)
  std::vector<std::string> unknown;   // damaged lines of the record, which may have named something else besides
};
Undone run_undo(const state::Roots& roots, const state::PodPaths& paths, Spared spared = {});

// Every mount point below `directory`, the deepest first. remove_tree on a directory with mounts would destroy what is
// mounted there.
std::vector<std::string> mounts_below(const state::fs::path& directory,
                                      const std::string& mountinfo = "/proc/self/mountinfo");
void unmount_below(const state::fs::path& directory);  // throws Error when one stays

}  // namespace tandem::supervise
