// The session of a command that was executed in a container: the command, which leads it, and those of its children
// that have made none of their own (setsid(2)).
#pragma once

#include <string>

#include "core/os/process.hpp"
#include "pods/linux/cgroup.hpp"

namespace tandem::linux_ {

// Sends `signal` to each process in `cgroup` that is in the session of `leader`, who may have ended. False: none is
// left.
bool signal_session(const CgroupMounts& mounts, const std::string& cgroup, const ProcessId& leader, int signal);

// What ends by itself within a second is let be; then SIGTERM, and five seconds later SIGKILL, until none is left.
void end_session(const CgroupMounts& mounts, const std::string& cgroup, const ProcessId& leader);

}  // namespace tandem::linux_
