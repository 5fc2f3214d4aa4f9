#include "pods/client/apply.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "pods/client/host_facts.hpp"
#include "pods/client/manifests.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/stopping.hpp"
#include "pods/network/network.hpp"
#include "pods/plan/plan_pod.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

using state::Roots;

// A pod of the manifests, and what there is of it already.
struct Wanted {
  const manifest::Pod* pod = nullptr;
  std::string json;         // as applied
  std::string existing_id;  // empty: there is none
  bool unchanged = false, differs = false;
  std::string damage;  // of a file of the pod that is there, which can only be replaced then
  std::string uid;
  std::optional<plan::Plan> plan;
};

std::string name_of(const manifest::Pod& pod) { return "pod/" + pod.metadata.name; }

const char* outcome(state::Written written) {
  switch (written) {
    case state::Written::created:
      return "created";
    case state::Written::configured:
      return "configured";
    case state::Written::unchanged:
      return "unchanged";
  }
  return "?";
}

// Addresses that were taken for pods which are not launched after all are given back.
class Addresses {
 public:
  explicit Addresses(const Roots& roots) : roots_(roots) {}
  ~Addresses() {
    for (const auto& uid : taken_) {
      try {
        network::release_address(roots_, uid);
      } catch (const Error&) {  // the lease ends by itself when its pod is not there
      }
    }
  }
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;

  std::string take(const std::string& uid) {
    const std::string address = network::allocate_address(roots_, network::find_subnet(roots_), uid);
    taken_.push_back(uid);
    return address;
  }
  void keep(const std::string& uid) { std::erase(taken_, uid); }

 private:
  const Roots& roots_;
  std::vector<std::string> taken_;
};

std::function<void()> say_waiting(const std::string& name_space, const std::string& name) {
  return
      [=] { std::cerr << "waiting for another command that changes pod " << name_space << '/' << name << std::endl; };
}

// In one order for everybody, so that two commands never wait for each other.
std::vector<state::PodLock> lock_pods(const Roots& roots, const std::vector<manifest::Pod>& pods) {
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& pod : pods) names.emplace(pod.metadata.name_space, pod.metadata.name);
  std::vector<state::PodLock> locks;
  for (const auto& [name_space, name] : names)
    locks.emplace_back(roots, name_space, name, say_waiting(name_space, name), state::WithoutRoom::fail);
  return locks;
}

// Under the pod's lock. What a launch or a deletion that was cut off has left is removed.
Wanted examine(const Roots& roots, const manifest::Pod& pod) {
  Wanted wanted;
  wanted.pod = &pod;
  wanted.json = manifest::to_json(pod);
  wanted.existing_id = find_pod_id(roots, pod.metadata.name_space, pod.metadata.name);
  if (wanted.existing_id.empty()) return wanted;
  const state::PodPaths paths(roots, wanted.existing_id);
  const bool deleting = supervise::is_being_deleted(paths);
  if (deleting) std::cerr << name_of(pod) << " is being deleted; waiting for its end" << std::endl;
  if (deleting || !supervise::was_started(paths)) {
    supervise::delete_pod(roots, wanted.existing_id, std::nullopt);
    wanted.existing_id.clear();
    return wanted;
  }
  wanted.damage = unsupervised_by(paths);
  wanted.differs = !wanted.damage.empty();
  if (wanted.differs) return wanted;
  if (supervise::lacks_guardians(paths)) supervise::revive_keeper(roots, wanted.existing_id);
  if (const std::string why = supervise::why_unseen(roots, wanted.existing_id); !why.empty())
    std::cerr << "warning: " << name_of(pod) << ": " << why << std::endl;
  const state::ObjectKey key{"Pod", pod.metadata.name_space, pod.metadata.name};
  const auto applied = state::read_object(roots, key);
  wanted.unchanged = applied == wanted.json;
  wanted.differs = !wanted.unchanged;
  if (wanted.differs && !parse_json(applied.value_or("")).is_object())
    wanted.damage = state::object_path(roots, key).string() + ", which says what was applied, is damaged or missing";
  return wanted;
}

void refuse_change(const Wanted& wanted) {
  if (!wanted.damage.empty())
    throw Error(Fault::environment, "apply", name_of(*wanted.pod), wanted.damage,
                "tandem apply --replace deletes the pod first");
  throw Error(Fault::user, "apply", name_of(*wanted.pod),
              "it runs already and differs from this manifest, and a running pod cannot be changed",
              "tandem apply --replace deletes it first; tandem plan shows what would run");
}

// The manifests cannot be used: planning them finds what else there is to mend.
[[noreturn]] void refuse_manifests(const Session& session, const manifest::Objects& objects, Problems problems) {
  HostFacts facts(session, objects);
  try {
    for (const auto& pod : objects.pods) plan::plan_pod(pod, facts.for_pod(pod, uid_later, address_later), problems);
  } catch (const Error&) {  // the machine's fault, not theirs
  }
  report(problems);
  throw Exit{exit_code(Fault::input)};
}

template <class Object>
void apply_all(const Roots& roots, const char* kind, const std::vector<Object>& objects, const std::string& shown,
               std::vector<Applied>& applied) {
  for (const auto& object : objects) {
    const state::ObjectKey key{kind, object.metadata.name_space, object.metadata.name};
    applied.push_back({shown + "/" + key.name, outcome(state::write_object(roots, {key, manifest::to_json(object)}))});
  }
}

}  // namespace

void require_root(const char* what) {
  if (::geteuid() != 0)
    throw Error(Fault::environment, what, "", "it needs root, to whom pods and all that they are made of belong",
                "run it with sudo");
}

state::PodLock lock_pod(const Roots& roots, const std::string& name_space, const std::string& name) {
  return {roots, name_space, name, say_waiting(name_space, name), state::WithoutRoom::lock_all};
}

std::vector<Applied> apply_objects(const Session& session, const manifest::Objects& objects, Problems problems,
                                   bool replace) {
  if (problems.has_errors()) refuse_manifests(session, objects, std::move(problems));
  if (objects.pods.empty() && objects.config_maps.empty() && objects.secrets.empty() && objects.services.empty()) {
    std::cerr << "error: no objects passed to apply\n";  // kubectl's words, and its code
    throw Exit{1};
  }
  require_root("launch pods");
  const Roots& roots = session.roots;
  const std::vector<state::PodLock> locks = lock_pods(roots, objects.pods);
  const auto lock_of = [&](const Wanted& wanted) {
    return std::find_if(locks.begin(), locks.end(),
                        [&](const state::PodLock& lock) {
                          return lock.is_of(wanted.pod->metadata.name_space, wanted.pod->metadata.name);
                        })
        ->fd();
  };
  std::vector<Wanted> pods;
  for (const auto& pod : objects.pods) pods.push_back(examine(roots, pod));

  HostFacts facts(session, objects);
  Addresses addresses(roots);
  for (auto& wanted : pods) {
    if (wanted.unchanged) continue;
    wanted.uid = new_uid();
    const std::string address = wanted.pod->spec.host_network ? "" : addresses.take(wanted.uid);
    wanted.plan = plan::plan_pod(*wanted.pod, facts.for_pod(*wanted.pod, wanted.uid, address), problems);
  }
  report(problems);
  for (const auto& wanted : pods)
    if (wanted.differs && !replace) refuse_change(wanted);

  std::vector<StoppingPod> replaced;
  for (const auto& wanted : pods) {
    if (!wanted.unchanged && !wanted.existing_id.empty())
      replaced.push_back({wanted.pod->metadata.name, wanted.existing_id});
  }
  begin_stops(roots, replaced, std::nullopt);

  std::vector<Applied> applied;
  apply_all(roots, "ConfigMap", objects.config_maps, "configmap", applied);
  apply_all(roots, "Secret", objects.secrets, "secret", applied);
  apply_all(roots, "Service", objects.services, "service", applied);
  for (auto& wanted : pods) {
    if (wanted.unchanged) {
      applied.push_back({name_of(*wanted.pod), "unchanged"});
      continue;
    }
    if (!wanted.existing_id.empty()) supervise::delete_pod(roots, wanted.existing_id, std::nullopt);
    state::write_object(roots, {{"Pod", wanted.pod->metadata.name_space, wanted.pod->metadata.name}, wanted.json});
    supervise::launch_keeper(roots, *wanted.plan, lock_of(wanted));
    addresses.keep(wanted.uid);
    applied.push_back({name_of(*wanted.pod), wanted.existing_id.empty() ? "created" : "replaced"});
  }
  supervise::announce_names(roots);
  return applied;
}

}  // namespace tandem::cli
