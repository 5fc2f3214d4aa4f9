#include <algorithm>
#include <charconv>

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

// A start itself takes 200 to 300 KiB of the container's memory, with busybox (2026-11-30, Linux 6.18, cgroup v1).
constexpr Bytes least_memory{512 << 10};
constexpr Bytes little_memory{6 << 20};  // dockerd's linuxMinMemory

// No limit at all is 0, as in Kubernetes.
void check_memory_limit(const Planning& planning, const manifest::Container& container) {
  const auto& limit = container.limits.memory;
  if (!limit || limit->value == 0 || limit->value >= little_memory.value) return;
  const std::string path = container.path + ".resources.limits.memory";
  const std::string shown = to_string(*limit) + (limit->value % 1024 == 0 ? "" : " bytes") + " of memory";
  if (limit->value < least_memory.value)
    planning.error(path, shown + " is less than what any container needs to start",
                   "write " + to_string(least_memory) + " or more; Mi is 1024 * 1024 bytes, m is a thousandth of one");
  else
    planning.warning(path, shown + " may be too little for a container to start",
                     "Docker refuses less than " + to_string(little_memory));
}

const std::string pids_limit_of_all = "tandem/pids-limit";

std::string pids_limit_of(const manifest::Container& container) { return pids_limit_of_all + "." + container.name; }

// The annotation of the container, that of the pod, or what the host gives everybody. "max": no limit.
std::optional<std::int64_t> pids_limit(const Planning& planning, const manifest::Container& container) {
  const auto& annotations = planning.pod.metadata.annotations;
  for (const std::string& key : {pids_limit_of(container), pids_limit_of_all}) {
    const auto found =
        std::find_if(annotations.begin(), annotations.end(), [&](const auto& one) { return one.first == key; });
    if (found != annotations.end()) return parse_pids_limit(found->second).value_or(std::nullopt);
  }
  return planning.host.pids_limit;
}

}  // namespace

std::optional<std::optional<std::int64_t>> parse_pids_limit(std::string_view text) {
  if (text == "max") return std::optional<std::int64_t>();
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit <= 0) return std::nullopt;
  return limit;
}

void check_annotations(const Planning& planning) {
  std::vector<std::string> known{pids_limit_of_all};
  for_each_container(planning.pod.spec,
                     [&](const manifest::Container& container) { known.push_back(pids_limit_of(container)); });
  for (const auto& [key, text] : planning.pod.metadata.annotations) {
    if (!key.starts_with("tandem/")) continue;
    const std::string path = manifest::below("metadata.annotations", key);
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      const std::string near = closest(key, known);
      planning.error(
          path,
          key.starts_with(pids_limit_of_all + ".") ? "no container has this name"
                                                   : "there is no such annotation of Tandem's",
          near.empty() ? "known: tandem/pids-limit, tandem/pids-limit.CONTAINER" : "did you mean \"" + near + "\"?");
    } else if (!parse_pids_limit(text)) {
      planning.error(path, "\"" + text + "\" is no number of processes",
                     "write a number like \"4096\", or \"max\" for no limit");
    }
  }
}

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

Resources plan_resources(const Planning& planning, const manifest::Container& container, ContainerKind kind) {
  const manifest::PodSpec& pod = planning.pod.spec;
  const Host& host = planning.host;
  check_memory_limit(planning, container);
  Resources out;
  out.cpu_request = container.requests.cpu;
  out.cpu_limit = container.limits.cpu;
  out.memory_request = container.requests.memory;
  out.memory_limit = container.limits.memory;
  out.pids_limit = pids_limit(planning, container);
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
  out.oom_score_raised = out.oom_score_adj < host.lowest_oom_score_adj;
  if (out.oom_score_raised) out.oom_score_adj = host.lowest_oom_score_adj;
  return out;
}

}  // namespace tandem::plan
