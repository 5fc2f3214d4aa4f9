// What a pod has come to: the supervisor's memory, and all that a new supervisor needs to go on where the last one
// died.
//   state.json                      PodRecord
//   containers/NAME/record.json     ContainerRecord
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/error.hpp"
#include "core/os/process.hpp"
#include "pods/state/layout.hpp"
#include "pods/state/time.hpp"

namespace tandem::state {

enum class ContainerPhase { waiting, starting, running, exited };

// How one run of a container ended.
struct Termination {
  ExitStatus status;
  std::string reason;   // Completed, Error, OOMKilled, StartError, ContainerStatusUnknown
  std::string message;  // of the termination log, or why it did not start
  Time started_at{}, finished_at{};
  int attempt = 0;
  bool operator==(const Termination&) const = default;
};

struct ContainerRecord {
  ContainerPhase phase = ContainerPhase::waiting;
  int attempt = -1;   // of the last start: 0 is the first; restartCount and the log file's number
  ProcessId process;  // of the last start
  Time started_at{};
  bool started = false;  // runs, its postStart hook is done and its startup probe has passed
  bool ready = false;
  bool ever_started = false;                    // `started` has been true in some attempt
  bool post_start_done = false;                 // of this attempt
  std::string waiting_reason, waiting_message;  // why it does not run: ContainerCreating, CrashLoopBackOff, ...
  std::optional<Termination> current;           // when exited
  std::optional<Termination> last;              // of the attempt before this one
  std::chrono::milliseconds backoff_delay{0};   // of kubelet's back-off; zero: none yet
  Time backoff_updated{};
  Time kill_deadline{};  // set: it was told to stop, and SIGKILL follows then
  bool operator==(const ContainerRecord&) const = default;
};

enum class StopCause { none, requested, completed, deadline };

struct PodRecord {
  Time start_time{};
  bool sandbox_ready = false;
  bool initialized = false;  // the main containers may start; init containers are never run again
  StopCause stop_cause = StopCause::none;
  Time stop_since{}, stop_deadline{};
  bool finished = false;  // every container has ended for good
  bool cleaned = false;   // and the kernel objects are gone
  Time initialized_at{}, ready_changed_at{}, containers_ready_changed_at{};
  bool ready = false, containers_ready = false;  // the conditions, as of those times
  bool operator==(const PodRecord&) const = default;
};

struct PodState {
  PodRecord pod;
  std::vector<ContainerRecord> containers;  // in the Plan's order
};

fs::path state_path(const PodPaths& paths);
fs::path record_path(const PodPaths& paths, const std::string& container);

std::string to_json(const PodRecord& record);
std::string to_json(const ContainerRecord& record);
std::string to_json(const ProcessId& process);
// A missing key keeps its default. Throws Error{environment} for what is not JSON or of a wrong type.
PodRecord parse_pod_record(std::string_view json);
ContainerRecord parse_container_record(std::string_view json);
ProcessId parse_process_id(std::string_view json);

// Replaces the file (temp + rename). Absent on reading: nullopt. A damaged one, also of another shape, throws
// Error{environment} that names the file.
void write_pod_record(const PodPaths& paths, const PodRecord& record);
void write_container_record(const PodPaths& paths, const std::string& container, const ContainerRecord& record);
std::optional<PodRecord> read_pod_record(const PodPaths& paths);
std::optional<ContainerRecord> read_container_record(const PodPaths& paths, const std::string& container);

// exits/PID.json: how an orphan ended, written by the keeper.
struct OrphanExit {
  pid_t pid = 0;
  ExitStatus status;
  Time at{};
};
void write_exit(const PodPaths& paths, const OrphanExit& exit);
std::optional<OrphanExit> read_exit(const PodPaths& paths, pid_t pid);  // nullopt: none, or it is damaged
void remove_exit(const PodPaths& paths, pid_t pid);

}  // namespace tandem::state
