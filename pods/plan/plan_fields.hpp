// The fields of the Plan's structs, once, for every direction: a visitor is called with each key and member.
// Included by plan_json.cpp and by the test that compares every member.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "pods/plan/plan.hpp"

namespace tandem::plan {

template <class Enum>
struct Choices;  // names: how each value of an enum is written

template <>
struct Choices<NetworkMode> {
  static constexpr std::array<std::string_view, 3> names{"none", "host", "bridge"};
};
template <>
struct Choices<RestartPolicy> {
  static constexpr std::array<std::string_view, 3> names{"Always", "OnFailure", "Never"};
};
template <>
struct Choices<ContainerKind> {
  static constexpr std::array<std::string_view, 3> names{"init", "sidecar", "main"};
};
template <>
struct Choices<VolumeKind> {
  static constexpr std::array<std::string_view, 4> names{"emptyDir", "memory", "hostPath", "files"};
};
template <>
struct Choices<MountKind> {
  static constexpr std::array<std::string_view, 2> names{"volume", "file"};
};
template <>
struct Choices<TerminationMessagePolicy> {
  static constexpr std::array<std::string_view, 2> names{"File", "FallbackToLogsOnError"};
};
template <>
struct Choices<ProbeKind> {
  static constexpr std::array<std::string_view, 3> names{"exec", "http", "tcp"};
};

// `as` picks the struct, so that the same list serves const and mutable values.
template <class T, class As>
concept Is = std::same_as<std::remove_cvref_t<T>, As>;

void fields(auto& v, Is<Network> auto& x) {
  v("mode", x.mode), v("bridge", x.bridge), v("address", x.address), v("prefixLength", x.prefix_length);
  v("gateway", x.gateway), v("interfaceHost", x.interface_host), v("upstreamNameservers", x.upstream_nameservers);
  v("nameServer", x.name_server), v("hostAddress", x.host_address);
}
void fields(auto& v, Is<Dns> auto& x) {
  v("nameservers", x.nameservers), v("searches", x.searches), v("options", x.options);
}
void fields(auto& v, Is<HostPort> auto& x) {
  v("hostIP", x.host_ip), v("hostPort", x.host_port), v("containerPort", x.container_port), v("protocol", x.protocol);
}
void fields(auto& v, Is<HostAlias> auto& x) { v("ip", x.ip), v("hostnames", x.hostnames); }
void fields(auto& v, Is<VolumeFile> auto& x) { v("path", x.path), v.bytes("content", x.content), v("mode", x.mode); }
void fields(auto& v, Is<Volume> auto& x) {
  v("name", x.name), v("kind", x.kind), v("source", x.source), v("hostPathType", x.host_path_type);
  v("sizeLimit", x.size_limit), v("mode", x.mode), v("files", x.files), v("secret", x.secret);
}
void fields(auto& v, Is<Mount> auto& x) {
  v("kind", x.kind), v("source", x.source), v("subPath", x.sub_path), v("target", x.target);
  v("readOnly", x.read_only);
}
void fields(auto& v, Is<EnvironmentEntry> auto& x) { v("name", x.name), v("value", x.value), v("secret", x.secret); }
void fields(auto& v, Is<Identity> auto& x) { v("uid", x.uid), v("gid", x.gid), v("groups", x.groups); }
void fields(auto& v, Is<Security> auto& x) {
  v("capabilities", x.capabilities), v("noNewPrivileges", x.no_new_privileges), v("privileged", x.privileged);
  v("readOnlyRoot", x.read_only_root), v("defaultSeccomp", x.default_seccomp), v("maskedPaths", x.masked_paths);
  v("readOnlyPaths", x.read_only_paths);
}
void fields(auto& v, Is<Resources> auto& x) {
  v("cpuRequest", x.cpu_request), v("cpuLimit", x.cpu_limit), v("memoryRequest", x.memory_request);
  v("memoryLimit", x.memory_limit), v("pidsLimit", x.pids_limit), v("oomScoreAdj", x.oom_score_adj);
  v("oomScoreRaised", x.oom_score_raised);
}
void fields(auto& v, Is<Probe> auto& x) {
  v("kind", x.kind), v("command", x.command), v("host", x.host), v("port", x.port), v("path", x.path);
  v("headers", x.headers), v("initialDelay", x.initial_delay), v("period", x.period), v("timeout", x.timeout);
  v("successThreshold", x.success_threshold), v("failureThreshold", x.failure_threshold);
  v("terminationGracePeriod", x.termination_grace_period);
}
void fields(auto& v, Is<Container> auto& x) {
  v("name", x.name), v("kind", x.kind), v("restart", x.restart), v("image", x.image), v("imageID", x.image_id);
  v("layers", x.layers), v("argv", x.argv), v("environment", x.environment);
  v("workingDirectory", x.working_directory), v("identity", x.identity), v("security", x.security);
  v("resources", x.resources), v("mounts", x.mounts), v("startup", x.startup), v("readiness", x.readiness);
  v("liveness", x.liveness), v("stopSignal", x.stop_signal), v("preStop", x.pre_stop), v("postStart", x.post_start);
  v("terminationMessagePath", x.termination_message_path);
  v("terminationMessagePolicy", x.termination_message_policy), v("terminal", x.terminal);
  v("unknown", x.unknown);
}
void fields(auto& v, Is<Plan> auto& x) {
  v("uid", x.uid), v("id", x.id), v("name", x.name), v("namespace", x.name_space), v("hostname", x.hostname);
  v("subdomain", x.subdomain), v("nodeName", x.node_name), v.json("pod", x.pod_json), v("network", x.network);
  v("dns", x.dns), v("hostPorts", x.host_ports), v("hostAliases", x.host_aliases), v("hostIPC", x.host_ipc);
  v("hostPID", x.host_pid), v("shareProcessNamespace", x.share_process_namespace), v("volumes", x.volumes);
  v("containers", x.containers), v("restartPolicy", x.restart_policy);
  v("terminationGracePeriod", x.termination_grace_period), v("activeDeadline", x.active_deadline);
  v("cgroupParent", x.cgroup_parent), v("fsGroup", x.fs_group), v("sysctls", x.sysctls);
}

}  // namespace tandem::plan
