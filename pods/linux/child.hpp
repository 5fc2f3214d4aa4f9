// A child between clone and execve: it waits for leave to go on, reports why it could not, and never outlives a parent
// that died before giving leave.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
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
  // Returns when the child has become its program. Throws what it reported, after reaping it.
  void wait_for_exec();
  bool poll_exec();       // the same without waiting; false: not yet, and report_descriptor() tells when
  unique_fd hand_over();  // the pidfd; the child is the caller's now

  // The same without waiting: readable when there is more of the report; its text when it has come to its end.
  int report_descriptor() const { return report_.get(); }
  std::optional<std::string> poll_report();
  void kill();  // without waiting for its end, which is then told as an Error, whatever it had come to
  void kill_and_reap();

 private:
  Cloned child_;
  unique_fd leave_, report_;
  std::string polled_;
  bool killed_ = false;
};

// Returns when a report says that the program runs, throws what it tells otherwise.
void judge_report(const std::string& text);
void kill_and_reap(int pidfd, pid_t pid);  // a child of ours; also one in a cgroup that is frozen
void give_leave(int pipe);                 // a byte to who waits for it, or may have died
// `body` in a child whose report pipe this is; what it throws goes there. Its exit code.
int run_reporting(int report, const std::function<void()>& body);
int report_of_child();  // in the child: its end of the report pipe

unique_fd above_standard(unique_fd fd);  // moved off the numbers that a child's own will take

// In the child, right before execve: from here on, silence means success. The report pipe's other end closes on exec.
void announce_exec();
void mark_announced_exec(int file);  // announce_exec() leaves a byte there, for who cannot read the report any more

// An Error through a pipe and back.
std::string encode_error(const Error& error);
Error decode_error(const std::string& text);

// Closes every descriptor but 0, 1, 2 and the child's report pipe. In the child only.
void close_other_descriptors();

}  // namespace tandem::linux_
