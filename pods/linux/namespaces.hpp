// The pod's namespaces as files (sandbox.hpp makes and removes them).
#pragma once

#include <string>

#include "pods/state/layout.hpp"

namespace tandem::linux_ {

// Moves the calling process into the pod's net, ipc and uts namespaces.
void enter_pod_namespaces(const state::PodPaths& paths);

// "net.core.somaxconn" -> "/proc/sys/net/core/somaxconn"; a slash in a name stands for a dot (sysctl(8)).
// Throws Error{input} for a name that would leave /proc/sys.
std::string sysctl_file(const std::string& name);

}  // namespace tandem::linux_
