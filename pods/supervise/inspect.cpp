// What a pod is like, from its files.
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/stop_signal.hpp"

namespace tandem::supervise {

std::optional<std::string> read_pod_status(const state::PodPaths& paths) { return read_file_if_exists(paths.status()); }

std::string pod_phase(const state::PodPaths& paths) {
  if (!fs::exists(paths.run)) return "";
  const auto json = parse_json(read_pod_status(paths).value_or(""));
  const nlohmann::json::json_pointer place("/status/phase");
  std::string phase = "Pending";
  if (!json.is_discarded() && json.contains(place) && json[place].is_string()) phase = json[place].get<std::string>();
  const bool ended = phase == "Succeeded" || phase == "Failed";
  return ended || is_supervised(paths) ? phase : "Unknown";
}

bool lacks_guardians(const state::PodPaths& paths) {
  return fs::exists(paths.status()) && pod_phase(paths) == "Unknown";
}

std::vector<std::pair<std::string, pid_t>> processes_of(const state::PodPaths& paths, const plan::Plan& plan) {
  std::vector<std::pair<std::string, pid_t>> processes;
  if (const pid_t keeper = read_lock_owner(paths.keeper_lock())) processes.emplace_back("keeper", keeper);
  if (const pid_t supervisor = read_lock_owner(paths.supervisor_lock())) {
    processes.emplace_back("supervisor", supervisor);
  }
  for (const plan::Container& container : plan.containers) {
    const auto record = state::read_container_record(paths, container.name);
    if (!record || record->phase != state::ContainerPhase::running || !open_pidfd(record->process)) continue;
    processes.emplace_back(container.name, record->process.pid);
  }
  return processes;
}

std::vector<std::pair<std::string, std::string>> deaf_containers(const state::PodPaths& paths, const plan::Plan& plan) {
  std::vector<std::pair<std::string, std::string>> deaf;
  for (const plan::Container& container : plan.containers) {
    const auto record = state::read_container_record(paths, container.name);
    if (!record || record->phase != state::ContainerPhase::running || !container.pre_stop.empty()) continue;
    const auto status = read_file_if_exists("/proc/" + std::to_string(record->process.pid) + "/status");
    if (status && ignores_as_first_process(*status, signal_number(container.stop_signal)))
      deaf.emplace_back(container.name, container.stop_signal);
  }
  return deaf;
}

}  // namespace tandem::supervise
