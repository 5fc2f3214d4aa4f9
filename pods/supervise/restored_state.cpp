#include "pods/supervise/restored_state.hpp"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"

namespace tandem::supervise {
namespace {

using StatusJson = nlohmann::json;
using state::ContainerPhase;
using state::ContainerRecord;
using state::PodRecord;
using state::Time;

// Null for what is not there, whatever stands in its place.
const StatusJson& value_of(const StatusJson& object, const char* key) {
  static const StatusJson none;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : none;
}
std::string text_of(const StatusJson& object, const char* key) {
  const StatusJson& value = value_of(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}
long number_of(const StatusJson& object, const char* key) {
  const StatusJson& value = value_of(object, key);
  return value.is_number_integer() ? value.get<long>() : 0;
}
bool is_set(const StatusJson& object, const char* key) {
  const StatusJson& value = value_of(object, key);
  return value.is_boolean() && value.get<bool>();
}
Time time_of(const StatusJson& object, const char* key) {
  return state::parse_rfc3339(text_of(object, key)).value_or(Time{});
}

const StatusJson& element(const StatusJson& list, const char* key, const std::string& wanted) {
  static const StatusJson none;
  for (const StatusJson& one : list) {
    if (text_of(one, key) == wanted) return one;
  }
  return none;
}

// The last part of "tandem://ID/NAME/ATTEMPT".
int attempt_of(const StatusJson& object) {
  const std::string id = text_of(object, "containerID");
  return id.empty() ? -1 : std::atoi(id.c_str() + id.rfind('/') + 1);
}

std::optional<state::Termination> termination_of(const StatusJson& container_state) {
  const StatusJson& terminated = value_of(container_state, "terminated");
  if (!terminated.is_object()) return std::nullopt;
  state::Termination end;
  end.status.code = static_cast<int>(number_of(terminated, "exitCode"));
  end.reason = text_of(terminated, "reason");
  end.message = text_of(terminated, "message");
  end.started_at = time_of(terminated, "startedAt");
  end.finished_at = time_of(terminated, "finishedAt");
  end.attempt = std::max(attempt_of(terminated), 0);
  return end;
}

}  // namespace

PodRecord pod_record_from(std::string_view text) {
  const StatusJson pod = parse_json(text);
  const StatusJson &metadata = value_of(pod, "metadata"), &status = value_of(pod, "status");
  const auto condition = [&](const char* type) -> const StatusJson& {
    return element(value_of(status, "conditions"), "type", type);
  };
  const auto holds = [&](const char* type) { return text_of(condition(type), "status") == "True"; };
  PodRecord record;
  record.start_time = time_of(status, "startTime");
  record.sandbox_ready = holds("PodReadyToStartContainers");
  record.initialized = holds("Initialized");
  if (record.initialized) record.initialized_at = time_of(condition("Initialized"), "lastTransitionTime");
  record.ready = record.containers_ready = holds("Ready");
  record.ready_changed_at = record.containers_ready_changed_at = time_of(condition("Ready"), "lastTransitionTime");
  if (const Time deadline = time_of(metadata, "deletionTimestamp"); deadline != Time{}) {
    record.stop_cause = state::StopCause::requested;
    record.stop_deadline = deadline;
    record.stop_since = deadline - std::chrono::seconds(number_of(metadata, "deletionGracePeriodSeconds"));
  }
  const std::string phase = text_of(status, "phase");
  record.finished = phase == "Succeeded" || phase == "Failed";
  if (record.finished && record.stop_cause == state::StopCause::none)
    record.stop_cause =
        text_of(status, "reason") == "DeadlineExceeded" ? state::StopCause::deadline : state::StopCause::completed;
  return record;
}

ContainerRecord container_record_from(std::string_view text, const std::string& container) {
  const StatusJson pod = parse_json(text);
  const StatusJson& status = value_of(pod, "status");
  ContainerRecord record;
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    const StatusJson& found = element(value_of(status, list), "name", container);
    if (!found.is_object()) continue;
    const StatusJson& now = value_of(found, "state");
    record.attempt = attempt_of(found);
    record.last = termination_of(value_of(found, "lastState"));
    record.started = record.post_start_done = is_set(found, "started");
    record.ever_started = record.started || record.attempt > 0;
    record.ready = is_set(found, "ready");
    if (value_of(now, "running").is_object()) {
      record.phase = ContainerPhase::running;
      record.started_at = time_of(value_of(now, "running"), "startedAt");
    } else if (auto end = termination_of(now)) {
      record.phase = ContainerPhase::exited;
      record.current = std::move(end);
    } else if (record.last && text_of(value_of(now, "waiting"), "reason") == "CrashLoopBackOff") {
      record.phase = ContainerPhase::exited;
      record.current = std::move(record.last);
      record.last.reset();
    }
    if (record.phase != ContainerPhase::running) record.started = record.ready = record.post_start_done = false;
  }
  return record;
}

}  // namespace tandem::supervise
