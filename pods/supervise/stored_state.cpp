#include "pods/supervise/stored_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/state/state_file.hpp"
#include "pods/supervise/restored_state.hpp"

namespace tandem::supervise {
namespace {

// Its numbers in our own pid namespace and those below.
std::vector<pid_t> numbers_of(pid_t pid) {
  std::istringstream lines(read_file_if_exists("/proc/" + std::to_string(pid) + "/status").value_or(""));
  std::vector<pid_t> numbers;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream fields(line.substr(6));
    for (pid_t number; fields >> number;) numbers.push_back(number);
  }
  return numbers;
}

pid_t parent_of(pid_t pid) {
  const std::string stat = read_file_if_exists("/proc/" + std::to_string(pid) + "/stat").value_or("");
  const std::size_t name_end = stat.rfind(')');
  return name_end == stat.npos || name_end + 4 > stat.size() ? 0 : std::atoi(stat.c_str() + name_end + 4);
}

// The one that every other process of the container has come from, but for those of exec and probes: number 1 of its
// own pid namespace; without one, the oldest whose parent is outside.
std::optional<ProcessId> find_first_process(const plan::Plan& plan, const std::string& container) {
  const std::vector<pid_t> all =
      linux_::processes_in(linux_::find_cgroup_mounts(), linux_::container_cgroup(plan, container));
  std::optional<ProcessId> first;
  for (const pid_t pid : all) {
    if (plan.host_pid) {
      if (std::find(all.begin(), all.end(), parent_of(pid)) != all.end()) continue;
    } else if (const auto numbers = numbers_of(pid); numbers.size() < 2 || numbers.back() != 1) {
      continue;
    }
    const auto process = identify(pid);
    if (process && (!first || process->start_time < first->start_time)) first = process;
  }
  return first;
}

int newest_log(const state::PodPaths& paths, const std::string& container) {
  int newest = -1;
  for (const std::string& name : list_directory(paths.log(container, 0).parent_path()))
    newest = std::max(newest, std::atoi(name.c_str()));
  return newest;
}

state::ContainerRecord restore(const plan::Plan& plan, const state::PodPaths& paths, const std::string& status,
                               const std::string& container) {
  state::ContainerRecord record = container_record_from(status, container);
  record.attempt = std::max(record.attempt, newest_log(paths, container));
  if (const auto process = find_first_process(plan, container)) {
    record.phase = state::ContainerPhase::running;
    record.process = *process;
    record.attempt = std::max(record.attempt, 0);
    record.current.reset();
    if (record.started_at == state::Time{}) record.started_at = state::wall_clock();
  }
  return record;
}

std::string missing(const fs::path& path) { return "read " + path.string() + ": it is not there"; }

}  // namespace

StoredState read_stored_state(const plan::Plan& plan, const state::PodPaths& paths) {
  StoredState stored;
  const std::string status = state::read_damaged_as_empty(paths.status()).value_or("");
  const bool has_begun = !status.empty() || state::is_there(state::state_path(paths));
  std::optional<state::PodRecord> pod;
  try {
    pod = state::read_pod_record(paths);
    if (!pod && has_begun) stored.damage.push_back(missing(state::state_path(paths)));
  } catch (const Error& error) {
    stored.damage.push_back(error.what());
  }
  stored.state.pod = pod ? *pod : pod_record_from(status);
  for (const plan::Container& container : plan.containers) {
    std::optional<state::ContainerRecord> record;
    bool damaged = false;
    try {
      record = state::read_container_record(paths, container.name);
    } catch (const Error& error) {
      damaged = true;
      stored.damage.push_back(error.what());
    }
    if (!record && (has_begun || damaged)) {
      record = restore(plan, paths, status, container.name);
      // Without a trace of it the container had not been started: the last supervisor died before its first record.
      if (!damaged && record->attempt >= 0) stored.damage.push_back(missing(state::record_path(paths, container.name)));
    }
    stored.state.containers.push_back(record.value_or(state::ContainerRecord{}));
  }
  return stored;
}

}  // namespace tandem::supervise
