// The end of pods, whoever of their processes still lives.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "core/text/words.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/state/state_file.hpp"
#include "pods/state/time.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/recovery.hpp"

namespace tandem::supervise {
namespace {

using state::PodPaths;
using state::Roots;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds beyond_grace{15};
constexpr std::chrono::seconds unanswered_limit{10};
constexpr std::chrono::milliseconds look_again{5};

// A lock cannot be waited for with a timeout; who holds it can.
void wait_for_owner(const fs::path& lock, Clock::time_point limit) {
  const pid_t pid = read_lock_owner(lock);
  const auto process = pid > 0 ? identify(pid) : std::nullopt;
  const auto pidfd = process ? open_pidfd(*process) : std::nullopt;
  if (!pidfd || read_lock_owner(lock) != pid) return std::this_thread::sleep_for(look_again);
  pollfd polled{pidfd->get(), POLLIN, 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - Clock::now()).count();
  attempt([&] { return ::poll(&polled, 1, static_cast<int>(std::max<long>(left, 0))); });
}

bool wait_for_end(const PodPaths& paths, Clock::time_point limit) {
  while (is_supervised(paths)) {
    if (Clock::now() >= limit) return false;
    wait_for_owner(is_locked(paths.keeper_lock()) ? paths.keeper_lock() : paths.supervisor_lock(), limit);
  }
  return true;
}

std::string stop_target(std::optional<std::chrono::seconds> grace) {
  return grace ? "/stop?gracePeriodSeconds=" + std::to_string(grace->count()) : "/stop";
}

// A supervisor that is just being started again answers a little later.
bool ask_to_stop(const PodPaths& paths, std::optional<std::chrono::seconds> grace) {
  const auto limit = Clock::now() + unanswered_limit;
  while (is_supervised(paths) && Clock::now() < limit) {
    const auto answer = call_api(paths, "POST", stop_target(grace));
    if (answer && answer->code == 202) return true;
    if (!is_locked(paths.supervisor_lock()) && !plan_damage(paths).empty()) return false;  // none will come up
    wait_for_owner(paths.keeper_lock(), Clock::now() + 4 * look_again);                    // it may be at its end
  }
  return !is_supervised(paths);
}

std::chrono::seconds grace_of(const PodPaths& paths) {
  try {
    return plan::read_pod_plan(paths).termination_grace_period;
  } catch (const Error&) {
    return std::chrono::seconds(30);
  }
}

std::string cgroup_of(const Roots& roots, const std::string& id) { return roots.cgroup_parent() + "/" + id; }

// The keeper first, or it would start another supervisor for one that is killed.
void signal_guardians(const PodPaths& paths, int signal) {
  for (const fs::path& lock : {paths.keeper_lock(), paths.supervisor_lock()}) {
    const pid_t pid = read_lock_owner(lock);
    const auto process = pid > 0 ? identify(pid) : std::nullopt;
    const auto pidfd = process ? open_pidfd(*process) : std::nullopt;
    if (pidfd && read_lock_owner(lock) == pid) send_signal(pidfd->get(), signal);
  }
}

// Somebody who stopped or froze the whole pod has done it to those who would end it. False: they are frozen from above,
// together with other pods, which are left as they are.
bool wake_guardians(const Roots& roots, const std::string& id) {
  signal_guardians(PodPaths(roots, id), SIGCONT);
  const linux_::CgroupMounts mounts = linux_::find_cgroup_mounts();
  const std::string pod = cgroup_of(roots, id);
  if (!linux_::thaw_command(mounts, linux_::supervisor_cgroup(pod))) return true;
  linux_::thaw_cgroup(mounts, pod);
  return !linux_::thaw_command(mounts, linux_::supervisor_cgroup(pod));
}

void kill_guardians(const Roots& roots, const PodPaths& paths) {
  signal_guardians(paths, SIGKILL);
  linux_::kill_once(linux_::find_cgroup_mounts(),
                    linux_::supervisor_cgroup(cgroup_of(roots, paths.run.filename().string())));
  if (!wait_for_end(paths, Clock::now() + unanswered_limit)) {
    throw Error(Fault::environment, "stop pod", paths.run.string(), "its keeper or supervisor does not die");
  }
}

void remove_name(const Roots& roots, const std::string& id) {
  std::error_code error;
  for (const std::string& name_space : list_directory(roots.names())) {
    const fs::path directory = roots.names() / name_space;
    for (const std::string& name : list_directory(directory)) {
      if (fs::read_symlink(directory / name, error).filename() == id) fs::remove(directory / name, error);
    }
    ::rmdir(directory.c_str());  // only when it is empty
  }
}

// On a full file system it makes room for what the supervisor has to write, and goes without the mark: cut off then,
// the deletion is to be asked for again.
void mark_deletion(const PodPaths& paths) {
  try {
    replace_file(paths.deletion(), state::rfc3339(state::wall_clock()));
  } catch (const Error& error) {
    if (!state::lacks_room(error)) throw;
    ::unlink(paths.events().c_str());
  }
}

}  // namespace

bool is_supervised(const PodPaths& paths) {
  return is_locked(paths.keeper_lock()) || is_locked(paths.supervisor_lock());
}

void stop_pod(const Roots& roots, const std::string& id, std::optional<std::chrono::seconds> grace) {
  const PodPaths paths(roots, id);
  if (!is_supervised(paths)) return;
  const auto patience = grace.value_or(grace_of(paths)) + beyond_grace;
  if (wake_guardians(roots, id) && ask_to_stop(paths, grace) && wait_for_end(paths, Clock::now() + patience)) return;
  kill_guardians(roots, paths);
  run_undo(roots, paths, {.guardians = true, .link = true});
}

void hasten_stop(const Roots& roots, const std::string& id, std::optional<std::chrono::seconds> grace) {
  const PodPaths paths(roots, id);
  if (is_supervised(paths) && wake_guardians(roots, id))
    call_api(paths, "POST", stop_target(grace), std::chrono::seconds(1));
}

bool was_started(const PodPaths& paths) {
  return is_supervised(paths) || fs::exists(paths.status()) || fs::exists(state::state_path(paths));
}

bool is_being_deleted(const PodPaths& paths) {
  if (fs::exists(paths.deletion())) return true;
  try {
    const auto pod = state::read_pod_record(paths);
    return pod && pod->stop_cause == state::StopCause::requested;
  } catch (const Error&) {
    return false;
  }
}

std::vector<std::string> delete_pod(const Roots& roots, const std::string& id,
                                    std::optional<std::chrono::seconds> grace) {
  const PodPaths paths(roots, id);
  if (fs::exists(paths.run) && !fs::exists(paths.deletion())) mark_deletion(paths);
  stop_pod(roots, id, grace);
  const Undone undone = run_undo(roots, paths, {.link = true});
  if (!undone.failures.empty())
    throw Error(Fault::environment, "delete pod", id, joined(undone.failures, "; "),
                "call delete again when the cause is gone");
  // First what makes it a pod that was started: without the mark of its deletion it must not be taken for one.
  for (const fs::path& file : {paths.status(), state::state_path(paths)}) fs::remove(file);
  for (const fs::path& directory : {paths.run, paths.lib}) {
    unmount_below(directory);
    remove_tree(directory);
  }
  remove_name(roots, id);
  remove_unused_later(roots);
  return undone.unknown;
}

}  // namespace tandem::supervise
