#include "pods/client/pod_goal.hpp"

#include <nlohmann/json.hpp>

#include "core/os/error.hpp"

namespace tandem::client {

namespace {

using StatusJson = nlohmann::json;

bool is_true(const StatusJson& status, const char* type) {
  for (const auto& condition : status.value("conditions", StatusJson::array()))
    if (condition.value("type", "") == type) return condition.value("status", "") == "True";
  return false;
}

// Which containers are not ready, and why.
std::string waiting_for(const StatusJson& status) {
  std::string text;
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const auto& container : status.value(list, StatusJson::array())) {
      if (container.value("ready", false)) continue;
      const StatusJson state = container.value("state", StatusJson::object());
      std::string reason = "not ready";
      if (state.contains("waiting")) reason = state["waiting"].value("reason", "waiting");
      if (state.contains("terminated")) reason = state["terminated"].value("reason", "terminated");
      text += (text.empty() ? "" : ", ") + container.value("name", "") + ": " + reason;
    }
  }
  return text.empty() ? "not ready yet" : text;
}

}  // namespace

Goal parse_goal(const std::string& text) {
  if (text == "delete") return Goal::deleted;
  if (text == "condition=Ready" || text == "condition=ready") return Goal::ready;
  if (text == "jsonpath={.status.phase}=Succeeded") return Goal::succeeded;
  throw Error(Fault::user, "wait for", text, "not known",
              "one of: condition=Ready, delete, jsonpath={.status.phase}=Succeeded");
}

Look judge(const StatusJson& pod, Goal goal) {
  const StatusJson status = pod.value("status", StatusJson::object());
  const std::string phase = status.value("phase", "Pending");
  const bool succeeded = phase == "Succeeded", failed = phase == "Failed";
  const std::string message = status.value("message", status.value("reason", ""));
  switch (goal) {
    case Goal::ready:
    case Goal::ready_or_succeeded:
      if (is_true(status, "Ready")) return {Progress::reached, "is ready"};
      if (succeeded && goal == Goal::ready_or_succeeded) return {Progress::reached, "has succeeded"};
      if (succeeded || failed)
        return {Progress::impossible, "it has ended: " + phase + (message.empty() ? "" : ", " + message)};
      return {Progress::waiting, waiting_for(status)};
    case Goal::succeeded:
      if (succeeded) return {Progress::reached, "has succeeded"};
      if (failed) return {Progress::impossible, "it has failed" + (message.empty() ? "" : ": " + message)};
      return {Progress::waiting, "phase " + phase};
    case Goal::deleted:
      return {Progress::waiting, "it is still there"};
  }
  return {};
}

}  // namespace tandem::client
