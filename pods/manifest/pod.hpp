// A v1 Pod as written: valid in itself, defaults filled in where they are plain values. What depends on other objects,
// on images or on the host is decided by pods/plan.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/units.hpp"
#include "pods/manifest/metadata.hpp"

namespace tandem::manifest {

struct FieldRef {
  std::string field_path;  // "metadata.name", "metadata.labels['app']", "status.podIP", ...
};

struct ResourceFieldRef {
  std::string container;  // empty: the one that asks
  std::string resource;   // "limits.cpu", "requests.memory", ...
  std::string divisor;    // empty: 1
};

struct KeyRef {
  std::string name, key;
  bool optional = false;
};

struct EnvVar {
  std::string name, value;
  std::optional<FieldRef> field;
  std::optional<ResourceFieldRef> resource;
  std::optional<KeyRef> config_map, secret;
};

struct EnvFrom {
  std::string prefix;
  bool from_secret = false;  // else from a ConfigMap
  std::string name;
  bool optional = false;
};

struct ContainerPort {
  std::string name, protocol = "TCP", host_ip;
  int container_port = 0, host_port = 0;  // host_port 0: not published
};

struct VolumeMount {
  std::string name, mount_path, sub_path, sub_path_expr;
  bool read_only = false;
};

struct HttpGet {
  std::string path = "/", host;
  TextMap headers;
};

struct Probe {
  enum class Kind { exec, http, tcp };
  Kind kind = Kind::exec;
  std::vector<std::string> command;
  HttpGet http;
  std::string tcp_host;
  int port = 0;  // of http and tcp; names are resolved
  int initial_delay_seconds = 0, period_seconds = 10, timeout_seconds = 1;
  int success_threshold = 1, failure_threshold = 3;
  std::optional<std::int64_t> termination_grace_period_seconds;
};

enum class Seccomp { unset, runtime_default, unconfined };

struct SecurityContext {               // of a container
  std::vector<std::string> add, drop;  // capabilities: "CAP_KILL" or "ALL"
  std::optional<bool> privileged, run_as_non_root, read_only_root_filesystem, allow_privilege_escalation;
  std::optional<std::int64_t> run_as_user, run_as_group;
  Seccomp seccomp = Seccomp::unset;
};

struct PodSecurityContext {
  std::optional<bool> run_as_non_root;
  std::optional<std::int64_t> run_as_user, run_as_group, fs_group;
  std::vector<std::int64_t> supplemental_groups;
  TextMap sysctls;
  Seccomp seccomp = Seccomp::unset;
};

struct ResourceAmounts {
  std::optional<Millicores> cpu;
  std::optional<Bytes> memory;
};

struct Container {
  std::string path;  // where it stands: "spec.initContainers[0]"
  std::string name, image, image_pull_policy;
  std::vector<std::string> command, args;
  std::string working_dir;
  std::vector<ContainerPort> ports;
  std::vector<EnvFrom> env_from;
  std::vector<EnvVar> env;
  ResourceAmounts limits, requests;  // a request that is not written is the limit
  bool restart_always = false;       // restartPolicy: Always of an init container: a native sidecar
  std::vector<VolumeMount> volume_mounts;
  std::optional<Probe> liveness, readiness, startup;
  std::vector<std::string> post_start, pre_stop;
  std::string stop_signal;  // empty: the image's
  std::string termination_message_path = "/dev/termination-log";
  bool message_from_log = false;  // terminationMessagePolicy: FallbackToLogsOnError
  SecurityContext security;
};

struct KeyToPath {
  std::string key, path;
  std::optional<unsigned> mode;
};

struct DownwardFile {
  std::string path;
  std::optional<unsigned> mode;
  std::optional<FieldRef> field;
  std::optional<ResourceFieldRef> resource;
};

struct Volume {
  enum class Kind { empty_dir, memory, host_path, config_map, secret, downward };
  std::string path;  // where it stands: "spec.volumes[0]"
  std::string name;
  Kind kind = Kind::empty_dir;
  std::optional<Bytes> size_limit;  // empty_dir, memory
  unsigned mode = 0777;             // empty_dir, memory
  std::string host_path, host_path_type;
  std::string object;            // config_map, secret: its name
  std::vector<KeyToPath> items;  // empty: every key
  std::vector<DownwardFile> downward;
  unsigned default_mode = 0644;
  bool optional = false;
};

struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
};

struct DnsConfig {
  std::vector<std::string> nameservers, searches;
  TextMap options;  // "ndots" -> "2"; an empty value: the bare name
};

struct PodSpec {
  std::vector<Volume> volumes;
  std::vector<Container> init_containers, containers;
  std::string restart_policy = "Always", dns_policy = "ClusterFirst";
  std::int64_t termination_grace_period_seconds = 30;
  std::optional<std::int64_t> active_deadline_seconds;
  std::string service_account_name = "default";
  bool host_network = false, host_pid = false, host_ipc = false;
  PodSecurityContext security;
  std::string hostname, subdomain;
  std::vector<HostAlias> host_aliases;
  DnsConfig dns;
};

struct Pod {
  Source source;
  Metadata metadata;
  PodSpec spec;
};

}  // namespace tandem::manifest
