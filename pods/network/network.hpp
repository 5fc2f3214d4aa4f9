// A pod's network: bridge, addresses, ports. Every function is idempotent, so that it can be its own undo's
// counterpart.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::network {

// Where the supervisor answers names: a link-local address on lo in every pod's own network namespace, port 53.
// IPv4 only: pods have no IPv6 address beyond what the kernel gives by itself.
inline constexpr const char* name_server_address = "169.254.20.10";
inline constexpr int name_server_port = 53;
inline constexpr const char* pod_interface = "eth0";  // the veth's end inside the pod

// The bridge's subnet: 10.88-like, derived from the roots' tag, or /etc/tandem/config.yaml, $TANDEM_ROOT/config.yaml
// ("network: {subnet: 10.83.0.0/16}"). The choice is kept on disk while pods use it. Throws Error{environment} when it
// overlaps a route of the host, Error{input} for a config file that cannot be used.
struct Subnet {
  std::string address;  // the bridge's own: "10.83.0.1"
  int prefix_length = 16;
};
Subnet find_subnet(const state::Roots& roots);
Subnet foresee_subnet(const state::Roots& roots);  // what find_subnet would choose now; nothing is written

// An address for the pod, kept on disk under its uid until released. The same uid gets the same address again. A lease
// whose pod has no directory in Roots::pods() ten minutes after it was given counts as released.
std::string allocate_address(const state::Roots& roots, const Subnet& subnet, const std::string& uid);
void release_address(const state::Roots& roots, const std::string& uid);  // or the pod's id

// What the host's resolv.conf says: its first three nameservers (loopback ones are asked by the supervisor from the
// host's namespace) and its search list. An absent file says nothing.
struct ResolvConf {
  std::vector<std::string> nameservers, searches;
};
ResolvConf read_resolv_conf(const std::string& path = "/etc/resolv.conf");

// Makes the bridge when absent (address, up, forwarding, masquerade in our own nftables table), a veth pair between it
// and the network namespace at `namespace_path`, address and default route inside, lo up, the link-local name server
// address on lo, a guard at the pod's port of the bridge. mode none: lo only. mode host: nothing. Returns warnings:
// what the pod has to do without (no `nft` program: no masquerade, no guard), and settings of the host that were
// changed (net.ipv4.ip_forward).
std::vector<std::string> create_pod_network(const plan::Plan& plan, const std::string& firewall_table,
                                            const std::string& namespace_path);
// The veth, and its guard in our table while the bridge has other ports (firewall_table empty: a pod of a Tandem that
// had no guards); absent is fine.
void remove_pod_network(const plan::Network& network, const std::string& firewall_table);

// hostPort: DNAT rules in our table, with the pod's id in their comment; reachable from outside, from other pods, and
// from the host itself through 127.0.0.1. Replaces what the pod had published. Throws Error{environment} when the
// program `nft` is missing, when another pod has the port, which `name_of` names by its id (absent: the id), or when a
// program of the host listens there. Nothing to do without host ports or in mode host.
void publish_host_ports(const plan::Plan& plan, const std::string& firewall_table,
                        const std::function<std::string(const std::string& id)>& name_of = nullptr);
void unpublish_host_ports(const std::string& pod_id, const std::string& firewall_table);

// What pods that are gone have left, those without a directory in Roots::pods(): links, guards, and with the last lease
// the bridge and our tables.
void remove_unused(const state::Roots& roots);
bool is_bridge_there(const state::Roots& roots);  // else there is nothing to remove

}  // namespace tandem::network
