// Pods that have lost keeper and supervisor both: what their last status says is true no more.
#pragma once

#include "pods/cli/session.hpp"

namespace tandem::cli {

// Before a command looks at pods: starts a keeper for each that has none, and waits until its supervisor answers. Says
// so on stderr, and also when it cannot. Without root nothing is done.
void revive_pods(const Session& session);

}  // namespace tandem::cli
