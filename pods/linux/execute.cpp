// execute_in_container: the same restrictions, in namespaces that are there already.
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/child.hpp"
#include "pods/linux/container.hpp"
#include "pods/linux/identity.hpp"
#include "pods/linux/namespaces.hpp"
#include "pods/linux/oom_score.hpp"
#include "pods/linux/own_program.hpp"
#include "pods/linux/program.hpp"

namespace tandem::linux_ {
namespace {

// While it lives, this thread's children are born in another process's pid namespace. The thread itself stays.
class ChildrenInPidNamespace {
 public:
  explicit ChildrenInPidNamespace(int pidfd) : own_(open_file("/proc/self/ns/pid", O_RDONLY)) {
    check([&] { return ::setns(pidfd, CLONE_NEWPID); }, "enter pid namespace of", "the container",
          "it may have just ended");
  }
  ~ChildrenInPidNamespace() { ::setns(own_.get(), CLONE_NEWPID); }
  ChildrenInPidNamespace(const ChildrenInPidNamespace&) = delete;
  ChildrenInPidNamespace& operator=(const ChildrenInPidNamespace&) = delete;

 private:
  unique_fd own_;
};

void take_streams(const Execution& execution) {
  const unique_fd null = open_null_in_container();
  const auto or_null = [&](int fd) { return fd >= 0 ? fd : null.get(); };
  take_standard_streams(or_null(execution.stdin_fd), or_null(execution.stdout_fd), or_null(execution.stderr_fd));
  ::setsid();
  if (execution.terminal) check([] { return ::ioctl(0, TIOCSCTTY, 0); }, "take", "the controlling terminal");
}

}  // namespace

Started execute_in_container(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                             const ProcessId& init, const Execution& execution,
                             const std::function<void(const ProcessId&)>& record) {
  require_read_only_program();
  const auto target = open_pidfd(init);
  if (!target) throw Error(Fault::environment, "exec in container", container.name, "it is not running");
  const CgroupMounts cgroups = find_cgroup_mounts();
  const std::string cgroup = container_cgroup(plan, container.name);
  const auto look = [&] { require_thawed(cgroups, cgroup, "exec in container", container.name); };
  look();
  const std::optional<SeccompFilter> filter = filter_for(container.security, paths);

  const auto body = [&] {
    if (!cgroups.unified) enter_cgroup(cgroups, cgroup);  // v2: born in it
    adjust_oom_score(container.resources.oom_score_adj);  // not the guardians' or the caller's
    constexpr int spaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    check([&] { return ::setns(target->get(), spaces); }, "enter namespaces of", container.name);
    take_streams(execution);
    close_other_descriptors();
    enter_working_directory(container.working_directory);
    take_identity(container.identity, container.security, filter ? &*filter : nullptr);
    std::vector<plan::EnvironmentEntry> environment = container.environment;
    environment.insert(environment.end(), execution.extra_environment.begin(), execution.extra_environment.end());
    execute_program(execution.argv, environment);
  };

  const unique_fd cgroup_directory = open_cgroup(cgroups, cgroup);
  const ChildrenInPidNamespace in_its_namespace(target->get());
  Child child(0, cgroup_directory ? cgroup_directory.get() : -1, body);
  const ProcessId process = child.identity();
  if (record) record(process);
  child.release();
  child.wait_for_exec(look);
  return Started{process, child.hand_over()};
}

}  // namespace tandem::linux_
