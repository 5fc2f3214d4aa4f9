#include "pods/client/foreground.hpp"

#include <map>

#include "pods/client/pod_access.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/client/stopping.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

void say_failed(const RunningPod& pod, const Notes& say) {
  const std::string which = failed_containers(pod.paths);
  say("pod/" + pod.name + " failed" + (which.empty() ? "" : ": ") + which);
}

}  // namespace

Ended run_in_foreground(const state::Roots& roots, std::vector<RunningPod> pods,
                        const std::function<bool()>& interrupted, const LogOutput& out, const Notes& say) {
  PodsOutput output(std::move(pods), out, say);
  PodWarnings warnings;
  std::map<std::string, std::string> ended;  // id -> phase
  bool stopped = false;
  while (ended.size() < output.pods().size() && !stopped) {
    output.wait();
    stopped = interrupted();
    for (const auto& pod : output.pods()) {
      const std::string phase = supervise::pod_phase(pod.paths);
      if (phase == "Succeeded" || phase == "Failed") ended[pod.plan.id] = phase;
    }
    output.write();
    for (const auto& pod : output.pods())
      for (const std::string& line : warnings.news(pod.paths, pod.name)) say(line);
  }
  if (stopped) say("stopping; a second Ctrl-C does not hurry it: see tandem delete --now");
  std::vector<StoppingPod> stopping;
  for (const auto& pod : output.pods()) stopping.push_back({pod.name, pod.plan.id});
  begin_stops(roots, stopping, std::nullopt, say);
  bool failed = false;
  for (const auto& pod : output.pods()) {
    failed = failed || ended[pod.plan.id] == "Failed";
    supervise::stop_pod(roots, pod.plan.id, std::nullopt);
  }
  output.write();
  for (const auto& pod : output.pods())
    if (ended[pod.plan.id] == "Failed") say_failed(pod, say);
  for (const auto& pod : output.pods()) {
    const state::PodLock lock = lock_pod(roots, pod.name_space, pod.name, say);
    if (find_pod_id(roots, pod.name_space, pod.name) != pod.plan.id) continue;  // somebody else's by now
    supervise::delete_pod(roots, pod.plan.id, std::nullopt);
    state::remove_object(roots, {"Pod", pod.name_space, pod.name});
  }
  supervise::announce_names(roots);
  return stopped ? Ended::interrupted : failed ? Ended::failed : Ended::succeeded;
}

}  // namespace tandem::client
