// Waiting for pods, by the status that their supervisors write.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "pods/client/pod_goal.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

struct PodName {
  std::string name_space, name;
};
PodName pod_name(const std::string& name_space, const std::string& text);  // "NAME", "pod/NAME", "pods/NAME"

std::chrono::nanoseconds parse_timeout(const std::string& text);  // throws Error{user}

// Returns when every pod has reached the goal; `reached` is called for each once, with
// what it has come to: "is ready", "has succeeded", "is deleted". Throws Error{environment} at the
// timeout, whose text says what each pod waits for, and at once when a pod has failed, so that the goal cannot be
// reached any more; NotFound when one is not there.
void wait_for_pods(const state::Roots& roots, const std::vector<PodName>& pods, Goal goal,
                   std::chrono::nanoseconds timeout,
                   const std::function<void(const PodName&, const std::string& how)>& reached);

}  // namespace tandem::client
