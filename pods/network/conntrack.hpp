// The kernel's memory of UDP flows (connection tracking), by ctnetlink. Where a flow goes is decided with its first
// packet: a client that goes on sending from the same port is led to where it was, however the rules have changed.
#pragma once

#include <cstdint>
#include <vector>

namespace tandem::network {

struct UdpPort {
  std::uint32_t address = 0;  // of this host, in host byte order; 0: every one
  int port = 0;
};

// Flows to these ports of this host are decided anew. Of the caller's network namespace. Without effect on a kernel
// that has no nf_conntrack_netlink, and never an error: such a flow ends by itself when its client is silent for long.
void forget_flows(const std::vector<UdpPort>& ports);

}  // namespace tandem::network
