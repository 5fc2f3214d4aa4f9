// Pipes.
#pragma once

#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem {

struct Pipe {
  unique_fd read_end, write_end;
};
Pipe make_pipe();  // both ends close-on-exec

std::string read_to_end(int fd, std::size_t limit_bytes = 1u << 20);

}  // namespace tandem
