#include <algorithm>

#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

template <class See>
void for_each_container(const manifest::PodSpec& pod, See see) {
  for (const auto& container : pod.init_containers) see(container);
  for (const auto& container : pod.containers) see(container);
}

// kubelet, pkg/kubelet/qos/policy.go: the more memory is requested, the later the kernel picks it.
int burstable_adjustment(const manifest::Container& container, const Host& host) {
  constexpr int guaranteed = -997, best_effort = 1000;
  const std::int64_t request = container.requests.memory ? container.requests.memory->value : 0;
  const std::int64_t share =
      host.memory.value > 0
          ? static_cast<std::int64_t>(1000.0 * static_cast<double>(request) / static_cast<double>(host.memory.value))
          : 0;
  const std::int64_t adjustment = 1000 - share;
  if (adjustment < 1000 + guaranteed) return 1000 + guaranteed;
  if (adjustment == best_effort) return best_effort - 1;
  return static_cast<int>(adjustment);
}

}  // namespace

Qos qos_of(const manifest::PodSpec& pod) {
  bool any = false, all = true;
  for_each_container(pod, [&](const manifest::Container& container) {
    const auto& limits = container.limits;
    const auto& requests = container.requests;
    any = any || limits.cpu || limits.memory || requests.cpu || requests.memory;
    all = all && limits.cpu && limits.memory && limits.cpu == requests.cpu && limits.memory == requests.memory;
  });
  return !any ? Qos::best_effort : all ? Qos::guaranteed : Qos::burstable;
}

Resources plan_resources(const manifest::PodSpec& pod, const manifest::Container& container, ContainerKind kind,
                         const Host& host) {
  Resources out;
  out.cpu_request = container.requests.cpu;
  out.cpu_limit = container.limits.cpu;
  out.memory_request = container.requests.memory;
  out.memory_limit = container.limits.memory;
  out.pids_limit = host.pids_limit;
  const Qos qos = qos_of(pod);
  if (qos == Qos::guaranteed) out.oom_score_adj = -997;
  if (qos == Qos::best_effort) out.oom_score_adj = 1000;
  if (qos == Qos::burstable) {
    out.oom_score_adj = burstable_adjustment(container, host);
    // A sidecar goes no sooner than the containers that it serves (KEP-753).
    if (kind == ContainerKind::sidecar) {
      for (const auto& main : pod.containers) {
        out.oom_score_adj = std::min(out.oom_score_adj, burstable_adjustment(main, host));
      }
    }
  }
  return out;
}

}  // namespace tandem::plan
