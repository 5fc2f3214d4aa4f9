// Whether the host's own programs leave a port to the pods.
#pragma once

#include "pods/plan/plan.hpp"

namespace tandem::network {

// Throws Error{environment} when a program of this machine listens where the host port would be; its clients would be
// led to the pod without a word. An address that this machine does not have (yet) is nobody's.
void require_free(const plan::HostPort& port);

}  // namespace tandem::network
