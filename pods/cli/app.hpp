// The program `tandem`: its commands, its options, its exit codes.
#pragma once

#include "core/config/command_line.hpp"

namespace tandem::cli {

struct Session;

// The whole command tree; it fills and acts on `session`, which must outlive it.
command_line::Command command_tree(Session& session);

// main(): parses, runs one command, prints errors to stderr. Returns the exit code: that which help tells.
int run(int argc, char** argv);

}  // namespace tandem::cli
