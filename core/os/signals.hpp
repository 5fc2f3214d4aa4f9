// Signals as descriptors.
#pragma once

#include <initializer_list>

#include "core/os/unique_fd.hpp"

namespace tandem {

// Blocks the signals in this thread and returns a close-on-exec, non-blocking signalfd for them.
unique_fd signal_fd(std::initializer_list<int> signals);

// Ends this process by the signal's default action, whatever was set up for it.
[[noreturn]] void die_of(int signal);

// Before exec of somebody else's program: every signal back to its default action, none blocked.
void reset_signals();

}  // namespace tandem
