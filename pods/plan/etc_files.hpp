// The pod's own /etc/hosts, /etc/hostname and /etc/resolv.conf, as kubelet writes them.
#pragma once

#include <string>

#include "pods/plan/plan.hpp"

namespace tandem::plan {

std::string etc_hosts(const Plan& plan);
std::string etc_hostname(const Plan& plan);
std::string etc_resolv_conf(const Plan& plan);

}  // namespace tandem::plan
