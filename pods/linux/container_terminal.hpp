// A terminal of a container's own: its name is one inside (`tty` finds it), and nothing of the host's devpts is handed
// in.
#pragma once

#include "core/os/process.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

struct PseudoTerminal {
  unique_fd master, slave;
};

// From the devpts at /dev/pts of the container whose first process is `init`; the slave belongs to `owner`.
PseudoTerminal open_terminal_in_container(const ProcessId& init, const plan::Identity& owner);

}  // namespace tandem::linux_
