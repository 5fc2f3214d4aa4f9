// What these tests share: one machine, and pods of an image that has the program `hostile` and a shell.
#pragma once

#include <string>
#include <vector>

#include "tests/support/machine.hpp"

namespace tandem::test {

Machine& machine();  // made at the first call, with localhost/hostile packed

// Packs another image with the same programs, and with whatever `more` says (--link PATH:TARGET, --workdir DIR).
void pack(Machine& machine, const std::string& name, const std::vector<std::string>& more);

// A Pod of one container that runs `command`, a JSON list of texts.
std::string hostile_pod(const std::string& name, const std::string& command);

// Waits until `pod` has run to its end or could not be started; its logs (of `container`) and what describe tells.
std::string outcome_of(const std::string& pod, const std::string& container = "main");

// Of what `hostile` said: the lines that tell of a way out, and how many it was refused.
std::string ways_out(const std::string& text);
std::size_t refusals(const std::string& text);

}  // namespace tandem::test
