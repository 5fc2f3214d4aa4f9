#include "pods/client/revival.hpp"

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/client/pod_access.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

// False: its guardians go about their work, or are dead.
bool tell_unseen(const state::Roots& roots, const std::string& id, const std::string& shown, const Notes& say) {
  if (supervise::has_ended(state::PodPaths(roots, id))) return false;
  const std::string why = supervise::why_unseen(roots, id);
  if (!why.empty()) say("warning: " + shown + ": " + why);
  return !why.empty();
}

void restore_status(const state::Roots& roots, const std::string& name_space, const std::string& name,
                    const Notes& say) {
  const state::PodPaths paths(roots, find_pod_id(roots, name_space, name));
  if (!is_locked(paths.supervisor_lock()) || supervise::has_status(paths)) return;
  // One that has only just begun does not answer before it has written its first.
  if (!supervise::call_api(paths, "GET", "/healthz") || supervise::has_status(paths)) return;
  const auto answer = supervise::call_api(paths, "POST", "/status");
  if (answer && answer->code == 200)
    say("pod " + name_space + "/" + name + ": " + paths.status().string() +
        " was damaged or missing, and has been written again");
}

void revive(const state::Roots& roots, const std::string& name_space, const std::string& name, const Notes& say) {
  const std::string id = find_pod_id(roots, name_space, name);
  const std::string shown = "pod " + name_space + "/" + name;
  if (id.empty() || tell_unseen(roots, id, shown, say)) return;
  restore_status(roots, name_space, name, say);
  if (!supervise::lacks_guardians(state::PodPaths(roots, id))) return;
  const state::PodLock lock = lock_pod(roots, name_space, name, say);  // a delete may be at its end
  if (find_pod_id(roots, name_space, name) != id || !supervise::lacks_guardians(state::PodPaths(roots, id))) return;
  try {
    supervise::revive_keeper(roots, id);
    say(shown + " had lost its keeper and its supervisor; both run again");
  } catch (const Error& error) {
    say(shown + " has neither keeper nor supervisor: " + error.what());
  }
}

}  // namespace

void revive_pods(const state::Roots& roots, const Notes& say) {
  require_root("look at pods and other objects");
  for (const std::string& name_space : list_directory(roots.names())) {
    for (const std::string& name : list_directory(roots.names() / name_space)) {
      try {
        revive(roots, name_space, name, say);
      } catch (const std::exception& error) {  // what is wrong with one pod ends nothing for the others
        say("warning: pod " + name_space + "/" + name + ": " + error.what());
      }
    }
  }
}

std::string unsupervised_by(const state::PodPaths& paths) {
  return is_locked(paths.supervisor_lock()) || supervise::has_ended(paths) ? "" : supervise::plan_damage(paths);
}

std::vector<std::string> damage_of_pod(const state::Roots& roots, const std::string& name_space,
                                       const std::string& name) {
  const std::string id = find_pod_id(roots, name_space, name);
  return id.empty() ? std::vector<std::string>() : supervise::damage_of(state::PodPaths(roots, id));
}

}  // namespace tandem::client
