// Guardians that live and do nothing: somebody has stopped or frozen them, or the supervisor does not come up.
#include "core/os/process.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/lock_owner.hpp"

namespace tandem::supervise {

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
  // One that was killed is back in a moment; one that has said why it ends will say it again.
  const auto error = last_keeper_error(paths);
  return error && error->is_of_last_start && error->text.starts_with("supervisor: ")
             ? "its supervisor does not come up: " + error->text.substr(error->text.find(' ') + 1)
             : "";
}

}  // namespace tandem::supervise
