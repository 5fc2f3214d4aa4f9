// What a pod is like, from its files.
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/state/roots_file.hpp"
#include "pods/state/state_file.hpp"
#include "pods/state/undo_record.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/stop_signal.hpp"

namespace tandem::supervise {

std::optional<std::string> read_pod_status(const state::PodPaths& paths) {
  return state::read_damaged_as_empty(paths.status());
}

namespace {

// Empty: it says none.
std::string written_phase(const state::PodPaths& paths) {
  const auto json = parse_json(read_pod_status(paths).value_or(""));
  const nlohmann::json::json_pointer place("/status/phase");
  return json.is_object() && json.contains(place) && json[place].is_string() ? json[place].get<std::string>() : "";
}

}  // namespace

bool has_status(const state::PodPaths& paths) { return !written_phase(paths).empty(); }

bool has_ended(const state::PodPaths& paths) {
  const std::string phase = written_phase(paths);
  return phase == "Succeeded" || phase == "Failed";
}

std::string pod_phase(const state::PodPaths& paths) {
  if (!fs::exists(paths.run)) return "";
  std::string phase = written_phase(paths);
  if (phase.empty()) phase = "Pending";
  return has_ended(paths) || is_supervised(paths) ? phase : "Unknown";
}

bool lacks_guardians(const state::PodPaths& paths) {
  return (state::is_there(paths.status()) || state::is_there(state::state_path(paths))) &&
         pod_phase(paths) == "Unknown";
}

namespace {

template <class Read>
void look_at(std::vector<std::string>& damage, Read read) {
  try {
    read();
  } catch (const Error& error) {
    damage.push_back(error.what());
  }
}

std::string missing_file(const fs::path& path) { return "read " + path.string() + ": it is not there"; }

}  // namespace

std::string plan_damage(const state::PodPaths& paths) {
  std::vector<std::string> damage;
  look_at(damage, [&] { plan::read_pod_plan(paths); });
  return damage.empty() ? "" : damage.front();
}

std::vector<std::string> damage_of(const state::PodPaths& paths) {
  std::vector<std::string> damage;
  look_at(damage, [&] { plan::read_pod_plan(paths); });
  look_at(damage, [&] {
    if (!state::read_pod_record(paths) && state::is_there(paths.status()))
      damage.push_back(missing_file(state::state_path(paths)));
  });
  for (const std::string& container : list_directory(paths.run / "containers"))
    look_at(damage, [&] {
      if (!state::read_container_record(paths, container) && state::is_there(paths.status()))
        damage.push_back(missing_file(state::record_path(paths, container)));
    });
  look_at(damage, [&] {
    try {
      state::parse_roots(read_file(paths.roots()));
    } catch (const Error& error) {
      throw state::damaged_file(paths.roots(), error);
    }
  });
  if (!state::is_there(paths.undo())) damage.push_back(missing_file(paths.undo()));
  for (const std::string& line : state::read_undo(paths).damage)
    damage.push_back("read " + paths.undo().string() + ": " + line);
  return damage;
}

std::vector<std::pair<std::string, pid_t>> processes_of(const state::PodPaths& paths, const plan::Plan& plan) {
  std::vector<std::pair<std::string, pid_t>> processes;
  if (const pid_t keeper = read_lock_owner(paths.keeper_lock())) processes.emplace_back("keeper", keeper);
  if (const pid_t supervisor = read_lock_owner(paths.supervisor_lock())) {
    processes.emplace_back("supervisor", supervisor);
  }
  for (const plan::Container& container : plan.containers) {
    std::vector<std::string> ignored;
    std::optional<state::ContainerRecord> record;
    look_at(ignored, [&] { record = state::read_container_record(paths, container.name); });
    if (!record || record->phase != state::ContainerPhase::running || !open_pidfd(record->process)) continue;
    processes.emplace_back(container.name, record->process.pid);
  }
  return processes;
}

std::vector<std::pair<std::string, std::string>> deaf_containers(const state::PodPaths& paths, const plan::Plan& plan) {
  std::vector<std::pair<std::string, std::string>> deaf;
  for (const plan::Container& container : plan.containers) {
    std::vector<std::string> ignored;
    std::optional<state::ContainerRecord> record;
    look_at(ignored, [&] { record = state::read_container_record(paths, container.name); });
    if (!record || record->phase != state::ContainerPhase::running || !container.pre_stop.empty()) continue;
    const auto status = read_file_if_exists("/proc/" + std::to_string(record->process.pid) + "/status");
    if (status && ignores_as_first_process(*status, signal_number(container.stop_signal)))
      deaf.emplace_back(container.name, container.stop_signal);
  }
  return deaf;
}

}  // namespace tandem::supervise
