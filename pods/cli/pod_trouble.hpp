// Why a pod fails, for who follows it and will not find it afterwards.
#pragma once

#include <set>
#include <string>

#include "pods/state/layout.hpp"

namespace tandem::cli {

// The warnings among a pod's events, each once, however often it happens again.
class PodWarnings {
 public:
  // Those that are new: a line each, "pod/NAME: REASON: MESSAGE".
  std::string news(const state::PodPaths& paths, const std::string& name);

 private:
  std::set<std::pair<std::string, std::string>> told_;  // pod and event
};

// "main exited with 3, log exited with 137 (OOMKilled)", by the last status; empty: no container did, or it does not
// say.
std::string failed_containers(const state::PodPaths& paths);

}  // namespace tandem::cli
