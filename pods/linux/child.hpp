// A child between clone and execve: it waits for leave to go on, reports why it could not, and never outlives a parent
// that died before giving leave.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "core/os/error.hpp"
#include "core/os/pipe.hpp"
#include "core/os/process.hpp"

namespace tandem::linux_ {

class Child {
 public:
  // Clones with `flags` and runs `body` in the child once released; `body` ends in execve and returns never: it throws
  // Error when it fails, which comes back from wait_for_exec. A child that dies before its leave, or whose parent does,
  // ends without having run `body`. `cgroup` >= 0: CLONE_INTO_CGROUP.
  Child(std::uint64_t flags, int cgroup, const std::function<void()>& body);
  ~Child();  // not handed over: killed and reaped
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return child_.pid; }
  ProcessId identity() const;  // valid before release: the child waits
  void release();
  // Returns when the child has become its program. Throws what it reported, after reaping it. `look` is called now and
  // then while it takes long; what it throws ends the wait and the child.
  void wait_for_exec(const std::function<void()>& look = {});
  unique_fd hand_over();  // the pidfd; the child is the caller's now

 private:
  std::string read_report(const std::function<void()>& look) const;
  void kill_and_reap();

  Cloned child_;
  unique_fd leave_, report_;
};

// In the child, right before execve: from here on, silence means success. The report pipe's other end closes on exec.
void announce_exec();

// An Error through a pipe and back.
std::string encode_error(const Error& error);
Error decode_error(const std::string& text);

// Closes every descriptor but 0, 1, 2 and the child's report pipe. In the child only.
void close_other_descriptors();

}  // namespace tandem::linux_
