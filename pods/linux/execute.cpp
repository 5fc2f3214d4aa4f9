// execute_in_container: the same restrictions, in namespaces that are there already.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/child.hpp"
#include "pods/linux/container.hpp"
#include "pods/linux/enter.hpp"
#include "pods/linux/identity.hpp"
#include "pods/linux/namespaces.hpp"
#include "pods/linux/oom_score.hpp"
#include "pods/linux/own_program.hpp"
#include "pods/linux/program.hpp"
#include "pods/linux/starter.hpp"

namespace tandem::linux_ {
namespace {

constexpr int look_ms = 100;

bool in_one_pid_namespace(pid_t one, pid_t other) {
  struct stat first {
  }, second{};
  const auto look = [](pid_t pid, struct stat& found) {
    return ::stat(("/proc/" + std::to_string(pid) + "/ns/pid").c_str(), &found) == 0;
  };
  return look(one, first) && look(other, second) && first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

void take_streams(const Execution& execution) {
  const unique_fd null = open_null_in_container();
  const auto or_null = [&](int fd) { return fd >= 0 ? fd : null.get(); };
  take_standard_streams(or_null(execution.stdin_fd), or_null(execution.stdout_fd), or_null(execution.stderr_fd));
}

}  // namespace

Executing::Executing(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                     const ProcessId& init, const Execution& execution, Record record)
    : init_(init), record_(std::move(record)) {
  require_read_only_program();
  const auto target = open_pidfd(init);
  if (!target) throw Error(Fault::environment, "exec in container", container.name, "it is not running");
  const CgroupMounts cgroups = find_cgroup_mounts();
  const std::string cgroup = container_cgroup(plan, container.name);
  require_thawed(cgroups, cgroup, "exec in container", container.name);
  const std::optional<SeccompFilter> filter = filter_for(container.security, paths);
  Pipe born = make_pipe(), go = make_pipe();
  for (unique_fd* end : {&born.write_end, &go.read_end}) *end = above_standard(std::move(*end));

  const auto body = [&] {
    const int report = report_of_child();
    const unique_fd own_program = open_own_program();
    forget_starter();  // a caller's address space may be too small for what follows
    // Nothing of the caller's, a lock for one, shall be held by what may have to wait.
    close_all_but({0, 1, 2, report, own_program.get(), born.write_end.get(), go.read_end.get(), target->get(),
                   execution.stdin_fd, execution.stdout_fd, execution.stderr_fd});
    if (!cgroups.unified) enter_cgroup(cgroups, cgroup);  // v2: born in it
    adjust_oom_score(container.resources.oom_score_adj);  // not the guardians' or the caller's
    constexpr int spaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWPID;
    check([&] { return ::setns(target->get(), spaces); }, "enter namespaces of", container.name);
    take_streams(execution);
    close_all_but({0, 1, 2, report, own_program.get(), born.write_end.get(), go.read_end.get()});
    enter_working_directory(container.working_directory);
    take_identity(container.identity, container.security, filter ? &*filter : nullptr);
    std::vector<plan::EnvironmentEntry> environment = container.environment;
    environment.insert(environment.end(), execution.extra_environment.begin(), execution.extra_environment.end());
    enter_anew(own_program, {report, born.write_end.get(), go.read_end.get(), execution.terminal}, execution.argv,
               environment);
  };

  const unique_fd cgroup_directory = open_cgroup(cgroups, cgroup);
  setup_ = std::make_unique<Child>(0, cgroup_directory ? cgroup_directory.get() : -1, body);
  born_ = std::move(born.read_end);
  go_ = std::move(go.write_end);
  setup_->release();
}

Executing::Executing(Executing&&) noexcept = default;

Executing::~Executing() {
  if (command_ && command_->pidfd) kill_and_reap(command_->pidfd.get(), command_->process.pid);
}

int Executing::descriptor() const { return command_ ? setup_->report_descriptor() : born_.get(); }

// False: the set-up has ended without it. What came through the pipe is believed only when it is a child of ours in the
// container: a program in there may have got hold of the pipe.
bool Executing::begin_command() {
  pid_t pid = 0;
  const bool told = attempt([&] { return ::read(born_.get(), &pid, sizeof pid); }) == sizeof pid;
  setup_->kill_and_reap();
  if (!told) return false;
  const auto found = identify(pid);
  if (!found || parent_of(pid) != ::getpid() || pid == init_.pid || !in_one_pid_namespace(pid, init_.pid))
    throw Error(Fault::environment, "exec in container", std::to_string(init_.pid), "it has just ended");
  command_ = Started{*found, open_pidfd(pid)};
  if (record_) record_(*found);
  give_leave(go_.get());
  go_.reset();
  return true;
}

std::optional<Started> Executing::advance() {
  pollfd polled{descriptor(), POLLIN, 0};
  if (attempt([&] { return ::poll(&polled, 1, 0); }) == 0) return std::nullopt;
  if (!command_ && begin_command()) return std::nullopt;
  const auto report = setup_->poll_report();
  if (!report) return std::nullopt;
  judge_report(*report);
  return std::exchange(command_, std::nullopt);
}

Started execute_in_container(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                             const ProcessId& init, const Execution& execution,
                             const std::function<void(const ProcessId&)>& record) {
  Executing executing(plan, container, paths, init, execution, record);
  for (;;) {
    if (auto started = executing.advance()) return std::move(*started);
    pollfd polled{executing.descriptor(), POLLIN, 0};
    if (attempt([&] { return ::poll(&polled, 1, look_ms); }) == 0)
      require_thawed(find_cgroup_mounts(), container_cgroup(plan, container.name), "exec in container", container.name);
  }
}

}  // namespace tandem::linux_
