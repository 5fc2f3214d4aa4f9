#include <algorithm>

#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

constexpr std::size_t most_nameservers = 3;  // resolv.conf(5)

// kubelet: the pod's name, cut to what a host name may have.
std::string hostname_of(const manifest::Pod& pod) {
  std::string name = pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname;
  name.resize(std::min<std::size_t>(name.size(), 63));
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name;
}

void add_new(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& entry : more) {
    if (std::find(list.begin(), list.end(), entry) == list.end()) list.push_back(entry);
  }
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

// What the policy alone asks for.
Dns dns_of_policy(const manifest::Pod& pod, const Host& host, const Network& network) {
  Dns dns;
  const std::string& policy = pod.spec.dns_policy;
  if (policy == "None") return dns;
  const bool has_server = !network.name_server.empty();
  const bool cluster = has_server && policy != "Default";
  if (cluster) {
    const std::string& name_space = pod.metadata.name_space;
    dns.nameservers = {network.name_server};
    dns.searches = {name_space + ".svc.cluster.local", "svc.cluster.local", "cluster.local"};
    dns.options = {"ndots:5"};
  } else {
    // A resolver on the host's loopback cannot be reached from the pod; its name server can ask it.
    const bool out_of_reach =
        has_server && std::any_of(host.upstream_nameservers.begin(), host.upstream_nameservers.end(), is_loopback);
    dns.nameservers = out_of_reach ? std::vector{network.name_server} : host.upstream_nameservers;
  }
  add_new(dns.searches, host.search_domains);
  return dns;
}

void add_options(std::vector<std::string>& options, const manifest::TextMap& more) {
  for (const auto& added : more) {
    const std::string& name = added.first;
    std::erase_if(options, [&](const std::string& option) { return option.substr(0, option.find(':')) == name; });
    options.push_back(added.second.empty() ? name : name + ":" + added.second);
  }
}

void plan_host_ports(const manifest::PodSpec& spec, Plan& plan) {
  if (plan.network.mode == NetworkMode::host) return;
  for (const auto* containers : {&spec.init_containers, &spec.containers}) {
    for (const manifest::Container& container : *containers) {
      for (const manifest::ContainerPort& port : container.ports) {
        if (port.host_port == 0) continue;
        plan.host_ports.push_back({port.host_ip, port.host_port, port.container_port, port.protocol});
      }
    }
  }
}

}  // namespace

void plan_network(const manifest::Pod& pod, const Host& host, Problems& problems, Plan& plan) {
  const manifest::PodSpec& spec = pod.spec;
  Network& network = plan.network;
  network.host_address = host.address;
  network.upstream_nameservers = host.upstream_nameservers;
  plan.hostname = spec.host_network ? host.node_name : hostname_of(pod);
  plan.subdomain = spec.subdomain;
  if (spec.host_network) {
    network.mode = NetworkMode::host;
    network.address = host.address;
    if (spec.dns_policy == "ClusterFirstWithHostNet") {
      pod.source.warning(problems, "spec.dnsPolicy", "names of Services do not resolve in a pod with hostNetwork yet");
    }
  } else if (host.bridge.empty()) {
    network.mode = NetworkMode::none;
  } else {
    network.mode = NetworkMode::bridge;
    network.bridge = host.bridge;
    network.address = host.pod_address;
    network.prefix_length = host.prefix_length;
    network.gateway = host.gateway;
    network.interface_host = interface_of(plan.id);
    network.name_server = host.name_server;
  }
  plan.dns = dns_of_policy(pod, host, network);
  add_new(plan.dns.nameservers, spec.dns.nameservers);
  if (plan.dns.nameservers.size() > most_nameservers) {
    plan.dns.nameservers.resize(most_nameservers);
    pod.source.warning(problems, "spec.dnsConfig.nameservers", "only the first 3 name servers are asked");
  }
  add_new(plan.dns.searches, spec.dns.searches);
  add_options(plan.dns.options, spec.dns.options);
  plan_host_ports(spec, plan);
  for (const manifest::HostAlias& alias : spec.host_aliases) plan.host_aliases.push_back({alias.ip, alias.hostnames});
}

}  // namespace tandem::plan
