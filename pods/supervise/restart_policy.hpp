// Which end of a container is its last.
#pragma once

#include "pods/plan/plan.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::supervise {

// What holds for this container: sidecars always restart; an init container that has succeeded never does.
plan::RestartPolicy restart_policy(const plan::Container& container);
bool ended_for_good(const plan::Container& container, const state::ContainerRecord& record);
bool succeeded(const state::ContainerRecord& record);  // exited, with code 0

// starting or running: there may be a process
inline bool alive(const state::ContainerRecord& record) {
  return record.phase == state::ContainerPhase::starting || record.phase == state::ContainerPhase::running;
}

}  // namespace tandem::supervise
