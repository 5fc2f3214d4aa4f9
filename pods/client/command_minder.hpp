// Ends a command in a container when the `tandem exec` that had started it dies, however it dies: a process of its own
// that sees the end of a pipe.
#pragma once

#include <string>

#include "core/os/process.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::client {

class CommandMinder {
 public:
  explicit CommandMinder(const std::string& cgroup);  // the container's
  ~CommandMinder();                                   // the command has ended, or never began: nothing is done to it
  CommandMinder(const CommandMinder&) = delete;
  CommandMinder& operator=(const CommandMinder&) = delete;

  // To be called before the command may go on.
  void mind(const ProcessId& command);

 private:
  unique_fd to_;
  Cloned minder_;
};

}  // namespace tandem::client
