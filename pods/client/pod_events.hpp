// What has happened to a pod, for who describes it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "pods/client/notes.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

// Its v1 Events, each once with its newest count, and what kept its supervisor or its keeper from being there, unless
// one of them says it. Damaged lines are left out, which is said.
std::vector<nlohmann::ordered_json> read_pod_events(const state::PodPaths& paths, const Notes& say);

}  // namespace tandem::client
