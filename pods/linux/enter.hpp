// The last step of a command into a container: our program is executed anew, so that the process which is born inside,
// and which a program there may look into when it was given CAP_SYS_PTRACE, has nothing in its memory, its environment
// and its arguments but what is the command's own. A copy of the caller's process has the secrets of other containers
// and the environment of whoever typed the command.
#pragma once

#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

struct Entrance {
  int report = -1;        // the child's end of its report pipe
  int born = -1;          // the number of the process that is born inside is written there
  int go = -1;            // which waits for a byte here
  bool terminal = false;  // it takes the terminal at 0 as its own
};

unique_fd open_own_program();  // while the host's /proc is there

// In the container's namespaces and with its rights, outside of its pid namespace. Before main() of the new program
// enter.cpp recognises what it is, so no program of ours can forget to. Throws Error when it cannot be executed.
[[noreturn]] void enter_anew(const unique_fd& own_program, const Entrance& entrance,
                             const std::vector<std::string>& argv,
                             const std::vector<plan::EnvironmentEntry>& environment);

}  // namespace tandem::linux_
