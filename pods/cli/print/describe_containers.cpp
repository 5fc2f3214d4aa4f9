#include "pods/cli/print/describe_containers.hpp"

#include <fmt/format.h>

#include "pods/cli/print/age.hpp"
#include "pods/cli/print/json_access.hpp"

namespace tandem::print {

namespace {

const Json& status_of(const Json& pod, const char* status_key, const Json& name) {
  static const Json none;
  for (const Json& status : get(pod, "status", status_key)) {
    if (get(status, "name") == name) return status;
  }
  return none;
}

void words(const Json& container, const char* key, const char* title, IndentedText& out) {
  const Json& list = get(container, key);
  if (!list.is_array() || list.empty()) return;
  out.field(2, title, "");
  for (const Json& word : list) out.line(3, text(word));
}

void ports(const Json& container, IndentedText& out) {
  std::string own, host;
  for (const Json& port : get(container, "ports")) {
    const std::string protocol = get(port, "protocol").is_null() ? "TCP" : text(get(port, "protocol"));
    const std::string separator = own.empty() ? "" : ", ";
    own += fmt::format("{}{}/{}", separator, number(get(port, "containerPort")), protocol);
    host += fmt::format("{}{}/{}", separator, number(get(port, "hostPort")), protocol);
  }
  out.field(2, own.find(',') == std::string::npos ? "Port" : "Ports", own.empty() ? "<none>" : own);
  out.field(2, own.find(',') == std::string::npos ? "Host Port" : "Host Ports", host.empty() ? "<none>" : host);
}

void state(const Json& state, const char* title, IndentedText& out) {
  if (const Json& running = get(state, "running"); !running.is_null()) {
    out.field(2, title, "Running");
    out.field(3, "Started", date_text(text(get(running, "startedAt"))), 14);
  } else if (const Json& waiting = get(state, "waiting"); !waiting.is_null()) {
    out.field(2, title, "Waiting");
    if (!get(waiting, "reason").is_null()) out.field(3, "Reason", text(get(waiting, "reason")), 14);
    if (!get(waiting, "message").is_null()) out.field(3, "Message", text(get(waiting, "message")), 14);
  } else if (const Json& terminated = get(state, "terminated"); !terminated.is_null()) {
    out.field(2, title, "Terminated");
    if (!get(terminated, "reason").is_null()) out.field(3, "Reason", text(get(terminated, "reason")), 14);
    if (!get(terminated, "message").is_null()) out.field(3, "Message", text(get(terminated, "message")), 14);
    out.field(3, "Exit Code", std::to_string(number(get(terminated, "exitCode"))), 14);
    if (const auto signal = number(get(terminated, "signal"))) out.field(3, "Signal", std::to_string(signal), 14);
    out.field(3, "Started", date_text(text(get(terminated, "startedAt"))), 14);
    out.field(3, "Finished", date_text(text(get(terminated, "finishedAt"))), 14);
  } else if (std::string_view(title) == "State") {
    out.field(2, title, "Waiting");
  }
}

std::string handler(const Json& probe) {
  if (const Json& exec = get(probe, "exec"); !exec.is_null()) {
    std::string command;
    for (const Json& word : get(exec, "command")) command += (command.empty() ? "" : " ") + text(word);
    return "exec [" + command + "]";
  }
  if (const Json& http = get(probe, "httpGet"); !http.is_null()) {
    const std::string path = get(http, "path").is_null() ? "/" : text(get(http, "path"));
    return "http-get http://" + text(get(http, "host")) + ":" + text(get(http, "port")) + path;
  }
  if (const Json& tcp = get(probe, "tcpSocket"); !tcp.is_null()) {
    return "tcp-socket " + text(get(tcp, "host")) + ":" + text(get(tcp, "port"));
  }
  return "unknown";
}

void probe(const Json& container, const char* key, const char* title, IndentedText& out) {
  const Json& found = get(container, key);
  if (!found.is_object()) return;
  const auto value = [&](const char* name, long long fallback) {
    return get(found, name).is_null() ? fallback : number(get(found, name));
  };
  out.field(2, title,
            fmt::format("{} delay={}s timeout={}s period={}s #success={} #failure={}", handler(found),
                        value("initialDelaySeconds", 0), value("timeoutSeconds", 1), value("periodSeconds", 10),
                        value("successThreshold", 1), value("failureThreshold", 3)));
}

void amounts(const Json& resources, const char* key, const char* title, IndentedText& out) {
  const Json& amounts_of = get(resources, key);
  if (!amounts_of.is_object() || amounts_of.empty()) return;
  out.field(2, title, "");
  for (const auto& [name, amount] : amounts_of.items()) out.field(3, name, text(amount), 10);
}

std::string source_text(const Json& from) {
  if (const Json& field = get(from, "fieldRef"); !field.is_null()) return "(v1:" + text(get(field, "fieldPath")) + ")";
  if (const Json& resource = get(from, "resourceFieldRef"); !resource.is_null()) {
    return "(" + text(get(resource, "resource")) + ")";
  }
  for (const auto& [key, kind] : {std::pair{"configMapKeyRef", "config map"}, {"secretKeyRef", "secret"}}) {
    const Json& ref = get(from, key);
    if (ref.is_null()) continue;
    return fmt::format("<set to the key '{}' in {} '{}'>  Optional: {}", text(get(ref, "key")), kind,
                       text(get(ref, "name")), is_true(get(ref, "optional")));
  }
  return "";
}

void environment(const Json& container, IndentedText& out) {
  const Json& sources = get(container, "envFrom");
  if (sources.is_array() && !sources.empty()) {
    out.field(2, "Environment Variables from", "");
    for (const Json& from : sources) {
      const bool secret = !get(from, "secretRef").is_null();
      const Json& ref = get(from, secret ? "secretRef" : "configMapRef");
      out.line(3, fmt::format("{}  {}  Optional: {}", text(get(ref, "name")), secret ? "Secret" : "ConfigMap",
                              is_true(get(ref, "optional"))));
    }
  }
  const Json& variables = get(container, "env");
  if (!variables.is_array() || variables.empty()) return out.field(2, "Environment", "<none>");
  out.field(2, "Environment", "");
  for (const Json& variable : variables) {
    const Json& from = get(variable, "valueFrom");
    out.field(3, text(get(variable, "name")), from.is_null() ? text(get(variable, "value")) : source_text(from), 10);
  }
}

void mounts(const Json& container, IndentedText& out) {
  const Json& list = get(container, "volumeMounts");
  if (!list.is_array() || list.empty()) return out.field(2, "Mounts", "<none>");
  out.field(2, "Mounts", "");
  for (const Json& mount : list) {
    const std::string sub_path = text(get(mount, "subPath"));
    out.line(3, fmt::format("{} from {} ({}{})", text(get(mount, "mountPath")), text(get(mount, "name")),
                            is_true(get(mount, "readOnly")) ? "ro" : "rw",
                            sub_path.empty() ? "" : ",path=\"" + sub_path + "\""));
  }
}

}  // namespace

void describe_containers(const Json& pod, const char* key, const char* status_key, IndentedText& out) {
  for (const Json& container : get(pod, "spec", key)) {
    const Json& status = status_of(pod, status_key, get(container, "name"));
    out.field(1, text(get(container, "name")), "");
    out.field(2, "Container ID", text(get(status, "containerID")));
    out.field(2, "Image", text(get(container, "image")));
    out.field(2, "Image ID", text(get(status, "imageID")));
    ports(container, out);
    words(container, "command", "Command", out);
    words(container, "args", "Args", out);
    state(get(status, "state"), "State", out);
    state(get(status, "lastState"), "Last State", out);
    out.field(2, "Ready", is_true(get(status, "ready")) ? "True" : "False");
    out.field(2, "Restart Count", std::to_string(number(get(status, "restartCount"))));
    amounts(get(container, "resources"), "limits", "Limits", out);
    amounts(get(container, "resources"), "requests", "Requests", out);
    probe(container, "livenessProbe", "Liveness", out);
    probe(container, "readinessProbe", "Readiness", out);
    probe(container, "startupProbe", "Startup", out);
    environment(container, out);
    mounts(container, out);
  }
}

}  // namespace tandem::print
