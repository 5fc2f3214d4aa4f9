#include "pods/linux/session.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "core/os/error.hpp"

namespace tandem::linux_ {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds end_by_itself{1000};
constexpr milliseconds after_term{5000};
constexpr milliseconds after_kill{5000};
constexpr milliseconds look_again{20};  // a session's end cannot be waited for
constexpr int no_signal = 0;

// A number is not given to anybody new while a session has it; with another start time it was given after its end.
bool is_over(const ProcessId& leader) {
  const auto start_time = start_time_of(leader.pid);
  return start_time && *start_time != leader.start_time;
}

std::optional<unique_fd> open_if_there(pid_t pid) {
  try {
    return open_pidfd(pid);
  } catch (const Error&) {
    return std::nullopt;  // it has just ended
  }
}

// True: it has ended within the time.
bool signal_until(const CgroupMounts& mounts, const std::string& cgroup, const ProcessId& leader, int first, int again,
                  milliseconds time) {
  const auto limit = Clock::now() + time;
  for (int signal = first; signal_session(mounts, cgroup, leader, signal); signal = again) {
    if (Clock::now() >= limit) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

}  // namespace

bool signal_session(const CgroupMounts& mounts, const std::string& cgroup, const ProcessId& leader, int signal) {
  if (is_over(leader)) return false;
  bool any = false;
  for (const pid_t pid : processes_in(mounts, cgroup)) {
    const auto process = open_if_there(pid);  // first, so that the number cannot become another's after the question
    if (process && ::getsid(pid) == leader.pid) any = send_signal(process->get(), signal) || any;
  }
  return any;
}

void end_session(const CgroupMounts& mounts, const std::string& cgroup, const ProcessId& leader) {
  if (signal_until(mounts, cgroup, leader, no_signal, no_signal, end_by_itself)) return;
  if (signal_until(mounts, cgroup, leader, SIGTERM, no_signal, after_term)) return;
  signal_until(mounts, cgroup, leader, SIGKILL, SIGKILL, after_kill);
}

}  // namespace tandem::linux_
