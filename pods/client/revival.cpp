#include "pods/client/revival.hpp"

#include <iostream>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/client/apply.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

// False: its guardians go about their work, or are dead.
bool tell_unseen(const Session& session, const std::string& id, const std::string& shown) {
  if (supervise::has_ended(state::PodPaths(session.roots, id))) return false;
  const std::string why = supervise::why_unseen(session.roots, id);
  if (!why.empty()) std::cerr << "warning: " << shown << ": " << why << std::endl;
  return !why.empty();
}

void restore_status(const Session& session, const std::string& name_space, const std::string& name) {
  const state::PodPaths paths(session.roots, find_pod_id(session.roots, name_space, name));
  if (!is_locked(paths.supervisor_lock()) || supervise::has_status(paths)) return;
  // One that has only just begun does not answer before it has written its first.
  if (!supervise::call_api(paths, "GET", "/healthz") || supervise::has_status(paths)) return;
  const auto answer = supervise::call_api(paths, "POST", "/status");
  if (answer && answer->code == 200)
    std::cerr << "pod " << name_space << '/' << name << ": " << paths.status().string()
              << " was damaged or missing, and has been written again" << std::endl;
}

void revive(const Session& session, const std::string& name_space, const std::string& name) {
  const std::string id = find_pod_id(session.roots, name_space, name);
  const std::string shown = "pod " + name_space + "/" + name;
  if (id.empty() || tell_unseen(session, id, shown)) return;
  restore_status(session, name_space, name);
  if (!supervise::lacks_guardians(state::PodPaths(session.roots, id))) return;
  const state::PodLock lock = lock_pod(session.roots, name_space, name);  // a delete may be at its end
  if (find_pod_id(session.roots, name_space, name) != id ||
      !supervise::lacks_guardians(state::PodPaths(session.roots, id)))
    return;
  try {
    supervise::revive_keeper(session.roots, id);
    std::cerr << shown << " had lost its keeper and its supervisor; both run again" << std::endl;
  } catch (const Error& error) {
    std::cerr << shown << " has neither keeper nor supervisor: " << error.what() << std::endl;
  }
}

}  // namespace

void revive_pods(const Session& session) {
  require_root("look at pods and other objects");
  for (const std::string& name_space : list_directory(session.roots.names())) {
    for (const std::string& name : list_directory(session.roots.names() / name_space)) {
      try {
        revive(session, name_space, name);
      } catch (const std::exception& error) {  // what is wrong with one pod ends nothing for the others
        std::cerr << "warning: pod " << name_space << '/' << name << ": " << error.what() << std::endl;
      }
    }
  }
}

std::string unsupervised_by(const state::PodPaths& paths) {
  return is_locked(paths.supervisor_lock()) || supervise::has_ended(paths) ? "" : supervise::plan_damage(paths);
}

void tell_damage(const Session& session, const std::string& name_space, const std::string& name) {
  const std::string id = find_pod_id(session.roots, name_space, name);
  if (id.empty()) return;
  for (const std::string& text : supervise::damage_of(state::PodPaths(session.roots, id)))
    std::cerr << "warning: pod " << name_space << '/' << name << ": " << text << '\n';
}

}  // namespace tandem::cli
