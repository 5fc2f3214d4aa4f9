// The signal that an image or a manifest names as its stop signal.
#pragma once

#include <string>

namespace tandem::supervise {

// "SIGQUIT", "QUIT", "3", "SIGRTMIN+3"; anything else is SIGTERM, as runtimes do.
int signal_number(const std::string& name);

// Whether that signal does nothing to a process, by its /proc/PID/status (proc(5)): it is process 1 of its pid
// namespace, for which default actions are not taken, and neither catches the signal nor blocks it (to wait for it).
bool ignores_as_first_process(const std::string& proc_status, int signal);

}  // namespace tandem::supervise
