// Who may look at pods, and who may change one.
#pragma once

#include <string>
#include <vector>

#include "pods/client/notes.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/state/pod_lock.hpp"

namespace tandem::client {

// Throws Error{environment} with the remedy when this process can neither make nor see pods.
void require_root(const char* what);

// For whoever changes that pod, and no other at the same time; says when it must wait.
state::PodLock lock_pod(const state::Roots& roots, const std::string& name_space, const std::string& name,
                        const Notes& say);

// For whoever makes these: one lock for each name, in one order for everybody, so that two commands never wait for each
// other. Throws Error where there is no room for them.
std::vector<state::PodLock> lock_pods(const state::Roots& roots, const std::vector<manifest::Pod>& pods,
                                      const Notes& say);

}  // namespace tandem::client
