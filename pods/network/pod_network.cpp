#include <net/if.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/conntrack.hpp"
#include "pods/network/firewall.hpp"
#include "pods/network/host_settings.hpp"
#include "pods/network/host_sockets.hpp"
#include "pods/network/leases.hpp"
#include "pods/network/links.hpp"
#include "pods/network/network.hpp"
#include "pods/network/subnet_choice.hpp"

namespace tandem::network {

namespace {

std::uint32_t require_ipv4(const std::string& text, const char* what) {
  if (const auto address = parse_ipv4(text)) return *address;
  throw Error(Fault::bug, "use " + std::string(what), "\"" + text + "\"", "not an IPv4 address");
}

void join_bridge(const plan::Network& network, Links& host, const Links& pod, const std::string& namespace_path) {
  const std::uint32_t gateway = require_ipv4(network.gateway, "gateway");
  host.create_bridge(network.bridge, gateway);
  refuse_router_advertisements(network.bridge);
  host.add_address(network.bridge, gateway, network.prefix_length);
  // The host's end without the pod's is a leftover: the pod's id is the same, its namespace is another.
  if (host.index_of(network.interface_host) != 0 && pod.index_of(pod_interface) == 0)
    host.remove(network.interface_host);
  if (host.index_of(network.interface_host) == 0) {
    host.create_veth(network.interface_host, network.bridge, pod_interface, namespace_path,
                     require_ipv4(network.address, "pod address"));
  }
  host.allow_hairpin(network.interface_host);
}

void configure_inside(const plan::Network& network, Links& pod) {
  pod.add_address(pod_interface, require_ipv4(network.address, "pod address"), network.prefix_length);
  pod.set_up(pod_interface);
  pod.set_default_route(pod_interface, require_ipv4(network.gateway, "gateway"));
}

std::vector<std::string> open_to_outside(const plan::Network& network, const std::string& firewall_table) {
  std::vector<std::string> warnings;
  if (auto said = enable_forwarding()) warnings.push_back(*said);
  if (!find_nft()) {
    warnings.push_back("no program \"nft\": pods reach this machine and each other, but not beyond (install nftables)");
    return warnings;
  }
  const Prefix subnet = prefix_of(require_ipv4(network.gateway, "gateway"), network.prefix_length);
  const std::string ways = table_script(firewall_table, network.bridge, subnet);
  std::string no_guard;
  try {
    // One run of nft, as each costs milliseconds; a kernel without tables for bridges gets what it can do in another.
    apply_rules(ways +
                guard_script(firewall_table, network.interface_host, require_ipv4(network.address, "pod address")));
    return warnings;
  } catch (const Error& error) {
    no_guard = error.what();
  }
  try {
    apply_rules(ways);
    warnings.push_back("no guard at the bridge, a pod with NET_RAW can speak with another's address: " + no_guard);
  } catch (const Error& error) {
    warnings.push_back(std::string("no masquerade, pods do not reach beyond this machine: ") + error.what());
  }
  return warnings;
}

std::vector<UdpPort> udp_ports(const std::vector<plan::HostPort>& wanted) {
  std::vector<UdpPort> ports;
  for (const plan::HostPort& port : wanted)
    if (port.protocol == "UDP") ports.push_back({parse_ipv4(port.host_ip).value_or(0), port.host_port});
  return ports;
}

std::vector<UdpPort> udp_ports(const std::vector<PublishedPort>& present, const std::string& pod_id) {
  std::vector<UdpPort> ports;
  for (const PublishedPort& port : present)
    if (port.pod_id == pod_id && port.protocol == "udp")
      ports.push_back({parse_ipv4(port.address).value_or(0), port.port});
  return ports;
}

void remove_tables(const std::string& table) {
  // Adding it first makes the removal of what is not there no error.
  const std::string ip = "add table ip " + table + "\ndelete table ip " + table + "\n";
  try {
    apply_rules(ip + "add table bridge " + table + "\ndelete table bridge " + table + "\n");
  } catch (const Error&) {  // a kernel without tables for bridges
    apply_rules(ip);
  }
}

bool is_any_pod_changed(const state::Roots& roots) {
  for (const std::string& lock : list_directory(roots.locks()))
    if (is_locked(roots.locks() / lock)) return true;
  return false;
}

bool is_of_gone_pod(const state::Roots& roots, const std::string& port) {
  const std::string prefix = plan::interface_of("");
  return port.starts_with(prefix) && !fs::exists(roots.pods() / port.substr(prefix.size()));
}

// A network namespace takes its link along when it ends, unless somebody holds it.
void remove_ports_of_gone_pods(const state::Roots& roots) {
  Links links;
  for (const std::string& port : links.ports(roots.bridge()))
    if (is_of_gone_pod(roots, port)) links.remove(port);
}

void remove_guards_of_gone_pods(const state::Roots& roots) {
  if (!find_nft()) return;
  std::string script;
  for (const std::string& port : list_guarded(roots.firewall_table()))
    if (is_of_gone_pod(roots, port)) script += unguard_script(roots.firewall_table(), port);
  if (!script.empty()) apply_rules(script);
}

// Whether it is gone.
bool remove_bridge_if_unused(const state::Roots& roots) {
  const Leases leases(roots);  // locked: nobody takes an address, and so counts on the bridge, meanwhile
  // A lease without its pod is a launch's that goes on, or one's that was killed.
  if (!(is_any_pod_changed(roots) ? leases.all() : leases.all(std::chrono::minutes(0))).empty()) return false;
  Links links;
  if (!links.ports(roots.bridge()).empty()) return false;
  links.remove(roots.bridge());
  if (find_nft()) remove_tables(roots.firewall_table());
  leases.forget_subnet();
  return true;
}

}  // namespace

std::vector<std::string> create_pod_network(const plan::Plan& plan, const std::string& firewall_table,
                                            const std::string& namespace_path) {
  const plan::Network& network = plan.network;
  if (network.mode == plan::NetworkMode::host) return {};
  Links pod(namespace_path);
  pod.set_up("lo");
  if (network.mode == plan::NetworkMode::none) return {};
  Links host;
  join_bridge(network, host, pod, namespace_path);
  configure_inside(network, pod);
  if (!network.name_server.empty()) pod.add_address("lo", require_ipv4(network.name_server, "name server"), 32);
  return open_to_outside(network, firewall_table);
}

void remove_pod_network(const plan::Network& network, const std::string& firewall_table) {
  if (network.mode != plan::NetworkMode::bridge || network.interface_host.empty()) return;
  Links links;
  links.remove(network.interface_host);
  // With the last port the bridge goes, and the whole table with it: no run of nft for its one guard.
  if (firewall_table.empty() || links.ports(network.bridge).empty() || !find_nft()) return;
  try {
    apply_rules(unguard_script(firewall_table, network.interface_host));
  } catch (const Error&) {
    if (has_table("bridge", firewall_table)) throw;  // without it there is no guard
  }
}

namespace {

// Of other roots: the first rule that matches wins, and the other's pod would lose its port without a word.
std::vector<PublishedPort> ports_of_others(const std::string& firewall_table) {
  std::vector<PublishedPort> all;
  for (const std::string& table : list_tables("ip")) {
    if (table == firewall_table || !table.starts_with("tandem")) continue;
    for (PublishedPort& port : parse_published(list_host_ports(table).value_or(""))) {
      port.pod_id += " of another Tandem (nftables table " + table + ")";
      all.push_back(std::move(port));
    }
  }
  return all;
}

}  // namespace

void publish_host_ports(const plan::Plan& plan, const std::string& firewall_table,
                        const std::function<std::string(const std::string&)>& name_of) {
  if (plan.network.mode != plan::NetworkMode::bridge || plan.host_ports.empty()) return;
  enable_loopback_routing(plan.network.bridge);
  const Prefix subnet = prefix_of(require_ipv4(plan.network.gateway, "gateway"), plan.network.prefix_length);
  auto present = parse_published(list_host_ports(firewall_table).value_or(""));
  for (PublishedPort& held : present)
    if (name_of && held.pod_id != plan.id) held.pod_id = name_of(held.pod_id);
  for (PublishedPort& held : ports_of_others(firewall_table)) present.push_back(std::move(held));
  const std::string script = publish_script(firewall_table, present, plan.id, plan.network.address, plan.host_ports);
  for (const plan::HostPort& port : plan.host_ports) require_free(port);
  apply_rules(table_script(firewall_table, plan.network.bridge, subnet) + script);
  // Sent before there was a rule, or led to a pod that had the port before and could not say so.
  forget_flows(udp_ports(plan.host_ports));
}

void unpublish_host_ports(const std::string& pod_id, const std::string& firewall_table) {
  if (!find_nft()) return;  // then nothing was ever published
  const auto listing = list_host_ports(firewall_table);
  if (!listing) return;
  const auto present = parse_published(*listing);
  const std::string script = publish_script(firewall_table, present, pod_id, "", {});
  if (script.empty()) return;
  apply_rules(script);
  forget_flows(udp_ports(present, pod_id));  // else they reach whoever has the pod's address next
}

bool is_bridge_there(const state::Roots& roots) {
  return fs::exists(roots.network() / "subnet") || ::if_nametoindex(roots.bridge().c_str()) != 0;
}

void remove_unused(const state::Roots& roots) {
  if (!fs::exists(roots.network()) || !is_bridge_there(roots)) return;
  remove_ports_of_gone_pods(roots);
  if (!remove_bridge_if_unused(roots)) remove_guards_of_gone_pods(roots);
}

}  // namespace tandem::network
