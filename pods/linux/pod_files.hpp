// The text of a pod's /etc/hosts in host mode. Pure.
#pragma once

#include <string>
#include <vector>

#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

// The host's file with the pod's hostAliases behind it, as kubelet does for hostNetwork.
std::string hosts_with_aliases(const std::string& host_text, const std::vector<plan::HostAlias>& aliases);

}  // namespace tandem::linux_
