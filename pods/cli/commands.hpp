// One function per command: its row of the tree. Each has a file of its own in commands/. `session` outlives what is
// returned.
#pragma once

#include "core/config/command_line.hpp"

namespace tandem::cli {

using command_line::Command;

struct Session;

Command apply_command(const Session& session);
Command up_command(const Session& session);
Command plan_command(const Session& session);
Command get_command(const Session& session);
Command describe_command(const Session& session);
Command logs_command(const Session& session);
Command exec_command(const Session& session);
Command wait_command(const Session& session);
Command delete_command(const Session& session);
Command image_command(const Session& session);
Command generate_command();
Command version_command();

}  // namespace tandem::cli
