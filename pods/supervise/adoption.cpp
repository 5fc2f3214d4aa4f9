// How containers are found again by a new supervisor, and how they come to their end.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/sandbox.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/pod_driver.hpp"
#include "pods/supervise/restart_policy.hpp"
#include "pods/supervise/termination_message.hpp"

namespace tandem::supervise {
namespace {

constexpr std::chrono::seconds exit_file_timeout{2};
constexpr std::chrono::milliseconds reaped_exit_timeout{300};  // by a keeper that is just beginning, or by nobody
constexpr int time_to_die_ms = 2000;

// A child that never got leave to run ends with this (pods/linux/child.cpp); so does a set-up that failed.
constexpr int never_ran = 125;

// Whatever is still in its cgroup has lost its pid 1; a fresh cgroup counts out-of-memory kills from zero.
bool end_cgroup(const plan::Plan& plan, const std::string& container) {
  const linux_::CgroupMounts mounts = linux_::find_cgroup_mounts();
  const std::string cgroup = linux_::container_cgroup(plan, container);
  bool oom = false;
  try {
    oom = linux_::oom_killed(mounts, cgroup);
    linux_::kill_cgroup(mounts, cgroup);
    linux_::remove_cgroup(mounts, cgroup);
  } catch (const Error& error) {
    log(Level::warning, error.what());
  }
  return oom;
}

bool has_ended(int pidfd, int wait_ms) {
  pollfd polled{pidfd, POLLIN, 0};
  return attempt([&] { return ::poll(&polled, 1, wait_ms); }) > 0;
}

// It has ended, and its parent, who alone can know how, is nobody who would tell us.
bool is_lost(int pidfd, pid_t pid, pid_t keeper) { return has_ended(pidfd, 0) && parent_of(pid) != keeper; }

// Of a start: it still is a copy of ours, so its program has not begun, and whether it will can be told to nobody.
bool has_not_begun(pid_t pid) {
  struct stat ours {
  }, its{};
  return ::stat("/proc/self/exe", &ours) == 0 && ::stat(("/proc/" + std::to_string(pid) + "/exe").c_str(), &its) == 0 &&
         ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

// On its way out a process has no program any more, and the end of its namespaces may still take a while.
bool is_dying(pid_t pid) {
  struct stat program {};
  return attempt([&] { return ::stat(("/proc/" + std::to_string(pid) + "/exe").c_str(), &program); }) == -ENOENT;
}

void kill_and_wait(int pidfd) {
  send_signal(pidfd, SIGKILL);
  has_ended(pidfd, time_to_die_ms);
}

// Of a process that has ended: the keeper, if it was its parent, may be about to write down how.
std::optional<state::OrphanExit> wait_for_exit(const state::PodPaths& paths, pid_t pid,
                                               std::chrono::milliseconds most) {
  const auto limit = std::chrono::steady_clock::now() + most;
  auto exit = state::read_exit(paths, pid);
  for (; !exit && std::chrono::steady_clock::now() < limit; exit = state::read_exit(paths, pid)) ::usleep(2000);
  return exit;
}

// Whether the program may have run; what its process said before it died (pods/linux/start.cpp).
bool had_begun(const state::PodPaths& paths, const std::string& container) {
  std::error_code none;
  const auto size = fs::file_size(paths.begun(container), none);
  return !none && size > 0;
}

}  // namespace

void PodDriver::adopt() {
  for (std::size_t i = 0; i < plan_.containers.size(); ++i) {
    const state::ContainerRecord& record = supervisor_.state().containers[i];
    if (!alive(record)) continue;
    const std::string& name = plan_.containers[i].name;
    if (record.process.pid == 0 && record.phase == state::ContainerPhase::starting) {
      tell(StartLost{i});
      continue;
    }
    if (record.process.pid == 0) {  // its record was damaged, and it is gone
      open_output(i);
      finish_body(i, std::nullopt);
      continue;
    }
    const bool starting = record.phase == state::ContainerPhase::starting;
    auto pidfd = open_pidfd(record.process);
    if (starting && pidfd && has_not_begun(record.process.pid)) {
      kill_and_wait(pidfd->get());
      end_cgroup(plan_, name);
      tell(StartLost{i});
      continue;
    }
    open_output(i);
    // Of a start that has come to its end it is to be known first whether its program has run.
    if (starting && (!pidfd || has_ended(pidfd->get(), is_dying(record.process.pid) ? time_to_die_ms : 0))) {
      const bool comes = pidfd && !is_lost(pidfd->get(), record.process.pid, keeper_);
      wait_for_exit(paths_, record.process.pid, comes ? exit_file_timeout : reaped_exit_timeout);
      pidfd.reset();
    }
    if (pidfd && !is_lost(pidfd->get(), record.process.pid, keeper_)) {
      log(Level::info, "adopted container " + name + ", process " + std::to_string(record.process.pid));
      bodies_[i].pidfd = std::move(*pidfd);
      watch_body(i);
      tell(Started{i});
      continue;
    }
    const auto exit = state::read_exit(paths_, record.process.pid);
    if (starting && (exit ? exit->status.code == never_ran : !had_begun(paths_, name))) {
      bodies_[i] = Body();
      tell(StartLost{i});
      continue;
    }
    log(Level::info,
        "container " + name + " ended without a supervisor: " + (exit ? to_string(exit->status) : "unknown"));
    finish_body(i, exit ? std::optional(exit->status) : std::nullopt);
  }
}

void PodDriver::open_output(std::size_t i) {
  const std::string& name = plan_.containers[i].name;
  const int attempt = supervisor_.state().containers[i].attempt;
  const auto file = std::make_shared<LogFile>(paths_.log(name, attempt));
  bodies_[i].out.reset();
  bodies_[i].errors.reset();
  bodies_[i].out = std::make_unique<OutputCopy>(loop_, paths_.container_run(name), "stdout", file, output_budget_);
  bodies_[i].errors = std::make_unique<OutputCopy>(loop_, paths_.container_run(name), "stderr", file, output_budget_);
}

void PodDriver::watch_body(std::size_t i) {
  loop_.watch(bodies_[i].pidfd.get(), EPOLLIN, [this, i](std::uint32_t) { on_body_exit(i); });
}

void PodDriver::on_body_exit(std::size_t i) {
  Body& body = bodies_[i];
  const pid_t pid = supervisor_.state().containers[i].process.pid;
  loop_.forget(body.pidfd.get());
  if (const auto status = reap(body.pidfd.get())) return finish_body(i, status);
  // Not our child: the keeper is its parent, and writes down how it ended.
  if (const auto exit = state::read_exit(paths_, pid)) return finish_body(i, exit->status);
  if (!is_locked(paths_.keeper_lock())) return finish_body(i, std::nullopt);
  body.waits_for_exit_file = true;
  loop_.after(exit_file_timeout, [this, i, pid] {
    if (!bodies_[i].waits_for_exit_file || supervisor_.state().containers[i].process.pid != pid) return;
    finish_body(i, std::nullopt);
  });
}

void PodDriver::look_at_exits() {
  for (const std::string& name : list_directory(paths_.exits())) {
    const pid_t pid = static_cast<pid_t>(std::atoi(name.c_str()));
    if (pid <= 0) continue;
    const auto body = std::find_if(bodies_.begin(), bodies_.end(), [&](const Body& candidate) {
      const auto i = static_cast<std::size_t>(&candidate - bodies_.data());
      return candidate.pidfd && supervisor_.state().containers[i].process.pid == pid;
    });
    if (body == bodies_.end()) {
      state::remove_exit(paths_, pid);  // some container's orphan
    } else if (const auto exit = body->waits_for_exit_file ? state::read_exit(paths_, pid) : std::nullopt) {
      finish_body(static_cast<std::size_t>(body - bodies_.begin()), exit->status);
    }
  }
}

void PodDriver::finish_body(std::size_t i, std::optional<ExitStatus> status) {
  const state::ContainerRecord& record = supervisor_.state().containers[i];
  const std::string& name = plan_.containers[i].name;
  Body& body = bodies_[i];
  const bool oom = end_cgroup(plan_, name);
  if (body.out) body.out->drain();
  if (body.errors) body.errors->drain();
  Exited exited;
  exited.container = i;
  exited.attempt = record.attempt;
  exited.status = status.value_or(ExitStatus{});
  exited.unknown = !status;
  // The count is of all its processes and its whole life: what was killed may have been a child, long ago.
  exited.oom_killed = oom && status && status->shell_code() == 128 + SIGKILL;
  exited.child_oom_killed = oom && !exited.oom_killed;
  exited.message = message_of_file(linux_::termination_log(paths_, name));
  // Read after its last words have been copied to it.
  if (exited.message.empty() && status && status->shell_code() != 0 &&
      plan_.containers[i].termination_message_policy == plan::TerminationMessagePolicy::fallback_to_logs_on_error)
    exited.message = message_of_log(paths_.log(name, record.attempt));
  state::remove_exit(paths_, record.process.pid);
  body = Body();
  tell(std::move(exited));
}

}  // namespace tandem::supervise
