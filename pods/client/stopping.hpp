// Before pods are deleted or replaced.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pods/client/notes.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

struct StoppingPod {
  std::string name, id;
};

// Asks all of them to stop, so that they end side by side, and waits for none. Says which containers do not
// hear their stop signal and so will be waited for until their grace period is over. `grace`: nullopt is the pod's own.
void begin_stops(const state::Roots& roots, const std::vector<StoppingPod>& pods,
                 std::optional<std::chrono::seconds> grace, const Notes& say);

}  // namespace tandem::client
