#include "pods/client/stopping.hpp"

#include "core/os/error.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

void say_who_is_deaf(const state::Roots& roots, const StoppingPod& pod, std::optional<std::chrono::seconds> grace,
                     const Notes& say) {
  const state::PodPaths paths(roots, pod.id);
  const plan::Plan plan = plan::read_pod_plan(paths);
  const std::chrono::seconds time = grace.value_or(plan.termination_grace_period);
  if (time.count() == 0) return;
  for (const auto& [container, signal] : supervise::deaf_containers(paths, plan))
    say("pod/" + pod.name + ": " + container + " ignores " + signal +
        " (it has no handler for it, which process 1 of a container needs); killed in " + std::to_string(time.count()) +
        " s");
}

}  // namespace

void begin_stops(const state::Roots& roots, const std::vector<StoppingPod>& pods,
                 std::optional<std::chrono::seconds> grace, const Notes& say) {
  for (const StoppingPod& pod : pods) {
    try {
      say_who_is_deaf(roots, pod, grace, say);
    } catch (const Error&) {  // what cannot be read is no reason not to stop
    }
    supervise::hasten_stop(roots, pod.id, grace);
  }
}

}  // namespace tandem::client
