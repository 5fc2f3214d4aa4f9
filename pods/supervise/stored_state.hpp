// A pod's state as it lies on disk, and where that is damaged, as it can be known otherwise.
#pragma once

#include <string>
#include <vector>

#include "pods/plan/plan.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::supervise {

struct StoredState {
  state::PodState state;            // all containers of the Plan
  std::vector<std::string> damage;  // a text for each file that was damaged or missing, which names it
};

// state.json and each record.json. In the place of one that is damaged, or missing while the pod has begun: what
// status.json says, and the process that is found in the container's cgroup.
StoredState read_stored_state(const plan::Plan& plan, const state::PodPaths& paths);

}  // namespace tandem::supervise
