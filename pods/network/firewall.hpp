// Two nftables tables per root, of one name: "ip" has masquerade for pods' traffic to the outside, and host ports;
// "bridge" has a guard at each pod's port, so that a pod that was given CAP_NET_RAW or CAP_NET_ADMIN still speaks with
// its own addresses only. The texts are pure; apply_rules hands them to the program `nft`, because libnftables has no
// static archive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pods/network/ipv4.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::network {

// The table's chains, filled for this bridge and subnet; running it again changes nothing (one transaction).
std::string table_script(const std::string& table, const std::string& bridge, const Prefix& subnet);

// What may come in at the bridge's `port`: IPv4 and ARP from this address and its hardware address
// (hardware_address_of), nothing else, IPv6 neither. Ports without a guard are as they were. Both can be run again.
std::string guard_script(const std::string& table, const std::string& port, std::uint32_t address);
std::string unguard_script(const std::string& table, const std::string& port);  // fails when there is no such table
std::vector<std::string> parse_guarded(
    const std::string& listing);  // of `nft -a list map bridge TABLE ports`: their ports

// A published host port, as the comment of its rule says it: "POD_ID tcp ADDRESS:PORT", ADDRESS 0.0.0.0 for every one.
struct PublishedPort {
  std::string pod_id, protocol, address;
  int port = 0;
  int handle = 0;  // nftables' number for the rule
};
std::vector<PublishedPort> parse_published(const std::string& listing);  // of `nft -a list chain ip TABLE host_ports`

// Deletes what `present` has of the pod and adds `wanted`, in one transaction. Throws Error{environment} when another
// pod has one of the ports.
std::string publish_script(const std::string& table, const std::vector<PublishedPort>& present,
                           const std::string& pod_id, const std::string& pod_address,
                           const std::vector<plan::HostPort>& wanted);

std::optional<std::string> find_nft();        // its path; nullopt: not installed
void apply_rules(const std::string& script);  // throws Error{environment} with nft's own text
bool has_table(const std::string& family, const std::string& table);
std::vector<std::string> list_tables(const std::string& family);
std::vector<std::string> list_guarded(const std::string& table);       // {}: no such table
std::optional<std::string> list_host_ports(const std::string& table);  // nullopt: no such table

}  // namespace tandem::network
