// Settings of the host's network that pods need, or that it needs for pods.
#pragma once

#include <optional>
#include <string>

namespace tandem::network {

// Switches ip_forward on. Returns what there is to tell: that it was off, or that it cannot be switched on.
std::optional<std::string> enable_forwarding(const std::string& folder = "/proc/sys/net/ipv4");

// Lets packets from 127.0.0.1 leave through the bridge: host ports on the host's loopback. Throws Error{environment}.
void enable_loopback_routing(const std::string& bridge, const std::string& folder = "/proc/sys/net/ipv4");

// A pod that sends router advertisements changes no route of the host's. Nothing to do where there is no IPv6.
void refuse_router_advertisements(const std::string& bridge, const std::string& folder = "/proc/sys/net/ipv6");

}  // namespace tandem::network
