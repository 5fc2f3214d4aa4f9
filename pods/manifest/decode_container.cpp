#include <algorithm>

#include "pods/manifest/decode_pod.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

std::vector<ContainerPort> decode_ports(const Fields& container) {
  std::vector<ContainerPort> out;
  container.each("ports", [&](const Fields& port) {
    ContainerPort& entry = out.emplace_back();
    entry.name = port.text("name", why_no_port_name);
    if (!port.has("containerPort")) port.error("containerPort", "is required");
    entry.container_port = static_cast<int>(port.integer("containerPort", 0, 1, 65535));
    entry.host_port = static_cast<int>(port.integer("hostPort", 0, 0, 65535));
    entry.protocol = port.choice("protocol", "TCP", {"TCP", "UDP"});
    entry.host_ip = port.text("hostIP");
    if (!entry.host_ip.empty() && !is_ip_address(entry.host_ip)) {
      port.error("hostIP", "\"" + entry.host_ip + "\" is no IP address");
    }
  });
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto same = [&](const ContainerPort& other) { return other.name == out[i].name; };
    if (!out[i].name.empty() && std::any_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      container.decoding().error(below(item(container.path("ports"), i), "name"),
                                 "\"" + out[i].name + "\" is the name of two ports");
    }
  }
  return out;
}

std::vector<VolumeMount> decode_mounts(const Fields& container) {
  std::vector<VolumeMount> out;
  container.each("volumeMounts", [&](const Fields& mount) {
    VolumeMount& entry = out.emplace_back();
    entry.name = mount.required("name");
    entry.mount_path = mount.required("mountPath");
    if (entry.mount_path.find(':') != std::string::npos) mount.error("mountPath", "must not contain ':'");
    entry.read_only = mount.boolean("readOnly", false);
    entry.sub_path = mount.text("subPath", why_no_relative_path);
    entry.sub_path_expr = mount.text("subPathExpr", why_no_relative_path);
    if (!entry.sub_path.empty() && !entry.sub_path_expr.empty()) {
      mount.error("subPathExpr", "must not be given together with subPath");
    }
  });
  return out;
}

std::vector<std::string> decode_hook(const Fields& lifecycle, const char* key) {
  const Fields hook = lifecycle.object(key);
  const Fields exec = hook.object("exec");
  if (!lifecycle.has(key)) return {};
  std::vector<std::string> command = exec.texts("command");
  if (!hook.has("exec")) {
    lifecycle.error(key, "has no handler", "exec with a command is what Tandem supports");
  } else if (command.empty()) {
    exec.error("command", "is required");
  }
  return command;
}

void decode_restart_policy(const Fields& container, bool is_init, Container& out) {
  const std::string policy = container.text("restartPolicy");
  if (policy.empty()) return;
  if (policy != "Always" && policy != "OnFailure" && policy != "Never") {
    container.error("restartPolicy", "\"" + policy + "\" is not supported", "one of: Always, OnFailure, Never");
  } else if (!is_init) {
    container.error("restartPolicy", "of a main container is a Kubernetes field that Tandem does not support yet",
                    "spec.restartPolicy holds for all of them");
  } else if (policy != "Always") {
    container.error("restartPolicy", "\"" + policy + "\" is a value that Tandem does not support yet",
                    "Always makes the init container a sidecar");
  }
  out.restart_always = is_init && policy == "Always";
}

// A plain init container runs to its end before the pod starts: nothing may probe or hook it.
void refuse_for_plain_init(const Fields& container) {
  for (const char* key : {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}) {
    if (container.has(key)) {
      container.error(key, "is not allowed for an init container",
                      "restartPolicy: Always makes it a sidecar, which may have it");
    }
  }
}

std::string decode_stop_signal(const Fields& lifecycle) {
  const std::string signal = lifecycle.text("stopSignal");
  if (!signal.empty() && !signal.starts_with("SIG")) {
    lifecycle.error("stopSignal", "\"" + signal + "\" is no signal's name", "write it like SIGTERM");
  }
  return signal;
}

}  // namespace

Container decode_container(const Fields& container, bool is_init) {
  Container out;
  out.path = container.path();
  out.name = container.required("name", why_no_dns_label);
  out.image = container.required("image");
  if (out.image.find_first_of(" \t\n") != std::string::npos) container.error("image", "must not have spaces in it");
  out.image_pull_policy = container.choice("imagePullPolicy", "", {"Always", "IfNotPresent", "Never"});
  if (out.image_pull_policy == "Always") {
    container.decoding().source.warning(container.decoding().problems, container.path("imagePullPolicy"),
                                        "images are not pulled: the image in Tandem's store is used");
  }
  out.command = container.texts("command");
  out.args = container.texts("args");
  out.working_dir = container.text("workingDir");
  out.ports = decode_ports(container);
  out.env_from = decode_environment_sources(container);
  out.env = decode_environment(container);
  decode_resources(container, out);
  decode_restart_policy(container, is_init, out);
  out.volume_mounts = decode_mounts(container);
  if (is_init && !out.restart_always) refuse_for_plain_init(container);
  out.liveness = decode_probe(container, "livenessProbe", out.ports);
  out.readiness = decode_probe(container, "readinessProbe", out.ports);
  out.startup = decode_probe(container, "startupProbe", out.ports);
  const Fields lifecycle = container.object("lifecycle");
  out.post_start = decode_hook(lifecycle, "postStart");
  out.pre_stop = decode_hook(lifecycle, "preStop");
  out.stop_signal = decode_stop_signal(lifecycle);
  out.termination_message_path = container.text("terminationMessagePath", out.termination_message_path);
  out.message_from_log = container.choice("terminationMessagePolicy", "File", {"File", "FallbackToLogsOnError"}) ==
                         "FallbackToLogsOnError";
  out.security = decode_security(container);
  return out;
}

}  // namespace tandem::manifest
