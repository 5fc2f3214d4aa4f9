#include "pods/supervise/restart_policy.hpp"

namespace tandem::supervise {

plan::RestartPolicy restart_policy(const plan::Container& container) {
  switch (container.kind) {
    case plan::ContainerKind::sidecar:
      return plan::RestartPolicy::always;
    case plan::ContainerKind::init:
      return container.restart == plan::RestartPolicy::always ? plan::RestartPolicy::on_failure : container.restart;
    case plan::ContainerKind::main:
      break;
  }
  return container.restart;
}

bool succeeded(const state::ContainerRecord& record) {
  return record.phase == state::ContainerPhase::exited && record.current && record.current->status.shell_code() == 0;
}

bool ended_for_good(const plan::Container& container, const state::ContainerRecord& record) {
  if (record.phase != state::ContainerPhase::exited) return false;
  switch (restart_policy(container)) {
    case plan::RestartPolicy::always:
      return false;
    case plan::RestartPolicy::on_failure:
      return succeeded(record);
    case plan::RestartPolicy::never:
      break;
  }
  return true;
}

}  // namespace tandem::supervise
