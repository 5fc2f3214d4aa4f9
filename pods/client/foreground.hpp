// Pods that live as long as somebody looks at them: `up` without -d.
#pragma once

#include <functional>
#include <vector>

#include "pods/client/container_logs.hpp"

namespace tandem::client {

enum class Ended { succeeded, failed, interrupted };  // failed: one of them at least

// Passes on what the pods write, and says their warnings, until all have ended or `interrupted` says so (asked a few
// times a second); then stops what still runs, says who has failed, and deletes all of them.
Ended run_in_foreground(const state::Roots& roots, std::vector<RunningPod> pods,
                        const std::function<bool()>& interrupted, const LogOutput& out, const Notes& say);

}  // namespace tandem::client
