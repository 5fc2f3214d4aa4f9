// The Plan: everything that will be done for one pod, decided before anything is touched. Plain values; the supervisor
// reads it as JSON (pods/plan/plan_json.hpp). Nothing in it depends on the process that made it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/units.hpp"

namespace tandem::plan {

using seconds = std::chrono::seconds;

enum class NetworkMode { none, host, bridge };
enum class RestartPolicy { always, on_failure, never };
enum class ContainerKind { init, sidecar, main };  // sidecar: an init container with restartPolicy Always

struct Network {
  NetworkMode mode = NetworkMode::bridge;
  std::string bridge;   // interface name
  std::string address;  // "10.x.y.z", without prefix length; host mode: the host's
  int prefix_length = 0;
  std::string gateway;
  std::string interface_host;                     // the veth's end on the host, at most 15 bytes
  std::vector<std::string> upstream_nameservers;  // where names that are not ours are asked
  std::string name_server;   // link-local address in the pod where the supervisor answers; empty: none (host, none)
  std::string host_address;  // status.hostIP
  bool operator==(const Network&) const = default;
};

// What the pod's etc/resolv.conf says (pods/plan/etc_files.hpp makes the text of it).
struct Dns {
  std::vector<std::string> nameservers, searches, options;
  bool operator==(const Dns&) const = default;
};

struct HostPort {
  std::string host_ip;  // empty: every address
  int host_port = 0;
  int container_port = 0;
  std::string protocol = "TCP";  // TCP | UDP
  bool operator==(const HostPort&) const = default;
};

struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
  bool operator==(const HostAlias&) const = default;
};

// One file of a configMap, secret or downwardAPI volume.
struct VolumeFile {
  std::string path;     // relative, no ".."
  std::string content;  // bytes; the Plan's JSON has it in base64
  unsigned mode = 0644;
  bool operator==(const VolumeFile&) const = default;
};

enum class VolumeKind { empty_dir, memory, host_path, files };
struct Volume {
  std::string name;
  VolumeKind kind = VolumeKind::empty_dir;
  std::string source;          // host_path: the path on the host
  std::string host_path_type;  // "", DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice
  std::optional<Bytes> size_limit;  // memory: size of the tmpfs
  unsigned mode = 0777;             // empty_dir, memory: of the directory
  std::vector<VolumeFile> files;
  bool secret = false;  // lies on a tmpfs, and its contents are masked wherever they would be shown
  bool operator==(const Volume&) const = default;
};

enum class MountKind { volume, file };  // file: one of the pod's own (etc/hosts, etc/hostname, etc/resolv.conf)
struct Mount {
  MountKind kind = MountKind::volume;
  std::string source;    // volume: its name; file: name below the pod's etc/ ("hosts")
  std::string sub_path;  // below the volume, may be empty
  std::string target;    // absolute, in the container
  bool read_only = false;
  bool operator==(const Mount&) const = default;
};

struct EnvironmentEntry {
  std::string name, value;
  bool secret = false;  // from a Secret: masked wherever it would be shown
  bool operator==(const EnvironmentEntry&) const = default;
};

struct Identity {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  bool operator==(const Identity&) const = default;
};

struct Security {
  std::vector<std::string>
      capabilities;  // what is kept, "CAP_NET_BIND_SERVICE"; bounding = permitted = effective for uid 0
  bool no_new_privileges = true;
  bool privileged = false;
  bool read_only_root = false;
  bool default_seccomp = true;  // false: Unconfined
  std::vector<std::string> masked_paths, read_only_paths;
  bool operator==(const Security&) const = default;
};

struct Resources {
  std::optional<Millicores> cpu_request, cpu_limit;
  std::optional<Bytes> memory_request, memory_limit;
  std::optional<std::int64_t> pids_limit;
  int oom_score_adj = 0;
  bool oom_score_raised = false;  // Kubernetes would have it lower, which this machine does not let us
  bool operator==(const Resources&) const = default;
};

enum class ProbeKind { exec, http, tcp };
struct Probe {
  ProbeKind kind = ProbeKind::exec;
  std::vector<std::string> command;                          // exec
  std::string host;                                          // http, tcp; empty: the pod's address
  int port = 0;                                              // http, tcp
  std::string path = "/";                                    // http
  std::vector<std::pair<std::string, std::string>> headers;  // http
  seconds initial_delay{0}, period{10}, timeout{1};
  int success_threshold = 1, failure_threshold = 3;
  std::optional<seconds> termination_grace_period;
  bool operator==(const Probe&) const = default;
};

// What is the message of a container that failed and left its file empty: nothing, or the end of its output.
enum class TerminationMessagePolicy { file, fallback_to_logs_on_error };

struct Container {
  std::string name;
  ContainerKind kind = ContainerKind::main;
  RestartPolicy restart = RestartPolicy::always;  // what holds for this container
  std::string image;                              // as written in the manifest
  std::string image_id;                           // "sha256:..." of the image's config
  std::vector<std::string> layers;                // unpacked layer directories, the lowest first
  std::vector<std::string> argv;
  std::vector<EnvironmentEntry> environment;  // complete
  std::string working_directory = "/";
  Identity identity;
  Security security;
  Resources resources;
  std::vector<Mount> mounts;
  std::optional<Probe> startup, readiness, liveness;
  std::string stop_signal = "SIGTERM";
  std::vector<std::string> pre_stop, post_start;  // exec hooks; empty: none
  std::string termination_message_path = "/dev/termination-log";
  TerminationMessagePolicy termination_message_policy = TerminationMessagePolicy::file;
  bool terminal = false;
  // Not empty: the image is not in the store, so that this Plan is only to be looked at. Which keys of the container
  // only its image could fill ("argv": what stands there are arguments of the image's own program).
  std::vector<std::string> unknown;
  bool operator==(const Container&) const = default;
};

struct Plan {
  std::string uid;  // RFC 4122
  std::string id;   // first 12 hex digits of uid: names of directories, interfaces, cgroups
  std::string name, name_space;
  std::string hostname, subdomain;
  std::string node_name;  // status and spec.nodeName: the host's name
  std::string pod_json;   // the v1 Pod as applied, defaults filled in, secrets not in it; JSON text
  Network network;
  Dns dns;
  std::vector<HostPort> host_ports;
  std::vector<HostAlias> host_aliases;
  bool host_ipc = false, host_pid = false, share_process_namespace = false;
  std::vector<Volume> volumes;
  std::vector<Container> containers;  // in starting order: init and sidecar containers as written, then main ones
  RestartPolicy restart_policy = RestartPolicy::always;
  seconds termination_grace_period{30};
  std::optional<seconds> active_deadline;
  std::string cgroup_parent;  // relative to each hierarchy's root: "tandem"; the pod's is PARENT/ID
  std::optional<std::uint32_t> fs_group;
  std::vector<std::pair<std::string, std::string>> sysctls;
  bool operator==(const Plan&) const = default;
};

// Network::interface_host of a pod on the bridge.
inline std::string interface_of(const std::string& id) { return "tdm" + id; }

}  // namespace tandem::plan
