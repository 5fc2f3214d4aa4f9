// Pods that have lost keeper and supervisor both: what their last status says is true no more.
#pragma once

#include <string>
#include <vector>

#include "pods/client/notes.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

// Before a command looks at pods: starts a keeper for each that has none, and waits until its supervisor answers. Says
// so, and also when it cannot. A supervisor whose status on disk is damaged writes it again. Throws
// Error{environment} without root: who may not read what belongs to root must not be told that there is nothing.
void revive_pods(const state::Roots& roots, const Notes& say);

// Which damaged file keeps a supervisor from taking care of the pod; empty: none does.
std::string unsupervised_by(const state::PodPaths& paths);

// Which files of the pod are damaged, one text each.
std::vector<std::string> damage_of_pod(const state::Roots& roots, const std::string& name_space,
                                       const std::string& name);

}  // namespace tandem::client
