// A command's standard streams as pipes of its own, so that nothing of ours is handed into a container, and the copying
// between them and ours.
#pragma once

#include <string_view>

#include "core/os/pipe.hpp"
#include "core/os/process.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::cli {

struct CommandStreams {
  // The pipes belong to `owner`, who may open /dev/stdout anew. Without input `in` is not there.
  CommandStreams(bool with_input, const plan::Identity& owner);
  Pipe in, out, errors;
};

// Closes the command's ends; copies until the command has ended and its output is out. Its input ends where ours does.
// Returns how it ended.
ExitStatus run_on_pipes(CommandStreams& streams, int pidfd);

// Passes on what a container wrote, as it is (core/observe/visible_output.hpp). False: nobody reads it any more.
bool write_container_output(std::string_view bytes);

}  // namespace tandem::cli
