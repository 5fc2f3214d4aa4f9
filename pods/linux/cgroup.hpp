// Control groups, v2 first and v1 too. Functions take the mount points as values, so that tests point them at a folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/os/process.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

// Which hierarchies there are.
struct CgroupMounts {
  bool unified = false;  // v2 with controllers: `v2` is used for everything
  std::string v2;        // mount point of cgroup2, may be empty (hybrid: present, without controllers)
  std::vector<std::pair<std::string, std::string>>
      v1;  // controller -> mount point ("memory" -> "/sys/fs/cgroup/memory")
};
CgroupMounts find_cgroup_mounts(const std::string& mountinfo = "/proc/self/mountinfo");

// `path` is relative to each hierarchy's root: "tandem/1a2b3c4d5e6f/pod/web". Creating is idempotent, parents included.
void create_cgroup(const CgroupMounts& mounts, const std::string& path);
void apply_resources(const CgroupMounts& mounts, const std::string& path, const plan::Resources& resources);
void join_cgroup(const CgroupMounts& mounts, const std::string& path, pid_t pid);
// The calling process, which has one thread only. On v1 the kernel moves a thread that asks for itself at once; any
// other move waits for an RCU grace period, some 10 ms.
void enter_cgroup(const CgroupMounts& mounts, const std::string& path);
std::vector<pid_t> processes_in(const CgroupMounts& mounts, const std::string& path);  // with descendants
bool kill_cgroup(const CgroupMounts& mounts,
                 const std::string& path);  // SIGKILL to all, until none is left; false: some are left
// SIGKILL to all, once, without waiting for their ends. Frozen ones die, too: what is frozen in the cgroup itself or
// below is thawed for it; what is frozen from above dies alone, and nobody else is thawed.
void kill_once(const CgroupMounts& mounts, const std::string& path);
void remove_cgroup(const CgroupMounts& mounts, const std::string& path);  // with descendants; absent is fine
bool oom_killed(const CgroupMounts& mounts, const std::string& path);     // has the kernel killed in it for memory?

// The freezer (freezer.cpp). What is frozen stands still; SIGTERM waits, and on v1 SIGKILL, too.

// Stops every process in it, or lets them go on; returns when the kernel says so, false when it has not within 5
// seconds, or at once when it is frozen from above and was to be thawed.
bool freeze_cgroup(const CgroupMounts& mounts, const std::string& path, bool frozen);
// Is it frozen, itself or from above? Then what a person types to thaw it; nullopt: it is not.
std::optional<std::string> thaw_command(const CgroupMounts& mounts, const std::string& path);
// Throws Error{environment} with that command when it is frozen.
void require_thawed(const CgroupMounts& mounts, const std::string& path, const char* tried, const std::string& object);
void thaw_cgroup(const CgroupMounts& mounts, const std::string& path);  // itself and all below; nothing above
// For one that has its SIGKILL and does not die: on v1 it is moved to the freezer's root, and dies there.
void release_killed(const CgroupMounts& mounts, pid_t pid);

// An open directory for clone_process's CLONE_INTO_CGROUP: v2 only, else an empty descriptor.
unique_fd open_cgroup(const CgroupMounts& mounts, const std::string& path);
// Where the cgroup lies in each hierarchy that we use: v2's one, or v1's cpu, memory, pids, freezer (each mount once).
std::vector<std::string> cgroup_directories(const CgroupMounts& mounts, const std::string& path);

// One control file and what to write. Not required: the kernel may lack it (swap accounting), and that is fine.
struct CgroupSetting {
  std::string controller, file, value;
  bool required = true;
};
// As kubelet maps requests and limits: shares from the request, quota per 100 ms from the limit.
std::vector<CgroupSetting> settings_v1(const plan::Resources& resources);
std::vector<CgroupSetting> settings_v2(const plan::Resources& resources);
// A pod's own: requests are what its containers need at once (init containers before main ones); a limit only when
// every container has one (kubelet's ResourceConfigForPod).
plan::Resources pod_resources(const plan::Plan& plan);

// The parts of a pod's cgroup.
std::string pod_cgroup(const plan::Plan& plan);                                      // PARENT/ID
std::string supervisor_cgroup(const std::string& pod);                               // PARENT/ID/supervisor
std::string container_cgroup(const plan::Plan& plan, const std::string& container);  // PARENT/ID/pod/NAME

}  // namespace tandem::linux_
