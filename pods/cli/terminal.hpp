// A command on a terminal of its container: this one in raw mode, bytes copied both ways, its size followed.
#pragma once

#include "core/os/process.hpp"

namespace tandem::cli {

void copy_terminal_size(int to);  // of this program's own terminal, when it has one

// Gives the other terminal this one's size, copies stdin -> master (when `with_input`) and master -> stdout until the
// process has ended and its output is out. This terminal is raw meanwhile and restored afterwards. Returns how the
// process ended.
ExitStatus run_on_terminal(int master, int pidfd, bool with_input);

}  // namespace tandem::cli
