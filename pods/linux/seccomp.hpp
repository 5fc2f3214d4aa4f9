// The default system call filter: what programs need is allowed, what the kernel offers beyond that is EPERM, and what
// is newer than the profile is ENOSYS, so that libcs fall back to the older call.
#pragma once

#include <linux/filter.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pods/linux/capabilities.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::linux_ {

using SeccompFilter = std::vector<sock_filter>;  // classic BPF, as seccomp(2) takes it

// Compiles the profile for this machine's architectures; `kept` opens the calls that a capability guards anyway.
SeccompFilter compile_default_filter(CapabilitySet kept);

// The same from a cache file in `directory` (made when absent), compiled and written there the first time. A damaged
// file is compiled anew. Names carry a fingerprint of the profile, so that stale files are never read.
SeccompFilter cached_default_filter(const std::filesystem::path& directory, CapabilitySet kept);

// What a container's security asks for: nullopt when it is unconfined or privileged. The cache is RUN/seccomp.
std::optional<SeccompFilter> filter_for(const plan::Security& security, const state::PodPaths& paths);

// For this thread, for good.
void load_filter(const SeccompFilter& filter);

// The table (seccomp_table.cpp). Names are the kernel's; libseccomp knows each architecture's numbers.
struct GuardedCalls {
  CapabilitySet capability;  // any of these
  std::vector<const char*> names;
};
const std::vector<const char*>& allowed_calls();
const std::vector<GuardedCalls>& guarded_calls();  // allowed with the capability, else EPERM

}  // namespace tandem::linux_
