#include "pods/plan/plan_pod.hpp"

#include "pods/plan/planning.hpp"

namespace tandem::plan {

std::string short_id(const std::string& uid) {
  std::string id;
  for (const char c : uid) {
    if (c != '-' && id.size() < 12) id += c;
  }
  return id;
}

namespace {

// Why a pod may not set it, or nothing: those of a namespace that is the pod's own are its own (kubelet's list of
// namespaced sysctls); any other is the machine's, core_pattern for one, which the kernel runs as root.
std::string whose_sysctl(const manifest::PodSpec& spec, const std::string& name) {
  const auto begins = [&](const char* with) { return name.starts_with(with); };
  if (begins("net.")) return spec.host_network ? "would change the host's own network while hostNetwork is true" : "";
  if (begins("kernel.shm") || begins("kernel.msg") || name == "kernel.sem" || begins("fs.mqueue."))
    return spec.host_ipc ? "would change the host's own IPC while hostIPC is true" : "";
  return "would change the whole machine: a pod has net.*, kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.*";
}

}  // namespace

std::optional<Plan> plan_pod(const manifest::Pod& pod, const Host& host, Problems& problems) {
  const manifest::PodSpec& spec = pod.spec;
  Problems own, missing_images;
  Plan plan;
  plan.uid = host.uid;
  plan.id = short_id(host.uid);
  plan.name = pod.metadata.name;
  plan.name_space = pod.metadata.name_space;
  plan.node_name = host.node_name;
  plan_network(pod, host, own, plan);
  plan.host_ipc = spec.host_ipc;
  plan.host_pid = spec.host_pid;
  plan.restart_policy = spec.restart_policy == "Never"       ? RestartPolicy::never
                        : spec.restart_policy == "OnFailure" ? RestartPolicy::on_failure
                                                             : RestartPolicy::always;
  plan.termination_grace_period = seconds(spec.termination_grace_period_seconds);
  if (spec.active_deadline_seconds) plan.active_deadline = seconds(*spec.active_deadline_seconds);
  plan.cgroup_parent = host.cgroup_parent;
  if (spec.security.fs_group) plan.fs_group = static_cast<std::uint32_t>(*spec.security.fs_group);
  plan.sysctls = spec.security.sysctls;
  // Without NET_RAW a program pings by datagram sockets. First, so that what the pod says of it counts.
  if (!spec.host_network) plan.sysctls.insert(plan.sysctls.begin(), {"net.ipv4.ping_group_range", "0 2147483647"});

  const Planning planning{pod, host, plan, own, missing_images};
  for (std::size_t i = 0; i < spec.security.sysctls.size(); ++i) {
    if (const std::string why = whose_sysctl(spec, spec.security.sysctls[i].first); !why.empty())
      planning.error(manifest::item("spec.securityContext.sysctls", i) + ".name", why);
  }
  check_annotations(planning);
  for (const manifest::Volume& volume : spec.volumes) plan.volumes.push_back(plan_volume(planning, volume));
  std::vector<Container> containers;
  const auto add = [&](const manifest::Container& container, ContainerKind kind) {
    containers.push_back(plan_container(planning, container, kind));
  };
  for (const auto& container : spec.init_containers) {
    add(container, container.restart_always ? ContainerKind::sidecar : ContainerKind::init);
  }
  for (const auto& container : spec.containers) add(container, ContainerKind::main);
  plan.containers = std::move(containers);
  const bool refused = own.has_errors() || pod.source.refused("");
  problems.append(std::move(own));
  problems.append(std::move(missing_images));
  if (refused) return std::nullopt;
  plan.pod_json = applied_pod(pod, host);
  return plan;
}

}  // namespace tandem::plan
