// begin_container: the order of everything that makes a process a container.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/capabilities.hpp"
#include "pods/linux/child.hpp"
#include "pods/linux/container.hpp"
#include "pods/linux/container_root.hpp"
#include "pods/linux/identity.hpp"
#include "pods/linux/namespaces.hpp"
#include "pods/linux/oom_score.hpp"
#include "pods/linux/overlay.hpp"
#include "pods/linux/own_program.hpp"
#include "pods/linux/program.hpp"
#include "pods/linux/sandbox.hpp"

namespace tandem::linux_ {
namespace {

void prepare_files(const plan::Container& container, const state::PodPaths& paths) {
  create_overlay_directories(paths.container_lib(container.name), container.layers);
  // A new file, so that what an earlier run still writes cannot be taken for this one's message.
  const fs::path log = termination_log(paths, container.name);
  ::unlink(log.c_str());
  write_file(log, "", 0666);
}

void open_standard_streams(const plan::Container& container, const state::PodPaths& paths) {
  const fs::path fifos = paths.container_run(container.name);
  // Read-write: opening does not wait for a reader, and without one nothing is lost and nobody gets SIGPIPE.
  const unique_fd out = open_file(fifos / "stdout", O_RDWR), errors = open_file(fifos / "stderr", O_RDWR);
  for (const unique_fd* stream : {&out, &errors}) {
    // /dev/stdout and /dev/stderr are opened anew by some programs, under the container's user.
    const uid_t owner = container.identity.uid;
    check([&] { return ::fchown(stream->get(), owner, container.identity.gid); }, "chown", "a standard stream");
  }
  take_standard_streams(0, out.get(), errors.get());  // 0: until the container has a /dev
}

// Without room for it nobody can say later whether the program has run; it runs all the same.
unique_fd open_begun(const plan::Container& container, const state::PodPaths& paths) {
  const fs::path path = paths.begun(container.name);
  return unique_fd(
      std::max(attempt([&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); }), -1));
}

}  // namespace

Starting::Starting(ProcessId process, std::unique_ptr<Child> child)
    : process_(std::move(process)), child_(std::move(child)) {}
Starting::Starting(Starting&&) noexcept = default;
Starting::~Starting() = default;

int Starting::descriptor() const { return child_->report_descriptor(); }

std::optional<Started> Starting::advance() {
  if (!child_->poll_exec()) return std::nullopt;
  return Started{process_, child_->hand_over()};
}

Started Starting::wait_for_exec() {
  child_->wait_for_exec();
  return Started{process_, child_->hand_over()};
}

void Starting::kill() { child_->kill(); }

Starting begin_container(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                         const std::function<void(const ProcessId&)>& record) {
  require_read_only_program();
  const CgroupMounts cgroups = find_cgroup_mounts();
  const std::string cgroup = container_cgroup(plan, container.name);
  require_thawed(cgroups, cgroup, "start container", container.name);
  create_cgroup(cgroups, cgroup);
  apply_resources(cgroups, cgroup, container.resources);
  prepare_files(container, paths);
  ::unlink(paths.begun(container.name).c_str());
  const std::optional<SeccompFilter> filter = filter_for(container.security, paths);

  const auto body = [&] {
    if (!cgroups.unified) enter_cgroup(cgroups, cgroup);  // v2: born in it
    ::setsid();
    ::umask(0022);  // directories and files made below, too
    open_standard_streams(container, paths);
    close_other_descriptors();
    const unique_fd begun = open_begun(container, paths);
    adjust_oom_score(container.resources.oom_score_adj);
    enter_pod_namespaces(paths);
    // Only now, for its root is the cgroup that the process is in.
    check([] { return ::unshare(CLONE_NEWCGROUP); }, "make cgroup namespace");
    enter_container_root(plan, container, paths, cgroups);
    take_standard_streams(open_null_in_container().get(), 1, 2);
    enter_working_directory(container.working_directory);
    take_identity(container.identity, container.security, filter ? &*filter : nullptr);
    mark_announced_exec(begun.get());
    execute_program(container.argv, container.environment);
  };

  const std::uint64_t namespaces = CLONE_NEWNS | (plan.host_pid ? 0u : CLONE_NEWPID);
  const unique_fd cgroup_directory = open_cgroup(cgroups, cgroup);
  auto child = std::make_unique<Child>(namespaces, cgroup_directory ? cgroup_directory.get() : -1, body);
  const ProcessId process = child->identity();
  record(process);
  child->release();
  return Starting(process, std::move(child));
}

}  // namespace tandem::linux_
