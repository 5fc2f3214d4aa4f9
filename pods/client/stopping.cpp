#include "pods/client/stopping.hpp"

#include <iostream>

#include "core/os/error.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

void say_who_is_deaf(const state::Roots& roots, const StoppingPod& pod, std::optional<std::chrono::seconds> grace) {
  const state::PodPaths paths(roots, pod.id);
  const plan::Plan plan = plan::read_pod_plan(paths);
  const std::chrono::seconds time = grace.value_or(plan.termination_grace_period);
  if (time.count() == 0) return;
  for (const auto& [container, signal] : supervise::deaf_containers(paths, plan))
    std::cerr << "pod/" << pod.name << ": " << container << " ignores " << signal
              << " (it has no handler for it, which process 1 of a container needs); killed in " << time.count()
              << " s\n";
}

}  // namespace

void begin_stops(const state::Roots& roots, const std::vector<StoppingPod>& pods,
                 std::optional<std::chrono::seconds> grace) {
  for (const StoppingPod& pod : pods) {
    try {
      say_who_is_deaf(roots, pod, grace);
    } catch (const Error&) {  // what cannot be read is no reason not to stop
    }
    supervise::hasten_stop(roots, pod.id, grace);
  }
}

}  // namespace tandem::cli
