// Objects of manifests -> objects on disk, Plans, keepers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/problem.hpp"
#include "pods/client/notes.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/pod_lock.hpp"

namespace tandem::client {

struct Applied {
  std::string what;     // "pod/guestbook"
  std::string outcome;  // created, configured, unchanged, replaced
};

// One apply, in its two steps: between them its caller tells what planning has found, and goes on only when no error is
// among it. It holds the locks of all its pods.
class Application {
 public:
  // Waits for whoever changes one of the pods; what a launch or a deletion that was cut off has left of them is
  // removed. Throws Error{environment} without root. Both must outlive this.
  Application(const state::Roots& roots, const manifest::Objects& objects, Notes say);
  ~Application();  // addresses that were taken for pods which are not launched after all are given back
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // Plans every pod that does not run as it is wanted. Nothing is changed yet.
  void plan(Problems& problems);

  // `replace`: a pod that differs from the one that runs is deleted and created anew; otherwise that is an Error{user},
  // and nothing was changed. Returns when every pod's keeper and supervisor run, in the order of the manifests
  // (ConfigMaps, Secrets and Services first).
  std::vector<Applied> carry_out(bool replace);

 private:
  class Addresses;
  struct Wanted;
  Wanted examine(const manifest::Pod& pod) const;
  int lock_of(const Wanted& wanted) const;

  const state::Roots& roots_;
  const manifest::Objects& objects_;
  Notes say_;
  std::vector<state::PodLock> locks_;
  std::vector<Wanted> pods_;
  std::unique_ptr<Addresses> addresses_;
};

// What apply would launch; needs no root. A pod with problems has no Plan. Throws Error for what is wrong with this
// machine, not with the manifests.
std::vector<plan::Plan> foresee_plans(const state::Roots& roots, const manifest::Objects& objects, Problems& problems);

}  // namespace tandem::client
