#include "pods/supervise/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <vector>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "core/os/signals.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/sandbox.hpp"
#include "pods/linux/starter.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/state/roots_file.hpp"
#include "pods/state/state_file.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/lock_owner.hpp"

namespace tandem::supervise {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds first_delay{100};
constexpr milliseconds longest_delay{10'000};
constexpr milliseconds lived_well{10'000};  // a supervisor that lived so long is started again at once

// A launcher that was killed meanwhile is no reason to die with it.
void tell_launcher(int ready) {
  std::signal(SIGPIPE, SIG_IGN);
  attempt([&] { return ::write(ready, "k", 1); });
  std::signal(SIGPIPE, SIG_DFL);
}

class Keeper {
 public:
  Keeper(state::PodPaths paths, int launcher)
      : paths_(std::move(paths)),
        signals_(signal_fd({SIGCHLD, SIGTERM, SIGINT, exit_written_signal})),
        launcher_(launcher) {
    check([] { return ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }, "become subreaper");
    hold_fifos();
  }

  int run() {
    for (;;) {
      start_supervisor();
      const int code = wait_for_supervisor();
      if (code == 0 || launcher_ >= 0) return code;
      if (!fs::exists(paths_.run)) return 0;  // the pod was removed under us
      const auto lived = std::chrono::duration_cast<milliseconds>(Clock::now() - started_);
      delay_ = lived >= lived_well ? milliseconds(0) : std::clamp(delay_ * 2, first_delay, longest_delay);
      wait_signals(Clock::now() + delay_);
    }
  }

 private:
  // A FIFO with no descriptor open loses what is in it.
  void hold_fifos() {
    for (const std::string& name : list_directory(paths_.run / "containers")) {
      for (const char* stream : {"stdout", "stderr"}) {
        const std::string path = paths_.container_run(name) / stream;
        const int fd = attempt([&] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); });
        if (fd >= 0) fifos_.emplace_back(fd);
      }
    }
  }

  void start_supervisor() {
    started_ = Clock::now();
    Pipe ready;
    if (launcher_ >= 0) ready = make_pipe();
    const pid_t pid = check([] { return ::fork(); }, "fork the supervisor");
    if (pid == 0) {
      if (ready.write_end) ::fcntl(ready.write_end.get(), F_SETFD, 0);
      const std::string number = std::to_string(ready.write_end.get());
      // All signals stay blocked, so that one sent now waits until the supervisor can read it.
      ::execl("/proc/self/exe", "tandem-pod", "supervisor", paths_.run.c_str(),
              ready.write_end ? "--ready-fd" : nullptr, number.c_str(), static_cast<char*>(nullptr));
      ::_exit(70);
    }
    ready_ = std::move(ready.read_end);
    supervisor_ = pid;
    log(Level::info, "started supervisor, process " + std::to_string(pid));
    if (stop_asked_) ::kill(pid, SIGTERM);
  }

  // Its exit code; a signal as a shell has it.
  int wait_for_supervisor() {
    if (ready_) wait_until_ready();
    while (supervisor_ != 0) wait_signals(Clock::now() + std::chrono::hours(1));
    return supervisor_code_;
  }

  void wait_until_ready() {
    char byte = 0;
    const bool is_ready = attempt([&] { return ::read(ready_.get(), &byte, 1); }) == 1;
    ready_.reset();
    // A pod that runs is tried for again; one that has never run is not there, and who launches it is told so.
    if (!is_ready && !has_status(paths_) && !state::is_there(state::state_path(paths_))) return;
    tell_launcher(launcher_);
    launcher_ = -1;
  }

  void wait_signals(Clock::time_point until) {
    while (Clock::now() < until) {
      const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
      pollfd polled{signals_.get(), POLLIN, 0};
      if (attempt([&] { return ::poll(&polled, 1, static_cast<int>(left)); }) <= 0) return;
      signalfd_siginfo info;
      while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) pass_stop_on();
      }
      reap_all();
      if (supervisor_ == 0 && supervisor_just_ended_) {
        supervisor_just_ended_ = false;
        return;
      }
    }
  }

  void pass_stop_on() {
    stop_asked_ = true;
    if (supervisor_ != 0) ::kill(supervisor_, SIGTERM);
  }

  void reap_all() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      ExitStatus exit;
      if (WIFSIGNALED(status)) {
        exit.signal = WTERMSIG(status);
        exit.core_dumped = WCOREDUMP(status);
      } else {
        exit.code = WEXITSTATUS(status);
      }
      if (pid == supervisor_) {
        supervisor_ = 0;
        supervisor_just_ended_ = true;
        supervisor_code_ = exit.shell_code();
        if (supervisor_code_ != 0) log(Level::error, "the supervisor ended with " + to_string(exit));
        continue;
      }
      try {
        state::write_exit(paths_, {pid, exit, state::wall_clock()});
        if (supervisor_ != 0) ::kill(supervisor_, exit_written_signal);
      } catch (const Error& error) {
        log(Level::error, error.what());
      }
    }
  }

  state::PodPaths paths_;
  unique_fd signals_, ready_;
  int launcher_;  // who waits there for a byte; -1: nobody, or nobody any more
  std::vector<unique_fd> fifos_;
  pid_t supervisor_ = 0;
  int supervisor_code_ = 0;
  bool supervisor_just_ended_ = false, stop_asked_ = false;
  Clock::time_point started_{};
  milliseconds delay_{0};
};

// The supervisor inherits it.
void enter_own_cgroup(const state::Roots& roots, const state::PodPaths& paths) {
  const linux_::CgroupMounts cgroups = linux_::find_cgroup_mounts();
  const std::string cgroup = linux_::supervisor_cgroup(roots.cgroup_parent() + "/" + paths.run.filename().string());
  linux_::create_cgroup(cgroups, cgroup);
  linux_::enter_cgroup(cgroups, cgroup);
}

// At the end of the pod, whose containers are gone. What stays is removed with the pod's files.
void leave_own_cgroup(const state::Roots& roots, const state::PodPaths& paths) {
  const linux_::CgroupMounts cgroups = linux_::find_cgroup_mounts();
  try {
    linux_::enter_cgroup(cgroups, "");
    linux_::remove_pod_cgroups(cgroups, roots.cgroup_parent() + "/" + paths.run.filename().string());
  } catch (const Error& error) {
    log(Level::error, error.what());
  }
}

// The kernel kills what it guards first. Where it lowers nobody's score the containers' are raised instead (Host in
// pods/plan).
void go_last() {
  const char* const file = "/proc/self/oom_score_adj";
  try {
    write_all(open_file(file, O_WRONLY).get(), std::to_string(guardians_oom_score_adj), file);
  } catch (const Error& error) {
    if (error.error_number() != EACCES) throw;
  }
}

}  // namespace

int run_keeper(const std::filesystem::path& run_directory, const KeeperDescriptors& descriptors) {
  ::prctl(PR_SET_NAME, "tandem-keeper", 0, 0, 0);
  unique_fd pod_lock(descriptors.pod_lock), held(descriptors.own_lock);
  for (const int inherited : {descriptors.ready, pod_lock.get(), held.get()})
    if (inherited >= 0) ::fcntl(inherited, F_SETFD, FD_CLOEXEC);
  const state::Roots roots = state::read_roots(run_directory);
  const state::PodPaths paths(roots, run_directory.filename().string());
  std::optional<unique_fd> lock = held ? std::optional(std::move(held)) : try_lock_file(paths.keeper_lock());
  if (!lock) {
    log(Level::error, "another keeper holds " + paths.keeper_lock().string());
    return exit_code(Fault::environment);
  }
  write_lock_owner(lock->get());
  pod_lock.reset();
  lock->release();  // held until this process is gone: whoever waits for the lock waits for that
  enter_own_cgroup(roots, paths);
  linux_::forget_starter();
  std::signal(SIGXFSZ, SIG_IGN);  // too long a file is an error, not a death; containers have their signals anew
  go_last();
  Keeper keeper(paths, descriptors.ready);
  const int code = keeper.run();
  leave_own_cgroup(roots, paths);
  return code;
}

}  // namespace tandem::supervise
