// A pseudo-terminal for a command in a container: this terminal in raw mode, bytes copied both ways, its size followed.
#pragma once

#include "core/os/process.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::cli {

struct PseudoTerminal {
  unique_fd master, slave;
};
PseudoTerminal open_pseudo_terminal();  // with this terminal's size, when there is one

// Copies stdin -> master (when `with_input`) and master -> stdout until the process has ended and its output is out.
// This terminal is raw meanwhile and restored afterwards. Returns how the process ended.
ExitStatus run_on_terminal(const PseudoTerminal& terminal, int pidfd, bool with_input);

}  // namespace tandem::cli
