#include <fmt/format.h>

#include <algorithm>

#include "pods/cli/print/describe_containers.hpp"
#include "pods/cli/print/json_access.hpp"
#include "pods/cli/print/print_pods.hpp"

namespace tandem::print {

namespace {

constexpr std::size_t top_width = 18;

void text_map(const Json& map, const char* title, const char* separator, IndentedText& out) {
  if (!map.is_object() || map.empty()) return out.field(0, title, "<none>", top_width);
  bool first = true;
  for (const auto& [key, value] : map.items()) {
    const std::string entry = key + separator + text(value);
    if (first) out.field(0, title, entry, top_width);
    if (!first) out.line(0, std::string(top_width, ' ') + entry);
    first = false;
  }
}

std::string phase_text(const Json& pod, Time now) {
  if (const Json& deleted = get(pod, "metadata", "deletionTimestamp"); deleted.is_string()) {
    return "Terminating (lasts " + age_text(text(deleted), now) + ")";
  }
  return text(get(pod, "status", "phase"));
}

void head(const Json& pod, Time now, IndentedText& out) {
  const auto field = [&](const char* key, const std::string& value) { out.field(0, key, value, top_width); };
  const Json& status = get(pod, "status");
  field("Name", text(get(pod, "metadata", "name")));
  field("Namespace", text(get(pod, "metadata", "namespace")));
  field("Service Account", text(get(pod, "spec", "serviceAccountName")));
  field("Node", text(get(pod, "spec", "nodeName")) + "/" + text(get(status, "hostIP")));
  if (!get(status, "startTime").is_null()) field("Start Time", date_text(text(get(status, "startTime"))));
  text_map(get(pod, "metadata", "labels"), "Labels", "=", out);
  text_map(get(pod, "metadata", "annotations"), "Annotations", ": ", out);
  field("Status", phase_text(pod, now));
  if (get(pod, "metadata", "deletionTimestamp").is_string()) {
    field("Termination Grace Period", std::to_string(number(get(pod, "metadata", "deletionGracePeriodSeconds"))) + "s");
  }
  if (!get(status, "reason").is_null()) field("Reason", text(get(status, "reason")));
  if (!get(status, "message").is_null()) field("Message", text(get(status, "message")));
  field("IP", text(get(status, "podIP")));
}

void conditions(const Json& pod, IndentedText& out) {
  const Json& list = get(pod, "status", "conditions");
  if (!list.is_array() || list.empty()) return;
  std::size_t width = 4;
  for (const Json& condition : list) width = std::max(width, text(get(condition, "type")).size());
  out.field(0, "Conditions", "");
  out.line(1, fmt::format("{:<{}}   Status", "Type", width));
  for (const Json& condition : list) {
    out.line(1, fmt::format("{:<{}}   {}", text(get(condition, "type")), width, text(get(condition, "status"))));
  }
}

std::string optional_text(const Json& source) { return is_true(get(source, "optional")) ? "true" : "false"; }

void volume(const Json& volume, IndentedText& out) {
  const auto field = [&](const char* key, const std::string& value) { out.field(2, key, value, 12); };
  out.field(1, text(get(volume, "name")), "");
  if (const Json& map = get(volume, "configMap"); !map.is_null()) {
    field("Type", "ConfigMap (a volume populated by a ConfigMap)");
    field("Name", text(get(map, "name")));
    field("Optional", optional_text(map));
  } else if (const Json& secret = get(volume, "secret"); !secret.is_null()) {
    field("Type", "Secret (a volume populated by a Secret)");
    field("SecretName", text(get(secret, "secretName")));
    field("Optional", optional_text(secret));
  } else if (const Json& host = get(volume, "hostPath"); !host.is_null()) {
    field("Type", "HostPath (bare host directory volume)");
    field("Path", text(get(host, "path")));
    field("HostPathType", text(get(host, "type")));
  } else if (const Json& downward = get(volume, "downwardAPI"); !downward.is_null()) {
    field("Type", "DownwardAPI (a volume populated by information about the pod)");
    field("Items", "");
    for (const Json& item : get(downward, "items")) {
      const Json& ref = get(item, "fieldRef");
      out.line(3, (ref.is_null() ? text(get(item, "resourceFieldRef", "resource")) : text(get(ref, "fieldPath"))) +
                      " -> " + text(get(item, "path")));
    }
  } else {
    const Json& empty = get(volume, "emptyDir");
    field("Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
    field("Medium", text(get(empty, "medium")));
    field("SizeLimit", get(empty, "sizeLimit").is_null() ? "<unset>" : text(get(empty, "sizeLimit")));
  }
}

void volumes(const Json& pod, IndentedText& out) {
  const Json& list = get(pod, "spec", "volumes");
  if (!list.is_array() || list.empty()) return out.field(0, "Volumes", "<none>", top_width);
  out.field(0, "Volumes", "");
  for (const Json& each : list) volume(each, out);
}

std::string last_time(const Json& event) {
  for (const char* key : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
    if (get(event, key).is_string()) return text(get(event, key));
  }
  return "";
}

std::string event_age(const Json& event, Time now) {
  const std::string age = age_text(last_time(event), now);
  const auto count = number(get(event, "count"));
  if (count <= 1) return age;
  return fmt::format("{} (x{} over {})", age, count, age_text(text(get(event, "firstTimestamp")), now));
}

void event_table(std::vector<Json> events, Time now, IndentedText& out) {
  if (events.empty()) return out.field(0, "Events", "<none>", top_width);
  std::stable_sort(events.begin(), events.end(),
                   [](const Json& a, const Json& b) { return last_time(a) < last_time(b); });
  std::vector<std::vector<std::string>> rows{{"Type", "Reason", "Age", "From", "Message"},
                                             {"----", "------", "----", "----", "-------"}};
  for (const Json& event : events) {
    std::string from = text(get(event, "source", "component"));
    if (from.empty()) from = text(get(event, "reportingComponent"));
    std::string message = text(get(event, "message"));
    std::replace(message.begin(), message.end(), '\n', ' ');
    rows.push_back({text(get(event, "type")), text(get(event, "reason")), event_age(event, now), from, message});
  }
  std::vector<std::size_t> widths(5);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  out.field(0, "Events", "");
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    out.line(1, line + row.back());
  }
}

}  // namespace

std::string describe_pod(const Json& pod, const std::vector<Json>& events, std::optional<Time> at) {
  const Time now = at.value_or(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  IndentedText out;
  head(pod, now, out);
  if (!get(pod, "spec", "initContainers").empty()) {
    out.field(0, "Init Containers", "");
    describe_containers(pod, "initContainers", "initContainerStatuses", out);
  }
  out.field(0, "Containers", "");
  describe_containers(pod, "containers", "containerStatuses", out);
  conditions(pod, out);
  volumes(pod, out);
  out.field(0, "QoS Class", text(get(pod, "status", "qosClass")), top_width);
  event_table(events, now, out);
  return out.take();
}

}  // namespace tandem::print
