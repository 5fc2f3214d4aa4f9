// Objects of manifests -> objects on disk, Plans, keepers.
#pragma once

#include <string>
#include <vector>

#include "pods/client/session.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/state/pod_lock.hpp"

namespace tandem::cli {

struct Applied {
  std::string what;     // "pod/guestbook"
  std::string outcome;  // created, configured, unchanged, replaced
};

// `problems`: what decoding the objects has found. Plans every pod first: with an error in any, or in the manifests,
// all are reported at once, nothing is changed, and Exit{65} is thrown; Exit{1} when there is no object at all.
// Warnings are reported before anything is changed. `replace`: a pod that differs from the one that runs is deleted and
// created anew; otherwise that is an Error{user}. Returns when every pod's keeper and supervisor run, in the order of
// the manifests (ConfigMaps, Secrets and Services first).
std::vector<Applied> apply_objects(const Session& session, const manifest::Objects& objects, Problems problems,
                                   bool replace);

// For whoever changes that pod, and no other at the same time; says on stderr when it must wait.
state::PodLock lock_pod(const state::Roots& roots, const std::string& name_space, const std::string& name);

// Throws Error{environment} with the remedy when this process can neither make nor see pods.
void require_root(const char* what);

}  // namespace tandem::cli
