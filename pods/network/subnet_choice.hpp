// Which subnet a root's bridge takes: pure decisions.
#pragma once

#include <string>
#include <vector>

#include "pods/network/ipv4.hpp"
#include "pods/network/network.hpp"

namespace tandem::network {

// In the order to try. The default roots (tag "") ask for 10.83.0.0/16 and neighbours; every other root for a /20 out
// of 10.160.0.0/11 that follows from its tag.
std::vector<Prefix> subnet_candidates(const std::string& tag);

Subnet to_subnet(const Prefix& prefix);  // the bridge takes the first address
Prefix to_prefix(const Subnet& subnet);  // throws Error{bug} on a malformed one

// The address for the next pod: the first free one after `last`, going round; so that an address that was just released
// rests before it is given again. Never the network's own, the bridge's or the broadcast address. nullopt: all are
// taken.
std::optional<std::uint32_t> next_address(const Prefix& prefix, const std::vector<std::uint32_t>& taken,
                                          std::uint32_t last);

}  // namespace tandem::network
