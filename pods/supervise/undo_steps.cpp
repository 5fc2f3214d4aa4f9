#include "pods/supervise/undo_steps.hpp"

#include "pods/linux/cgroup.hpp"

namespace tandem::supervise {

using state::UndoKind;
using state::UndoStep;

std::vector<UndoStep> undo_steps(const plan::Plan& plan, const state::Roots& roots) {
  std::vector<UndoStep> steps{{UndoKind::cgroup, linux_::pod_cgroup(plan), "", {}}, {UndoKind::namespaces, "", "", {}}};
  if (plan.network.mode == plan::NetworkMode::bridge) {
    steps.push_back({UndoKind::address, plan.uid, "", {}});
    steps.push_back({UndoKind::interface, plan.network.interface_host, roots.firewall_table(), {}});
    if (!plan.host_ports.empty()) steps.push_back({UndoKind::host_ports, plan.id, roots.firewall_table(), {}});
  }
  steps.push_back({UndoKind::shared_memory, "", "", {}});
  steps.push_back({UndoKind::pod_files, "", "", {}});
  for (const plan::Volume& volume : plan.volumes) steps.push_back({UndoKind::volume, volume.name, "", {}});
  for (const plan::Container& container : plan.containers) {
    steps.push_back({UndoKind::container_root, container.name, "", {}});
  }
  return steps;
}

}  // namespace tandem::supervise
