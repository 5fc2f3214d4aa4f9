// What these tests share: one machine with a busybox image, and small pods made of it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/machine.hpp"

namespace tandem::test {

Machine& machine();  // made at the first call, with localhost/busybox packed

// A Pod of one container that runs a shell script; `more` are further lines of the container, `spec` of the pod's spec.
std::string shell_pod(const std::string& name, const std::string& script, const std::string& spec = "",
                      const std::string& more = "");

// All processes that stand in this machine's cgroups: guardians, containers, commands in them. By /proc.
std::vector<pid_t> processes_in_cgroups();
// How many of them are `sleep SECONDS`: by an odd number a test knows its own.
int sleeping(const std::string& seconds);

std::string indented(const std::string& text, int columns);

}  // namespace tandem::test
