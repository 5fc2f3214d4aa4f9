// A pod on disk, found by name: its paths, its Plan, its containers.
#pragma once

#include <string>
#include <vector>

#include "core/os/process.hpp"
#include "pods/client/notes.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

struct RunningPod {
  std::string name, name_space;
  state::PodPaths paths;
  plan::Plan plan;
};

// The id of a pod's directories; empty when there is no such pod. Throws Error{environment} when it cannot be told.
std::string find_pod_id(const state::Roots& roots, const std::string& name_space, const std::string& name);

// "NAME", "pod/NAME" or "pods/NAME". Throws NotFound when there is none, naming those there are.
RunningPod find_running_pod(const state::Roots& roots, const std::string& name_space, const std::string& name);

// The container of that name; empty: the annotation kubectl.kubernetes.io/default-container, or the first main one
// (which is said when there are others). Throws NotFound that lists the pod's containers.
const plan::Container& choose_container(const RunningPod& pod, const std::string& name, const Notes& say);

// Its first process. Throws Error{environment} when it does not run.
ProcessId running_process(const RunningPod& pod, const plan::Container& container);

}  // namespace tandem::client
