// The program `tandem`: its commands, its options, its exit codes.
#pragma once

#include "core/config/command_line.hpp"

namespace tandem::cli {

struct Session;

// The whole command tree; it fills and acts on `session`, which must outlive it.
command_line::Command command_tree(Session& session);

// main(): parses, runs one command, prints errors to stderr. Returns the exit code: 0; 1 the pod failed; 64 usage;
// 65 manifest; 69 environment; 70 bug; exec's is the command's own.
int run(int argc, char** argv);

}  // namespace tandem::cli
