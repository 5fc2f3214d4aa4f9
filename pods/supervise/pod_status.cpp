#include "pods/supervise/pod_status.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "pods/supervise/restart_policy.hpp"

namespace tandem::supervise {
namespace {

using Json = nlohmann::ordered_json;
using plan::ContainerKind;
using state::ContainerPhase;
using state::ContainerRecord;
using state::PodState;
using state::rfc3339;
using state::StopCause;
using state::Time;

std::string container_id(const plan::Plan& plan, const plan::Container& container, int attempt) {
  return "tandem://" + plan.id + "/" + container.name + "/" + std::to_string(attempt);
}

Json terminated(const plan::Plan& plan, const plan::Container& container, const state::Termination& end) {
  Json json{{"exitCode", end.status.shell_code()}, {"reason", end.reason}};
  if (!end.message.empty()) json["message"] = end.message;
  json["startedAt"] = rfc3339(end.started_at);
  json["finishedAt"] = rfc3339(end.finished_at);
  json["containerID"] = container_id(plan, container, end.attempt);
  return {{"terminated", std::move(json)}};
}

Json waiting(const ContainerRecord& record) {
  Json json{{"reason", record.waiting_reason.empty() ? "ContainerCreating" : record.waiting_reason}};
  if (!record.waiting_message.empty()) json["message"] = record.waiting_message;
  return {{"waiting", std::move(json)}};
}

Json container_status(const plan::Plan& plan, std::size_t i, const PodState& state) {
  const plan::Container& container = plan.containers[i];
  const ContainerRecord& record = state.containers[i];
  Json now, last = Json::object();
  if (record.last) last = terminated(plan, container, *record.last);
  if (record.phase == ContainerPhase::running) {
    now = {{"running", {{"startedAt", rfc3339(record.started_at)}}}};
  } else if (record.phase != ContainerPhase::exited || !record.current) {
    now = waiting(record);
  } else if (record.waiting_reason.empty() || state.pod.finished) {
    now = terminated(plan, container, *record.current);
  } else {
    now = waiting(record);
    last = terminated(plan, container, *record.current);
  }
  const bool ready = container.kind == ContainerKind::init ? succeeded(record) : record.ready;
  Json json{{"name", container.name},
            {"state", std::move(now)},
            {"lastState", std::move(last)},
            {"ready", ready},
            {"restartCount", std::max(record.attempt, 0)},
            {"image", container.image},
            {"imageID", container.image_id}};
  if (record.attempt >= 0) json["containerID"] = container_id(plan, container, record.attempt);
  json["started"] = record.started;
  return json;
}

Json condition(const char* type, bool value, Time since, const std::string& reason = "",
               const std::string& message = "") {
  Json json{{"type", type},
            {"status", value ? "True" : "False"},
            {"lastProbeTime", nullptr},
            {"lastTransitionTime", rfc3339(since)}};
  if (!reason.empty()) json["reason"] = reason;
  if (!message.empty()) json["message"] = message;
  return json;
}

// kubelet's "containers with unready status: [a b]"
std::string name_list(const char* what, const plan::Plan& plan, const std::vector<std::size_t>& which) {
  std::string text = std::string("containers with ") + what + " status: [";
  for (const std::size_t i : which) text += (text.back() == '[' ? "" : " ") + plan.containers[i].name;
  return text + "]";
}

Json conditions(const plan::Plan& plan, const PodState& state, const std::string& phase) {
  const state::PodRecord& pod = state.pod;
  std::vector<std::size_t> incomplete, unready;
  for (std::size_t i = 0; i < plan.containers.size(); ++i) {
    const ContainerRecord& record = state.containers[i];
    const ContainerKind kind = plan.containers[i].kind;
    if (kind == ContainerKind::init && !succeeded(record)) incomplete.push_back(i);
    if (kind == ContainerKind::sidecar && !record.ever_started) incomplete.push_back(i);
    if (kind != ContainerKind::init && !record.ready) unready.push_back(i);
  }
  Json list = Json::array();
  list.push_back(condition("PodReadyToStartContainers", pod.sandbox_ready && !pod.finished, pod.start_time));
  if (phase == "Succeeded") {
    list.push_back(condition("Initialized", true, pod.initialized_at, "PodCompleted"));
  } else if (pod.initialized) {
    list.push_back(condition("Initialized", true, pod.initialized_at));
  } else {
    list.push_back(condition("Initialized", false, pod.start_time, "ContainersNotInitialized",
                             name_list("incomplete", plan, incomplete)));
  }
  for (const char* type : {"Ready", "ContainersReady"}) {
    if (pod.ready) {
      list.push_back(condition(type, true, pod.ready_changed_at));
    } else if (phase == "Succeeded" || phase == "Failed") {
      list.push_back(condition(type, false, pod.ready_changed_at, phase == "Failed" ? "PodFailed" : "PodCompleted"));
    } else {
      list.push_back(
          condition(type, false, pod.ready_changed_at, "ContainersNotReady", name_list("unready", plan, unready)));
    }
  }
  list.push_back(condition("PodScheduled", true, pod.start_time));
  return list;
}

}  // namespace

const char* pod_phase(const plan::Plan& plan, const PodState& state) {
  int waiting_count = 0;
  bool failed = state.pod.stop_cause == StopCause::deadline;
  for (std::size_t i = 0; i < plan.containers.size(); ++i) {
    const ContainerRecord& record = state.containers[i];
    const ContainerKind kind = plan.containers[i].kind;
    if (kind == ContainerKind::init && !state.pod.initialized && !succeeded(record)) failed = true;
    if (kind != ContainerKind::main) continue;
    if (record.phase != ContainerPhase::running && !record.current && !record.last) ++waiting_count;
    if (!succeeded(record)) failed = true;
  }
  if (state.pod.finished) return failed ? "Failed" : "Succeeded";
  return waiting_count > 0 || !state.pod.initialized ? "Pending" : "Running";
}

const char* qos_class(const plan::Plan& plan) {
  bool any = false, all = true;
  for (const plan::Container& container : plan.containers) {
    const plan::Resources& r = container.resources;
    any = any || r.cpu_request || r.cpu_limit || r.memory_request || r.memory_limit;
    all = all && r.cpu_limit && r.memory_limit && r.cpu_request.value_or(*r.cpu_limit) == *r.cpu_limit &&
          r.memory_request.value_or(*r.memory_limit) == *r.memory_limit;
  }
  return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

struct PodStatus::Document {
  Json pod;
};

PodStatus::PodStatus(const plan::Plan& plan) : plan_(plan), document_(std::make_unique<Document>()) {
  document_->pod = parse_ordered_json(plan.pod_json.empty() ? "{}" : plan.pod_json);
  Json& pod = document_->pod;
  if (!pod.is_object()) pod = Json::object();
  if (!pod.contains("apiVersion")) pod["apiVersion"] = "v1";
  if (!pod.contains("kind")) pod["kind"] = "Pod";
  Json& metadata = pod["metadata"];
  metadata["name"] = plan.name;
  metadata["namespace"] = plan.name_space;
  metadata["uid"] = plan.uid;
}

PodStatus::~PodStatus() = default;

std::string PodStatus::render(const PodState& state) const {
  Json pod = document_->pod;
  const state::PodRecord& record = state.pod;
  if (!pod["metadata"].contains("creationTimestamp")) {
    pod["metadata"]["creationTimestamp"] = rfc3339(record.start_time);
  }
  if (record.stop_cause == StopCause::requested) {
    pod["metadata"]["deletionTimestamp"] = rfc3339(record.stop_deadline);
    pod["metadata"]["deletionGracePeriodSeconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(record.stop_deadline - record.stop_since).count();
  }
  const std::string phase = pod_phase(plan_, state);
  Json status{{"phase", phase}, {"conditions", conditions(plan_, state, phase)}};
  if (record.stop_cause == StopCause::deadline) {
    status["reason"] = "DeadlineExceeded";
    status["message"] = "Pod was active on the node longer than the specified deadline";
  }
  if (!plan_.network.host_address.empty()) {
    status["hostIP"] = plan_.network.host_address;
    status["hostIPs"] = Json::array({{{"ip", plan_.network.host_address}}});
  }
  if (!plan_.network.address.empty() && record.sandbox_ready) {
    status["podIP"] = plan_.network.address;
    status["podIPs"] = Json::array({{{"ip", plan_.network.address}}});
  }
  status["startTime"] = rfc3339(record.start_time);
  Json init = Json::array(), main = Json::array();
  for (std::size_t i = 0; i < plan_.containers.size(); ++i) {
    Json& list = plan_.containers[i].kind == ContainerKind::main ? main : init;
    list.push_back(container_status(plan_, i, state));
  }
  if (!init.empty()) status["initContainerStatuses"] = std::move(init);
  status["containerStatuses"] = std::move(main);
  status["qosClass"] = qos_class(plan_);
  pod["status"] = std::move(status);
  return json_text(pod, NotUtf8::replace) + "\n";
}

}  // namespace tandem::supervise
