// Processes: identity that survives pid reuse, pidfds, waiting, running a command to its end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem {

// A process for good: pids are reused, the triple is not.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot, field 22 of /proc/PID/stat (proc(5))
  std::string boot_id;           // /proc/sys/kernel/random/boot_id
  bool operator==(const ProcessId&) const = default;
};

std::string boot_id();
std::optional<std::uint64_t> start_time_of(pid_t pid);          // nullopt: no such process
pid_t parent_of(pid_t pid);                                     // 0: no such process, or its parent is not ours to see
bool is_stopped(pid_t pid);                                     // by SIGSTOP or its like; not by a debugger
std::optional<ProcessId> identify(pid_t pid);                   // nullopt: no such process
unique_fd open_pidfd(pid_t pid);                                // throws Error
std::optional<unique_fd> open_pidfd(const ProcessId& process);  // opened first, then compared; nullopt: it is gone
bool send_signal(int pidfd, int signal);                        // false: it is gone

// How a process ended, as waitid(2) tells it.
struct ExitStatus {
  int code = 0;    // exit code, when signal is 0
  int signal = 0;  // terminating signal, or 0
  bool core_dumped = false;
  int shell_code() const { return signal ? 128 + signal : code; }  // as a shell and kubelet report it
  bool operator==(const ExitStatus&) const = default;
};
std::string to_string(const ExitStatus& status);  // "exit code 3", "signal 9 (Killed)"
std::optional<ExitStatus> reap(int pidfd);        // without blocking; nullopt: still running, or not our child

// clone3(2) with `flags` (namespaces) plus CLONE_PIDFD; `cgroup_fd` >= 0 adds CLONE_INTO_CGROUP (v2 only).
// In the parent: the child and its pidfd. In the child: `pid` is 0.
struct Cloned {
  pid_t pid = 0;
  unique_fd pidfd;
};
Cloned clone_process(std::uint64_t flags, int cgroup_fd = -1);

// Runs a command to its end without a shell; its output is collected up to `limit_bytes`, stdin is `input`.
// Kills it at `timeout` and throws Error. A command that cannot be executed throws Error{environment}.
struct CommandResult {
  ExitStatus status;
  std::string output;  // stdout
  std::string errors;  // stderr
};
CommandResult run_command(const std::vector<std::string>& argv, const std::string& input = "",
                          std::chrono::milliseconds timeout = std::chrono::seconds(60),
                          std::size_t limit_bytes = 16u << 20);

}  // namespace tandem
