#include "pods/linux/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <vector>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/signals.hpp"
#include "pods/linux/cgroup.hpp"

namespace tandem::linux_ {
namespace {

constexpr int last_standard = 2;
int report_number =
    -1;  // in the child: its end of the report pipe, wherever it lies (any other number may be the caller's)
int announced_mark = -1;
constexpr char exec_follows = '\x06';  // first byte of a report: set-up is done
constexpr int failed_before_exec = 125;
constexpr int look_ms = 100;
constexpr std::size_t most_of_a_report = 64 * 1024;

// Only reads and writes: nothing that could throw, because nobody above could report it. False: nobody reads it any
// more, which is no SIGPIPE, for the exit code tells what happened.
bool write_report(const std::string& text) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(report_number, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  ::signal(SIGPIPE, before);
  return done == text.size();
}

int run_body(unique_fd& leave, unique_fd& report, const std::function<void()>& body) {
  char byte = 0;
  for (;;) {
    const ssize_t count = ::read(leave.get(), &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count != 1) return failed_before_exec;  // the parent died before it had recorded us
    break;
  }
  leave.reset();
  return run_reporting(report.release(), [&] {
    reset_signals();
    body();
  });
}

}  // namespace

int run_reporting(int report, const std::function<void()>& body) {
  report_number = report;
  try {
    // Nobody in a container may look into this process, which still is the host's program (CVE-2019-5736).
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    body();
    write_report(encode_error(Error(Fault::bug, "start", "", "the set-up came back")));
  } catch (const Error& error) {
    write_report(encode_error(error));
  } catch (const std::exception& error) {
    write_report(encode_error(Error(Fault::bug, "start", "", error.what())));
  }
  return failed_before_exec;
}

unique_fd above_standard(unique_fd fd) {
  if (fd.get() > last_standard) return fd;
  return unique_fd(check([&] { return ::fcntl(fd.get(), F_DUPFD_CLOEXEC, last_standard + 1); }, "duplicate", "a pipe"));
}

Child::Child(std::uint64_t flags, int cgroup, const std::function<void()>& body) {
  Pipe leave = make_pipe(), report = make_pipe();
  leave.read_end = above_standard(std::move(leave.read_end));
  report.write_end = above_standard(std::move(report.write_end));
  // Signals stay blocked until the child has its own dispositions: a handler of ours must not run in it.
  sigset_t all, old;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &old);
  try {
    child_ = clone_process(flags, cgroup);
  } catch (...) {
    ::sigprocmask(SIG_SETMASK, &old, nullptr);
    throw;
  }
  if (child_.pid == 0) {
    leave.write_end.reset();  // or we would wait for ourselves
    report.read_end.reset();
    ::_exit(run_body(leave.read_end, report.write_end, body));
  }
  ::sigprocmask(SIG_SETMASK, &old, nullptr);
  leave_ = std::move(leave.write_end);
  report_ = std::move(report.read_end);
}

Child::~Child() { kill_and_reap(); }

void kill_and_reap(int pidfd, pid_t pid) {
  ::kill(pid, SIGKILL);  // ours and not reaped, so the number cannot mean anybody else
  pollfd end{pidfd, POLLIN, 0};
  if (attempt([&] { return ::poll(&end, 1, look_ms); }) == 0) release_killed(find_cgroup_mounts(), pid);
  siginfo_t info;
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) < 0 && errno == EINTR) {
  }
}

void Child::kill() {
  killed_ = true;
  send_signal(child_.pidfd.get(), SIGKILL);
}

void Child::kill_and_reap() {
  if (!child_.pidfd) return;
  leave_.reset();
  linux_::kill_and_reap(child_.pidfd.get(), child_.pid);
  child_.pidfd.reset();
}

ProcessId Child::identity() const {
  const auto found = identify(child_.pid);
  if (!found) throw Error(Fault::environment, "identify process", std::to_string(child_.pid), "it is gone");
  return *found;
}

void Child::release() {
  give_leave(leave_.get());
  leave_.reset();
}

void give_leave(int pipe) {
  // A child that died meanwhile is no SIGPIPE for us: its report's end tells it.
  sigset_t pipe_signal, old;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::sigprocmask(SIG_BLOCK, &pipe_signal, &old);
  const ssize_t written = ::write(pipe, "g", 1);
  if (written < 0 && errno == EPIPE) {
    const timespec now{0, 0};
    ::sigtimedwait(&pipe_signal, nullptr, &now);
  }
  ::sigprocmask(SIG_SETMASK, &old, nullptr);
}

std::optional<std::string> Child::poll_report() {
  for (char bytes[4096];;) {
    pollfd polled{report_.get(), POLLIN, 0};
    if (attempt([&] { return ::poll(&polled, 1, 0); }) == 0) return std::nullopt;
    const ssize_t count = check([&] { return ::read(report_.get(), bytes, sizeof bytes); }, "read", "a child's report");
    if (count == 0) return polled_;
    if (polled_.size() < most_of_a_report) polled_.append(bytes, static_cast<std::size_t>(count));
  }
}

void Child::wait_for_exec() {
  while (!poll_exec()) {
    pollfd polled{report_.get(), POLLIN, 0};
    check([&] { return ::poll(&polled, 1, -1); }, "wait for", "a child's report");
  }
}

bool Child::poll_exec() {
  const auto text = poll_report();
  if (!text) return false;
  try {
    if (killed_) throw Error(Fault::environment, "start", "", "it was stopped before its program had begun");
    judge_report(*text);
  } catch (const Error&) {
    kill_and_reap();
    throw;
  }
  return true;
}

void judge_report(const std::string& text) {
  if (text.size() == 1 && text[0] == exec_follows) return;
  if (text.empty()) {
    throw Error(Fault::environment, "start", "", "the process was killed while it was being set up",
                "a memory limit of a few megabytes is too small to start anything");
  }
  throw decode_error(text[0] == exec_follows ? text.substr(1) : text);
}

int report_of_child() { return report_number; }

unique_fd Child::hand_over() { return std::move(child_.pidfd); }

void mark_announced_exec(int file) { announced_mark = file; }

void announce_exec() {
  if (!write_report(std::string(1, exec_follows))) ::_exit(failed_before_exec);
  if (announced_mark >= 0) attempt([] { return ::write(announced_mark, "1", 1); });
}

std::string encode_error(const Error& error) {
  std::string text;
  for (const std::string& part : {std::to_string(static_cast<int>(error.fault())), std::to_string(error.error_number()),
                                  error.tried(), error.object(), error.cause(), error.hint()}) {
    text += part + '\0';
  }
  return text;
}

Error decode_error(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0, end; (end = text.find('\0', at)) != std::string::npos; at = end + 1) {
    parts.push_back(text.substr(at, end - at));
  }
  if (parts.size() != 6) return Error(Fault::bug, "start", "", "its report cannot be read");
  const int error_number = std::atoi(parts[1].c_str());
  if (error_number) return Error::from_errno(parts[2], parts[3], error_number, parts[5]);
  return Error(static_cast<Fault>(std::atoi(parts[0].c_str())), parts[2], parts[3], parts[4], parts[5]);
}

void close_other_descriptors() {
  const auto report = static_cast<unsigned>(report_number), first = static_cast<unsigned>(last_standard + 1);
  if (report > first) check([&] { return ::close_range(first, report - 1, 0); }, "close", "inherited descriptors");
  check([&] { return ::close_range(report + 1, ~0u, 0); }, "close", "inherited descriptors");
}

}  // namespace tandem::linux_
