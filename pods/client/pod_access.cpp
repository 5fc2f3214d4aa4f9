#include "pods/client/pod_access.hpp"

#include <unistd.h>

#include <set>

#include "core/os/error.hpp"

namespace tandem::client {

namespace {

std::function<void()> say_waiting(const std::string& name_space, const std::string& name, const Notes& say) {
  return [=, &say] { say("waiting for another command that changes pod " + name_space + "/" + name); };
}

}  // namespace

void require_root(const char* what) {
  if (::geteuid() != 0)
    throw Error(Fault::environment, what, "", "it needs root, to whom pods and all that they are made of belong",
                "run it with sudo");
}

state::PodLock lock_pod(const state::Roots& roots, const std::string& name_space, const std::string& name,
                        const Notes& say) {
  return {roots, name_space, name, say_waiting(name_space, name, say), state::WithoutRoom::lock_all};
}

std::vector<state::PodLock> lock_pods(const state::Roots& roots, const std::vector<manifest::Pod>& pods,
                                      const Notes& say) {
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& pod : pods) names.emplace(pod.metadata.name_space, pod.metadata.name);
  std::vector<state::PodLock> locks;
  for (const auto& [name_space, name] : names)
    locks.emplace_back(roots, name_space, name, say_waiting(name_space, name, say), state::WithoutRoom::fail);
  return locks;
}

}  // namespace tandem::client
