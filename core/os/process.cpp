#include "core/os/process.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstring>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem {

std::string boot_id() {
  static const std::string id = [] {
    std::string text = read_file("/proc/sys/kernel/random/boot_id");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }();
  return id;
}

namespace {

// Of /proc/PID/stat from a field on, by proc(5)'s count, which is 3 at least. The name in parentheses may hold
// anything; the fields after the last ')' are plain. Empty: no such process.
std::string stat_from_field(pid_t pid, int number) {
  std::optional<std::string> stat;
  try {
    stat = read_file_if_exists("/proc/" + std::to_string(pid) + "/stat");
  } catch (const Error& error) {
    if (error.error_number() != ESRCH) throw;  // it ended between open and read
  }
  if (!stat) return "";
  std::size_t at = stat->rfind(')');
  for (int field = 2; at != std::string::npos && field < number; ++field) at = stat->find(' ', at + 1);
  return at == std::string::npos ? "" : stat->substr(at + 1);
}

std::optional<std::uint64_t> number_of_stat(pid_t pid, int number) {
  const std::string text = stat_from_field(pid, number);
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::optional<std::uint64_t> start_time_of(pid_t pid) { return number_of_stat(pid, 22); }

pid_t parent_of(pid_t pid) { return static_cast<pid_t>(number_of_stat(pid, 4).value_or(0)); }

bool is_stopped(pid_t pid) { return stat_from_field(pid, 3).starts_with('T'); }

std::optional<ProcessId> identify(pid_t pid) {
  const auto start = start_time_of(pid);
  if (!start) return std::nullopt;
  return ProcessId{pid, *start, boot_id()};
}

unique_fd open_pidfd(pid_t pid) {
  return unique_fd(static_cast<int>(
      check([&] { return ::syscall(SYS_pidfd_open, pid, 0); }, "open pidfd of process", std::to_string(pid))));
}

std::optional<unique_fd> open_pidfd(const ProcessId& process) {
  const long fd = attempt([&] { return ::syscall(SYS_pidfd_open, process.pid, 0); });
  if (fd < 0) return std::nullopt;
  unique_fd pidfd(static_cast<int>(fd));
  if (identify(process.pid) != process) return std::nullopt;
  return pidfd;
}

bool send_signal(int pidfd, int signal) {
  const long result = attempt([&] { return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0); });
  if (result == -ESRCH) return false;
  if (result < 0) throw Error::from_errno("send signal", std::to_string(signal), static_cast<int>(-result));
  return true;
}

std::string to_string(const ExitStatus& status) {
  if (status.signal == 0) return "exit code " + std::to_string(status.code);
  const char* name = ::strsignal(status.signal);
  return "signal " + std::to_string(status.signal) + " (" + (name ? name : "unknown") + ")";
}

std::optional<ExitStatus> reap(int pidfd) {
  siginfo_t info{};
  const int result = attempt([&] { return ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG); });
  if (result < 0 || info.si_pid == 0) return std::nullopt;
  ExitStatus status;
  if (info.si_code == CLD_EXITED) {
    status.code = info.si_status;
  } else {
    status.signal = info.si_status;
    status.core_dumped = info.si_code == CLD_DUMPED;
  }
  return status;
}

Cloned clone_process(std::uint64_t flags, int cgroup_fd) {
  int pidfd = -1;
  clone_args args{};
  args.flags = flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  if (cgroup_fd >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(cgroup_fd);
  }
  const long pid = check([&] { return ::syscall(SYS_clone3, &args, sizeof args); }, "clone a process");
  Cloned cloned;
  cloned.pid = static_cast<pid_t>(pid);
  if (pid > 0) cloned.pidfd.reset(pidfd);
  return cloned;
}

}  // namespace tandem
