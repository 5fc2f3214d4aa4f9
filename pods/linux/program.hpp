// Becoming a program inside a container.
#pragma once

#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

// As execve takes them: "NAME=VALUE", and pointers with nullptr at the end.
std::vector<std::string> variables_of(const std::vector<plan::EnvironmentEntry>& environment);
std::vector<char*> pointers_to(std::vector<std::string>& texts);

// Makes `in`, `out` and `errors` the descriptors 0, 1 and 2. They may be any numbers, these too.
void take_standard_streams(int in, int out, int errors);

// For a standard stream of a process in a container: the container's own /dev/null, or an empty pipe when there is
// none. Never the host's, whose mode the container could change by /proc/self/fd.
unique_fd open_null_in_container();

// Enters the working directory; Error when it leads outside of the root (CVE-2024-21626: through /proc/self/fd).
void enter_working_directory(const std::string& path);

// Looks up argv[0] in the environment's PATH, when it has no slash, and executes it. Returns never: throws Error "exec"
// that says what is missing, the interpreter or the dynamic loader too. Calls announce_exec() before.
[[noreturn]] void execute_program(const std::vector<std::string>& argv,
                                  const std::vector<plan::EnvironmentEntry>& environment);

// What a program asks the kernel to load first: the name after "#!", or ELF's PT_INTERP; empty: none, or unreadable.
std::string interpreter_of(const std::string& path);

}  // namespace tandem::linux_
