#include "pods/cli/print/pod_status_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pods/cli/print/json_access.hpp"

namespace tandem::print {

namespace {

bool is_sidecar(const Json& pod, const Json& name) {
  for (const Json& container : get(pod, "spec", "initContainers")) {
    if (get(container, "name") == name) return get(container, "restartPolicy") == "Always";
  }
  return false;
}

bool has_condition(const Json& pod, const char* type) {
  for (const Json& condition : get(pod, "status", "conditions")) {
    if (get(condition, "type") == type && get(condition, "status") == "True") return true;
  }
  return false;
}

std::string end_text(const Json& terminated) {
  if (const std::string reason = text(get(terminated, "reason")); !reason.empty()) return reason;
  if (const auto signal = number(get(terminated, "signal"))) return fmt::format("Signal:{}", signal);
  return fmt::format("ExitCode:{}", number(get(terminated, "exitCode")));
}

struct Restarts {
  int count = 0;
  std::string last;
  void add(const Json& container) {
    count += static_cast<int>(number(get(container, "restartCount")));
    last = std::max(last, text(get(container, "lastState", "terminated", "finishedAt")));  // RFC 3339 in UTC sorts
  }
};

class Reading {
 public:
  explicit Reading(const Json& pod) : pod_(pod) {}

  PodStatusText all() {
    out_.total = static_cast<int>(list(get(pod_, "spec", "containers")).size());
    for (const Json& container : get(pod_, "spec", "initContainers")) {
      if (get(container, "restartPolicy") == "Always") ++out_.total;
    }
    const std::string phase = text(get(pod_, "status", "phase"));
    out_.status = text(get(pod_, "status", "reason"));
    if (out_.status.empty()) out_.status = phase;
    const bool initializing = init_containers();
    if (!initializing || has_condition(pod_, "Initialized")) main_containers();
    if (phase == "Unknown") out_.status = phase;  // what its containers waited for was true once
    if (!get(pod_, "metadata", "deletionTimestamp").is_null()) out_.status = "Terminating";
    if (out_.status.empty()) out_.status = "Unknown";
    out_.restarts = restarts_.count;
    out_.last_restart = restarts_.last;
    return out_;
  }

 private:
  // True: one of them is not done yet, and the status says which.
  bool init_containers() {
    const Json& statuses = list(get(pod_, "status", "initContainerStatuses"));
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      const Json& container = statuses[i];
      const bool sidecar = is_sidecar(pod_, get(container, "name"));
      restarts_.add(container);
      if (sidecar) sidecar_restarts_.add(container);
      const Json& terminated = get(container, "state", "terminated");
      if (!terminated.is_null() && number(get(terminated, "exitCode")) == 0) continue;
      if (sidecar && is_true(get(container, "started"))) {
        if (is_true(get(container, "ready"))) ++out_.ready;
        continue;
      }
      const std::string waiting = text(get(container, "state", "waiting", "reason"));
      if (!terminated.is_null()) {
        out_.status = "Init:" + end_text(terminated);
      } else if (!waiting.empty() && waiting != "PodInitializing") {
        out_.status = "Init:" + waiting;
      } else {
        out_.status = fmt::format("Init:{}/{}", i, list(get(pod_, "spec", "initContainers")).size());
      }
      return true;
    }
    return false;
  }

  void main_containers() {
    restarts_ = sidecar_restarts_;
    bool running = false;
    const Json& statuses = list(get(pod_, "status", "containerStatuses"));
    for (std::size_t i = statuses.size(); i-- > 0;) {
      const Json& container = statuses[i];
      restarts_.add(container);
      const std::string waiting = text(get(container, "state", "waiting", "reason"));
      const Json& terminated = get(container, "state", "terminated");
      if (!waiting.empty()) {
        out_.status = waiting;
      } else if (!terminated.is_null()) {
        out_.status = end_text(terminated);
      } else if (is_true(get(container, "ready")) && !get(container, "state", "running").is_null()) {
        running = true;
        ++out_.ready;
      }
    }
    if (out_.status == "Completed" && running) out_.status = has_condition(pod_, "Ready") ? "Running" : "NotReady";
  }

  const Json& pod_;
  PodStatusText out_;
  Restarts restarts_, sidecar_restarts_;
};

}  // namespace

PodStatusText status_text(const Json& pod) { return Reading(pod).all(); }

}  // namespace tandem::print
