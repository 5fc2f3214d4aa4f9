// Why a pod fails, for who follows it and will not find it afterwards.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pods/state/layout.hpp"

namespace tandem::client {

// The warnings among a pod's events, each once, however often it happens again.
class PodWarnings {
 public:
  // Those that are new, "pod/NAME: REASON: MESSAGE".
  std::vector<std::string> news(const state::PodPaths& paths, const std::string& name);

 private:
  std::set<std::pair<std::string, std::string>> told_;  // pod and event
};

// "main exited with 3, log exited with 137 (OOMKilled)", by the last status; empty: no container did, or it does not
// say.
std::string failed_containers(const state::PodPaths& paths);

// "FailedCreatePodSandBox: host port 80/tcp is taken ...": the newest warning among its events; empty: there is none.
std::string last_warning(const state::PodPaths& paths);

// That the pod's deletion was begun, and that no command is at it any more; with the one that finishes it. Empty: it is
// not so.
std::string interrupted_deletion(const state::Roots& roots, const std::string& id, const std::string& name_space,
                                 const std::string& name);
std::string command_to_delete(const std::string& name_space, const std::string& name);  // as a person types it

}  // namespace tandem::client
