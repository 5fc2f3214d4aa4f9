// Guardians that live and do nothing: somebody has stopped or frozen them, or the supervisor does not come up.
#include <chrono>
#include <thread>

#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/lock_owner.hpp"

namespace tandem::supervise {
namespace {

constexpr std::chrono::milliseconds a_moment{500}, pause{10};

bool comes_back(const state::PodPaths& paths) {
  const auto end = std::chrono::steady_clock::now() + a_moment;
  while (is_locked(paths.keeper_lock()) && !is_locked(paths.supervisor_lock())) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace

std::string why_unseen(const state::Roots& roots, const std::string& id) {
  const state::PodPaths paths(roots, id);
  const pid_t supervisor = read_lock_owner(paths.supervisor_lock());
  const pid_t pid = supervisor ? supervisor : read_lock_owner(paths.keeper_lock());
  if (pid == 0) return "";
  const std::string who = std::string("its ") + (supervisor ? "supervisor" : "keeper, which would start a supervisor,");
  const std::string process = std::to_string(pid);
  if (is_stopped(pid)) return who + " is stopped; let it go on: kill -CONT " + process;
  static const linux_::CgroupMounts mounts = linux_::find_cgroup_mounts();  // each pod has a dozen lines of mountinfo
  if (const auto thaw = linux_::thaw_command(mounts, linux_::supervisor_cgroup(roots.cgroup_parent() + "/" + id)))
    return who + " is frozen; thaw it: " + *thaw;
  if (supervisor) return "";
  // One that has said why it ends will say it again; one that was killed is back in a moment, unless it was again and
  // again.
  if (const auto error = last_keeper_error(paths);
      error && error->is_of_last_start && error->text.starts_with("supervisor: "))
    return "its supervisor does not come up: " + error->text.substr(error->text.find(' ') + 1);
  return comes_back(paths) ? "" : "its supervisor has ended, and its keeper waits up to ten seconds to start another";
}

}  // namespace tandem::supervise
