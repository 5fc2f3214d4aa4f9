#include "pods/state/pod_state.hpp"

#include <array>

#include "core/config/json_text.hpp"
#include "core/os/files.hpp"
#include "pods/state/json_values.hpp"
#include "pods/state/state_file.hpp"

namespace tandem::state {
namespace {

const std::array<const char*, 4> phase_names{"waiting", "starting", "running", "exited"};
const std::array<const char*, 4> cause_names{"none", "requested", "completed", "deadline"};

template <class Enum, std::size_t N>
Enum enum_from(const Json& json, const char* key, const std::array<const char*, N>& names) {
  std::string text = names[0];
  get_if(json, key, text);
  for (std::size_t i = 0; i < N; ++i) {
    if (text == names[i]) return static_cast<Enum>(i);
  }
  throw Error(Fault::environment, "read", key, "unknown value \"" + text + "\"");
}

Json termination_json(const Termination& termination) {
  return {{"status", json_of(termination.status)},
          {"reason", termination.reason},
          {"message", termination.message},
          {"startedAt", json_of(termination.started_at)},
          {"finishedAt", json_of(termination.finished_at)},
          {"attempt", termination.attempt}};
}

std::optional<Termination> termination_from(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end()) return std::nullopt;
  Termination termination;
  if (found->contains("status")) termination.status = exit_status_from((*found)["status"]);
  get_if(*found, "reason", termination.reason);
  get_if(*found, "message", termination.message);
  get_if(*found, "startedAt", termination.started_at);
  get_if(*found, "finishedAt", termination.finished_at);
  get_if(*found, "attempt", termination.attempt);
  return termination;
}

// A program's last words need not be UTF-8.
std::string dump(const Json& json) { return json_text(json, NotUtf8::replace) + "\n"; }

}  // namespace

fs::path state_path(const PodPaths& paths) { return paths.run / "state.json"; }
fs::path record_path(const PodPaths& paths, const std::string& container) {
  return paths.container_run(container) / "record.json";
}

std::string to_json(const PodRecord& record) {
  return dump({{"startTime", json_of(record.start_time)},
               {"sandboxReady", record.sandbox_ready},
               {"initialized", record.initialized},
               {"stopCause", cause_names[static_cast<std::size_t>(record.stop_cause)]},
               {"stopSince", json_of(record.stop_since)},
               {"stopDeadline", json_of(record.stop_deadline)},
               {"finished", record.finished},
               {"cleaned", record.cleaned},
               {"initializedAt", json_of(record.initialized_at)},
               {"readyChangedAt", json_of(record.ready_changed_at)},
               {"containersReadyChangedAt", json_of(record.containers_ready_changed_at)},
               {"ready", record.ready},
               {"containersReady", record.containers_ready}});
}

PodRecord parse_pod_record(std::string_view text) {
  return read_json(text, "the pod's state", [](const Json& json) {
    PodRecord record;
    get_if(json, "startTime", record.start_time);
    get_if(json, "sandboxReady", record.sandbox_ready);
    get_if(json, "initialized", record.initialized);
    record.stop_cause = enum_from<StopCause>(json, "stopCause", cause_names);
    get_if(json, "stopSince", record.stop_since);
    get_if(json, "stopDeadline", record.stop_deadline);
    get_if(json, "finished", record.finished);
    get_if(json, "cleaned", record.cleaned);
    get_if(json, "initializedAt", record.initialized_at);
    get_if(json, "readyChangedAt", record.ready_changed_at);
    get_if(json, "containersReadyChangedAt", record.containers_ready_changed_at);
    get_if(json, "ready", record.ready);
    get_if(json, "containersReady", record.containers_ready);
    return record;
  });
}

std::string to_json(const ContainerRecord& record) {
  Json json{{"phase", phase_names[static_cast<std::size_t>(record.phase)]},
            {"attempt", record.attempt},
            {"process", json_of(record.process)},
            {"startedAt", json_of(record.started_at)},
            {"started", record.started},
            {"ready", record.ready},
            {"everStarted", record.ever_started},
            {"postStartDone", record.post_start_done},
            {"waitingReason", record.waiting_reason},
            {"waitingMessage", record.waiting_message},
            {"backoffDelayMs", record.backoff_delay.count()},
            {"backoffUpdated", json_of(record.backoff_updated)},
            {"killDeadline", json_of(record.kill_deadline)}};
  if (record.current) json["current"] = termination_json(*record.current);
  if (record.last) json["last"] = termination_json(*record.last);
  return dump(json);
}

ContainerRecord parse_container_record(std::string_view text) {
  return read_json(text, "a container's record", [](const Json& json) {
    ContainerRecord record;
    record.phase = enum_from<ContainerPhase>(json, "phase", phase_names);
    get_if(json, "attempt", record.attempt);
    if (json.contains("process")) record.process = process_from(json["process"]);
    get_if(json, "startedAt", record.started_at);
    get_if(json, "started", record.started);
    get_if(json, "ready", record.ready);
    get_if(json, "everStarted", record.ever_started);
    get_if(json, "postStartDone", record.post_start_done);
    get_if(json, "waitingReason", record.waiting_reason);
    get_if(json, "waitingMessage", record.waiting_message);
    record.current = termination_from(json, "current");
    record.last = termination_from(json, "last");
    std::int64_t delay = 0;
    get_if(json, "backoffDelayMs", delay);
    record.backoff_delay = std::chrono::milliseconds(delay);
    get_if(json, "backoffUpdated", record.backoff_updated);
    get_if(json, "killDeadline", record.kill_deadline);
    return record;
  });
}

std::string to_json(const ProcessId& process) { return json_text(json_of(process)); }
ProcessId parse_process_id(std::string_view text) { return read_json(text, "a process' identity", process_from); }

void write_pod_record(const PodPaths& paths, const PodRecord& record) {
  write_state_file(state_path(paths), to_json(record));
}
void write_container_record(const PodPaths& paths, const std::string& container, const ContainerRecord& record) {
  write_state_file(record_path(paths, container), to_json(record));
}

namespace {

// `key` is in every record that was ever written: JSON without it is something else.
template <class Record>
std::optional<Record> read_record(const fs::path& path, const char* key, Record (*parse)(std::string_view)) {
  const auto text = read_state_file(path);
  if (!text) return std::nullopt;
  try {
    if (!parse_json(*text, "it").contains(key)) throw Error(Fault::environment, "read", "it", "it is no such record");
    return parse(*text);
  } catch (const Error& error) {
    throw damaged_file(path, error);
  }
}

}  // namespace

std::optional<PodRecord> read_pod_record(const PodPaths& paths) {
  return read_record(state_path(paths), "startTime", parse_pod_record);
}
std::optional<ContainerRecord> read_container_record(const PodPaths& paths, const std::string& container) {
  return read_record(record_path(paths, container), "phase", parse_container_record);
}

namespace {
fs::path exit_path(const PodPaths& paths, pid_t pid) { return paths.exits() / (std::to_string(pid) + ".json"); }
}  // namespace

void write_exit(const PodPaths& paths, const OrphanExit& exit) {
  write_state_file(exit_path(paths, exit.pid),
                   dump({{"pid", exit.pid}, {"status", json_of(exit.status)}, {"at", json_of(exit.at)}}));
}

std::optional<OrphanExit> read_exit(const PodPaths& paths, pid_t pid) {
  const auto text = read_damaged_as_empty(exit_path(paths, pid));
  if (!text) return std::nullopt;
  try {
    return read_json(*text, "an orphan's exit", [](const Json& json) {
      OrphanExit exit;
      get_if(json, "pid", exit.pid);
      exit.status = exit_status_from(json.at("status"));
      get_if(json, "at", exit.at);
      return exit;
    });
  } catch (const Error&) {
    return std::nullopt;  // how it ended is known no more
  }
}

void remove_exit(const PodPaths& paths, pid_t pid) {
  std::error_code ignored;
  fs::remove(exit_path(paths, pid), ignored);
}

}  // namespace tandem::state
