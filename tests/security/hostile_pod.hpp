// What these tests share: one machine, and pods of an image that has the program `hostile` and a shell.
#pragma once

#include <string>

#include "tests/support/machine.hpp"

namespace tandem::test {

Machine& machine();  // made at the first call, with localhost/hostile packed

// A Pod of one container that runs `command`, a JSON list of texts.
std::string hostile_pod(const std::string& name, const std::string& command);

}  // namespace tandem::test
