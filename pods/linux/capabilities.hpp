// Capabilities (capabilities(7)) by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tandem::linux_ {

// One bit per capability, as in /proc/PID/status.
using CapabilitySet = std::uint64_t;

// Names as "CAP_NET_RAW", case-insensitive. Throws Error{input} for a name that this kernel and library do not know.
CapabilitySet parse_capabilities(const std::vector<std::string>& names);

// What a container gets when its manifest adds and drops nothing: the well-known runtimes' list without CAP_MKNOD
// and CAP_NET_RAW (pods/plan/plan_security.cpp, the same list).
const std::vector<std::string>& default_capabilities();

CapabilitySet permitted_capabilities();  // of this process

// Leaves only `kept` in the bounding set; needs CAP_SETPCAP, and takes effect at the next execve.
void limit_bounding_set(CapabilitySet kept);

// permitted = effective = `kept` (as far as this process has them), inheritable = ambient = none.
void set_capabilities(CapabilitySet kept);

}  // namespace tandem::linux_
