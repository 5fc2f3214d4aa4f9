// From a Plan to a keeper that runs by itself.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "core/os/signals.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/own_program.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/roots_file.hpp"
#include "pods/state/undo_record.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/output_fifos.hpp"
#include "pods/supervise/undo_steps.hpp"

namespace tandem::supervise {
namespace {

using state::PodPaths;
using state::Roots;

constexpr int ready_timeout_ms = 10'000;
constexpr std::chrono::seconds revival_limit{5};
constexpr int ready_number = 3, lock_number = 4;

// Takes the name; the link is the decision, so two launches of one name cannot both win.
void take_name(const Roots& roots, const plan::Plan& plan) {
  const fs::path link = roots.names() / plan.name_space / plan.name;
  const std::string target = "../../pods/" + plan.id;
  for (int tries = 0;; ++tries) {
    make_directories(link.parent_path());
    const int result = attempt([&] { return ::symlink(target.c_str(), link.c_str()); });
    if (result == 0) return;
    if (result == -ENOENT && tries < 10) continue;  // a delete has just removed the empty namespace
    if (result != -EEXIST) throw Error::from_errno("name pod", link.string(), -result);
    std::error_code error;
    if (fs::read_symlink(link, error) == target) return;
    throw Error(Fault::user, "launch pod", plan.name_space + "/" + plan.name, "a pod of this name is there already",
                "delete it first: tandem delete pod " + plan.name + " -n " + plan.name_space);
  }
}

// With the image store locked, so that a prune either sees this Plan, or has removed before what it now looks for.
void write_plan(const Roots& roots, const PodPaths& paths, const plan::Plan& plan) {
  make_directories(roots.images());
  const unique_fd store = lock_soon(roots.images() / "lock", std::chrono::minutes(2));
  for (const plan::Container& container : plan.containers) {
    const bool whole = std::all_of(container.layers.begin(), container.layers.end(),
                                   [](const std::string& layer) { return fs::exists(layer); });
    if (!whole)
      throw Error(Fault::user, "launch pod", plan.name, "its image " + container.image + " has just been removed",
                  "make it anew: tandem image pack");
  }
  replace_file(paths.plan(), plan::write_plan(plan), 0600);
}

void write_pod_directory(const Roots& roots, const PodPaths& paths, const plan::Plan& plan) {
  make_directories(roots.pods(), 0700);
  make_directories(paths.run, 0700);
  make_directories(paths.exits(), 0700);
  make_directories(roots.lib, 0755);
  // Below are what containers write, setuid programs too: nobody but us passes, also where an older Tandem made it.
  make_directories(paths.lib.parent_path(), 0700);
  check([&] { return ::chmod(paths.lib.parent_path().c_str(), 0700); }, "chmod", paths.lib.parent_path());
  make_directories(paths.lib, 0711);
  for (const plan::Container& container : plan.containers) {
    make_directories(paths.container_run(container.name), 0700);
    make_fifos(paths.container_run(container.name));
  }
  replace_file(paths.roots(), state::to_json(roots));
  write_plan(roots, paths, plan);
  state::UndoRecord(paths).append(undo_steps(plan, roots));
}

// In the second child: becomes the keeper.
[[noreturn]] void become_keeper(int program, const PodPaths& paths, int null, int log, int ready, int pod_lock) {
  ::setsid();
  if (::fork() != 0) ::_exit(0);  // no controlling terminal can come to us any more
  ::umask(022);
  if (::chdir("/") != 0) ::_exit(70);
  const int exec_from = ::fcntl(program, F_DUPFD_CLOEXEC, lock_number + 1);
  const int lock_copy = pod_lock < 0 ? -1 : ::fcntl(pod_lock, F_DUPFD_CLOEXEC, lock_number + 1);
  ::dup2(null, 0);
  ::dup2(null, 1);
  ::dup2(log, 2);
  if (ready == ready_number) {
    ::fcntl(ready, F_SETFD, 0);
  } else {
    ::dup2(ready, ready_number);
  }
  if (lock_copy >= 0) ::dup2(lock_copy, lock_number);
  ::close_range(lock_copy >= 0 ? lock_number + 1 : lock_number, ~0u, CLOSE_RANGE_CLOEXEC);
  reset_signals();
  const char* arguments[] = {"tandem-pod", "keeper", paths.run.c_str(), "--ready-fd", "3", "--lock-fd", "4", nullptr};
  if (lock_copy < 0) arguments[5] = nullptr;
  const char* environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", nullptr};
  ::syscall(SYS_execveat, exec_from, "", const_cast<char* const*>(arguments), const_cast<char* const*>(environment),
            AT_EMPTY_PATH);
  ::_exit(127);
}

void start_keeper(const Roots& roots, const PodPaths& paths, int pod_lock) {
  const std::string program = roots.libexec / "tandem-pod";
  if (::access(program.c_str(), X_OK) != 0) {
    throw Error::from_errno("start keeper", program, errno, "set TANDEM_LIBEXEC to the folder of tandem-pod");
  }
  // In a frozen cgroup it would stand still before it can say that it does.
  linux_::require_thawed(linux_::find_cgroup_mounts(), roots.cgroup_parent() + "/" + paths.run.filename().string(),
                         "start keeper in the cgroup of", paths.run.string());
  const unique_fd mount = linux_::open_read_only(program);
  const unique_fd null = open_file("/dev/null", O_RDWR);
  const unique_fd log = open_file(paths.keeper_log(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  Pipe ready = make_pipe();
  const pid_t pid = check([] { return ::fork(); }, "fork the keeper");
  if (pid == 0) become_keeper(mount.get(), paths, null.get(), log.get(), ready.write_end.get(), pod_lock);
  ready.write_end.reset();
  check([&] { return ::waitpid(pid, nullptr, 0); }, "wait for", "the keeper's parent");
  pollfd polled{ready.read_end.get(), POLLIN, 0};
  char byte = 0;
  if (attempt([&] { return ::poll(&polled, 1, ready_timeout_ms); }) == 1 &&
      attempt([&] { return ::read(ready.read_end.get(), &byte, 1); }) == 1) {
    return;
  }
  const auto error = last_keeper_error(paths);
  throw Error(Fault::environment, "start keeper and supervisor", paths.run.string(),
              error ? error->text : "they did not come up");
}

}  // namespace

void launch_keeper(const Roots& roots, const plan::Plan& plan, int pod_lock) {
  const PodPaths paths(roots, plan.id);
  take_name(roots, plan);
  try {
    write_pod_directory(roots, paths, plan);
    start_keeper(roots, paths, pod_lock);
  } catch (...) {
    try {
      delete_pod(roots, plan.id, std::chrono::seconds(0));
    } catch (const Error&) {
      // What made the launch fail is what the caller wants to know; `delete` tells of the rest.
    }
    throw;
  }
}

void revive_keeper(const Roots& roots, const std::string& id) {
  const PodPaths paths(roots, id);
  if (is_locked(paths.keeper_lock())) return;
  plan::read_pod_plan(paths);  // without it no supervisor comes up
  start_keeper(roots, paths, -1);
  const auto limit = std::chrono::steady_clock::now() + revival_limit;
  while (!call_api(paths, "GET", "/healthz")) {
    if (has_ended(paths)) return;
    if (const std::string why = why_unseen(roots, id); !why.empty())
      throw Error(Fault::environment, "revive pod", paths.run.string(), why);
    if (std::chrono::steady_clock::now() >= limit)
      throw Error(Fault::environment, "revive pod", paths.run.string(), "its supervisor does not answer",
                  "see " + paths.keeper_log().string());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // its socket is made anew: nothing to wait on
  }
}

}  // namespace tandem::supervise
