// The last steps before execve: who the process is and what it may do, from the Plan's identity and security.
#pragma once

#include "pods/linux/seccomp.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

// Groups, gid, uid, capabilities (bounding set too), no_new_privs, seccomp filter (null: none), umask 0022.
// Irreversible. A uid other than 0 ends with no capability at all, as under every runtime (ambient ones are not set).
void take_identity(const plan::Identity& identity, const plan::Security& security, const SeccompFilter* filter);

}  // namespace tandem::linux_
