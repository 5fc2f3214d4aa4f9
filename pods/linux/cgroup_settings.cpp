// Requests and limits -> what is written to cgroup files. Pure. Numbers as kubelet's cm package has them.
#include <algorithm>
#include <string>

#include "pods/linux/cgroup.hpp"

namespace tandem::linux_ {
namespace {

constexpr std::int64_t least_shares = 2, most_shares = 262144;
constexpr std::int64_t period_us = 100'000, least_quota_us = 1'000;

std::int64_t shares(const plan::Resources& resources) {
  const auto request = resources.cpu_request ? resources.cpu_request : resources.cpu_limit;
  if (!request) return least_shares;
  return std::clamp(request->value * 1024 / 1000, least_shares, most_shares);
}

std::int64_t quota_us(Millicores limit) { return std::max(limit.value * period_us / 1000, least_quota_us); }

}  // namespace

std::vector<CgroupSetting> settings_v1(const plan::Resources& resources) {
  std::vector<CgroupSetting> settings{{"cpu", "cpu.shares", std::to_string(shares(resources))}};
  if (resources.cpu_limit) {
    settings.push_back({"cpu", "cpu.cfs_period_us", std::to_string(period_us)});
    settings.push_back({"cpu", "cpu.cfs_quota_us", std::to_string(quota_us(*resources.cpu_limit))});
  }
  if (resources.memory_limit) {
    const std::string bytes = std::to_string(resources.memory_limit->value);
    settings.push_back({"memory", "memory.limit_in_bytes", bytes});
    settings.push_back({"memory", "memory.memsw.limit_in_bytes", bytes, false});  // or swap would be a way around
  }
  if (resources.pids_limit) settings.push_back({"pids", "pids.max", std::to_string(*resources.pids_limit)});
  return settings;
}

std::vector<CgroupSetting> settings_v2(const plan::Resources& resources) {
  const std::int64_t weight = 1 + (shares(resources) - least_shares) * 9999 / (most_shares - least_shares);
  std::vector<CgroupSetting> settings{{"cpu", "cpu.weight", std::to_string(weight)}};
  if (resources.cpu_limit) {
    settings.push_back(
        {"cpu", "cpu.max", std::to_string(quota_us(*resources.cpu_limit)) + " " + std::to_string(period_us)});
  }
  if (resources.memory_limit) {
    settings.push_back({"memory", "memory.max", std::to_string(resources.memory_limit->value)});
    settings.push_back({"memory", "memory.swap.max", "0", false});
    // A container is one thing: a half killed one would hang instead of being restarted (kubelet's default on v2).
    settings.push_back({"memory", "memory.oom.group", "1"});
  }
  if (resources.pids_limit) settings.push_back({"pids", "pids.max", std::to_string(*resources.pids_limit)});
  return settings;
}

namespace {

// What one resource needs over the pod's life; nullopt when no container names it.
template <class Amount>
std::optional<Amount> needed_at_once(const plan::Plan& plan, std::optional<Amount> plan::Resources::*member) {
  bool any = false;
  std::int64_t most_while_starting = 0, sidecars = 0, mains = 0;
  for (const plan::Container& container : plan.containers) {
    const std::optional<Amount>& amount = container.resources.*member;
    if (amount) any = true;
    const std::int64_t value = amount ? amount->value : 0;
    if (container.kind == plan::ContainerKind::sidecar) sidecars += value;
    if (container.kind == plan::ContainerKind::init)
      most_while_starting = std::max(most_while_starting, sidecars + value);
    if (container.kind == plan::ContainerKind::main) mains += value;
  }
  if (!any) return std::nullopt;
  return Amount{std::max(most_while_starting, sidecars + mains)};
}

template <class Amount>
bool all_name(const plan::Plan& plan, std::optional<Amount> plan::Resources::*member) {
  return std::all_of(plan.containers.begin(), plan.containers.end(),
                     [&](const plan::Container& container) { return (container.resources.*member).has_value(); });
}

}  // namespace

plan::Resources pod_resources(const plan::Plan& plan) {
  using plan::Resources;
  Resources sum;
  sum.cpu_request = needed_at_once(plan, &Resources::cpu_request);
  sum.memory_request = needed_at_once(plan, &Resources::memory_request);
  if (all_name(plan, &Resources::cpu_limit)) sum.cpu_limit = needed_at_once(plan, &Resources::cpu_limit);
  if (all_name(plan, &Resources::memory_limit)) sum.memory_limit = needed_at_once(plan, &Resources::memory_limit);
  return sum;
}

}  // namespace tandem::linux_
