#include "pods/supervise/recovery.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/sandbox.hpp"
#include "pods/network/network.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/state/state_file.hpp"
#include "pods/state/undo_record.hpp"

namespace tandem::supervise {

namespace {

using state::PodPaths;
using state::Roots;
using state::UndoKind;
using state::UndoStep;

void unmount(const std::string& path) {
  const int result = attempt([&] { return ::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW); });
  if (result < 0 && result != -EINVAL && result != -ENOENT) throw Error::from_errno("unmount", path, -result);
}

void kill_process(const ProcessId& process) {
  if (const auto pidfd = open_pidfd(process)) send_signal(pidfd->get(), SIGKILL);
}

void undo_step(const UndoStep& step, const Roots& roots, const PodPaths& paths) {
  switch (step.kind) {
    case UndoKind::mount:
      return unmount(step.object);
    case UndoKind::cgroup:
      if (linux_::remove_pod_cgroups(linux_::find_cgroup_mounts(), step.object)) return;
      throw Error(Fault::environment, "remove cgroup", step.object, "processes are still in it");
    case UndoKind::namespaces:
      return linux_::remove_namespaces(paths);
    case UndoKind::interface: {
      plan::Network network;
      network.interface_host = step.object;
      network.bridge = roots.bridge();
      return network::remove_pod_network(network, step.detail);
    }
    case UndoKind::address:
      return network::release_address(roots, step.object);
    case UndoKind::host_ports:
      return network::unpublish_host_ports(step.object, step.detail);
    case UndoKind::shared_memory:
      return linux_::remove_shared_memory(paths);
    case UndoKind::pod_files:
      return linux_::remove_pod_files(paths);
    case UndoKind::volume:
      return linux_::remove_volume(paths, step.object);
    case UndoKind::container_root:
      return linux_::remove_container_root(paths, step.object);
    case UndoKind::directory:
      unmount_below(step.object);
      return remove_tree(step.object);
    case UndoKind::process:
      return kill_process(step.process);
  }
}

// Nothing is taken away from under a process that runs.
void kill_all(const std::vector<UndoStep>& steps, std::vector<std::string>& failures) {
  for (const UndoStep& step : steps) {
    try {
      if (step.kind == UndoKind::process) kill_process(step.process);
      if (step.kind != UndoKind::cgroup) continue;
      const std::string containers = step.object + "/pod";
      if (!linux_::kill_cgroup(linux_::find_cgroup_mounts(), containers)) {
        failures.push_back("kill the processes in cgroup " + containers + ": some are left");
      }
    } catch (const Error& error) {
      failures.push_back(error.what());
    }
  }
}

// mountinfo writes space, tab, newline and backslash as three octal digits.
std::string unescape(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      result += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

// What a pod of this id has made, or may have.
std::vector<UndoStep> steps_of_id(const Roots& roots, const PodPaths& paths) {
  const std::string id = paths.run.filename();
  std::vector<UndoStep> steps{{UndoKind::cgroup, roots.cgroup_parent() + "/" + id, "", {}},
                              {UndoKind::namespaces, "", "", {}},
                              {UndoKind::address, id, "", {}},
                              {UndoKind::interface, plan::interface_of(id), roots.firewall_table(), {}},
                              {UndoKind::host_ports, id, roots.firewall_table(), {}},
                              {UndoKind::shared_memory, "", "", {}},
                              {UndoKind::pod_files, "", "", {}}};
  for (const bool in_memory : {true, false})
    for (const std::string& name : list_directory(paths.volume("x", in_memory).parent_path()))
      steps.push_back({UndoKind::volume, name, "", {}});
  for (const std::string& name : list_directory(paths.container_lib("x").parent_path()))
    steps.push_back({UndoKind::container_root, name, "", {}});
  return steps;
}

// A launch writes the containers' roots last: a record without any has been cut off, or is not there.
bool is_whole(const state::UndoSteps& record) {
  return record.damage.empty() && std::any_of(record.steps.begin(), record.steps.end(), [](const UndoStep& step) {
           return step.kind == UndoKind::container_root;
         });
}

bool is_cleaned(const PodPaths& paths) {
  try {
    const auto pod = state::read_pod_record(paths);
    return pod && pod->cleaned;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

Undone run_undo(const Roots& roots, const PodPaths& paths, Spared spared) {
  state::UndoSteps record = state::read_undo(paths);
  const bool has_record = !record.steps.empty() || !record.damage.empty();
  std::vector<UndoStep>& steps = record.steps;
  if (!is_whole(record) && !is_cleaned(paths)) {
    for (UndoStep& step : steps_of_id(roots, paths))
      if (std::find(steps.begin(), steps.end(), step) == steps.end()) steps.push_back(std::move(step));
  }
  Undone undone;
  for (const std::string& line : record.damage) undone.unknown.push_back(paths.undo().string() + ": " + line);
  std::vector<std::string>& failures = undone.failures;
  kill_all(steps, failures);
  std::vector<UndoStep> kept;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (spared.guardians && (step->kind == UndoKind::directory || step->kind == UndoKind::cgroup)) {
      kept.insert(kept.begin(), *step);
      continue;
    }
    if (spared.link && step->kind == UndoKind::interface) continue;
    try {
      undo_step(*step, roots, paths);
    } catch (const Error& error) {
      failures.push_back(error.what());
    }
  }
  if (failures.empty() && (has_record || !kept.empty())) {
    std::string left;
    for (const UndoStep& step : kept) left += state::to_json_line(step);
    state::write_state_file(paths.undo(), left);
  }
  return undone;
}

std::vector<std::string> mounts_below(const fs::path& directory, const std::string& mountinfo) {
  std::vector<std::string> found;
  const std::string text = read_file(mountinfo);
  const std::string prefix = directory.lexically_normal().string() + "/";
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::size_t field = at;
    for (int i = 0; i < 4 && field < end; ++i) field = text.find(' ', field) + 1;
    const std::string path = unescape(text.substr(field, text.find(' ', field) - field));
    if (path.compare(0, prefix.size(), prefix) == 0) found.push_back(path);
    at = end + 1;
  }
  std::reverse(found.begin(), found.end());  // mountinfo lists a mount before those on it
  return found;
}

void unmount_below(const fs::path& directory) {
  for (const std::string& path : mounts_below(directory)) unmount(path);
  if (const auto left = mounts_below(directory); !left.empty()) {
    throw Error(Fault::environment, "unmount", left.front(), "it is still mounted");
  }
}

}  // namespace tandem::supervise
