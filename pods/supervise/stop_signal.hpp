// The signal that an image or a manifest names as its stop signal.
#pragma once

#include <string>

namespace tandem::supervise {

// "SIGQUIT", "QUIT", "3", "SIGRTMIN+3"; anything else is SIGTERM, as runtimes do.
int signal_number(const std::string& name);

}  // namespace tandem::supervise
