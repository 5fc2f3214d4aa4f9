#include "pods/client/apply.hpp"

#include <algorithm>

#include "core/os/error.hpp"
#include "pods/client/change.hpp"
#include "pods/client/host_facts.hpp"
#include "pods/client/pod_access.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/stopping.hpp"
#include "pods/network/network.hpp"
#include "pods/plan/plan_pod.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

std::string name_of(const manifest::Pod& pod) { return "pod/" + pod.metadata.name; }

const char* outcome_of(state::Written written) {
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

template <class Object>
void apply_all(const state::Roots& roots, const char* kind, const std::vector<Object>& objects,
               const std::string& shown, std::vector<Applied>& applied) {
  for (const auto& object : objects) {
    const state::ObjectKey key{kind, object.metadata.name_space, object.metadata.name};
    applied.push_back(
        {shown + "/" + key.name, outcome_of(state::write_object(roots, {key, manifest::to_json(object)}))});
  }
}

}  // namespace

// Addresses that were taken for pods which are not launched after all are given back.
class Application::Addresses {
 public:
  explicit Addresses(const state::Roots& roots) : roots_(roots) {}
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
  const state::Roots& roots_;
  std::vector<std::string> taken_;
};

// A pod of the manifests, and what there is of it already.
struct Application::Wanted {
  const manifest::Pod* pod = nullptr;
  std::string json;         // as applied
  std::string existing_id;  // empty: there is none
  Finding found;
  std::string uid;
  std::optional<plan::Plan> plan;
};

Application::Application(const state::Roots& roots, const manifest::Objects& objects, Notes say)
    : roots_(roots), objects_(objects), say_(std::move(say)), addresses_(std::make_unique<Addresses>(roots)) {
  require_root("launch pods");
  locks_ = lock_pods(roots_, objects_.pods, say_);
  for (const auto& pod : objects_.pods) pods_.push_back(examine(pod));
}

Application::~Application() = default;

Application::Wanted Application::examine(const manifest::Pod& pod) const {
  Wanted wanted;
  wanted.pod = &pod;
  wanted.json = manifest::to_json(pod);
  wanted.existing_id = find_pod_id(roots_, pod.metadata.name_space, pod.metadata.name);
  if (wanted.existing_id.empty()) return wanted;
  const state::PodPaths paths(roots_, wanted.existing_id);
  const bool deleting = supervise::is_being_deleted(paths);
  if (deleting) say_(name_of(pod) + " is being deleted; waiting for its end");
  if (deleting || !supervise::was_started(paths)) {
    supervise::delete_pod(roots_, wanted.existing_id, std::nullopt);
    wanted.existing_id.clear();
    return wanted;
  }
  if (std::string damage = unsupervised_by(paths); !damage.empty()) {
    wanted.found = {Change::replace, std::move(damage)};
    return wanted;
  }
  if (supervise::lacks_guardians(paths)) supervise::revive_keeper(roots_, wanted.existing_id);
  if (const std::string why = supervise::why_unseen(roots_, wanted.existing_id); !why.empty())
    say_("warning: " + name_of(pod) + ": " + why);
  const state::ObjectKey key{"Pod", pod.metadata.name_space, pod.metadata.name};
  wanted.found = compare(wanted.json, state::read_object(roots_, key), state::object_path(roots_, key));
  return wanted;
}

void Application::plan(Problems& problems) {
  HostFacts facts(roots_, objects_);
  for (auto& wanted : pods_) {
    if (wanted.found.change == Change::none) continue;
    wanted.uid = new_uid();
    const std::string address = wanted.pod->spec.host_network ? "" : addresses_->take(wanted.uid);
    wanted.plan = plan::plan_pod(*wanted.pod, facts.for_pod(*wanted.pod, wanted.uid, address), problems);
  }
}

int Application::lock_of(const Wanted& wanted) const {
  return std::find_if(locks_.begin(), locks_.end(),
                      [&](const state::PodLock& lock) {
                        return lock.is_of(wanted.pod->metadata.name_space, wanted.pod->metadata.name);
                      })
      ->fd();
}

std::vector<Applied> Application::carry_out(bool replace) {
  for (const auto& wanted : pods_)
    if (!replace) refuse_change(name_of(*wanted.pod), wanted.found);

  std::vector<StoppingPod> replaced;
  for (const auto& wanted : pods_)
    if (wanted.found.change == Change::replace) replaced.push_back({wanted.pod->metadata.name, wanted.existing_id});
  begin_stops(roots_, replaced, std::nullopt, say_);

  std::vector<Applied> applied;
  apply_all(roots_, "ConfigMap", objects_.config_maps, "configmap", applied);
  apply_all(roots_, "Secret", objects_.secrets, "secret", applied);
  apply_all(roots_, "Service", objects_.services, "service", applied);
  for (auto& wanted : pods_) {
    applied.push_back({name_of(*wanted.pod), outcome(wanted.found.change)});
    if (wanted.found.change == Change::none) continue;
    if (wanted.found.change == Change::replace) supervise::delete_pod(roots_, wanted.existing_id, std::nullopt);
    state::write_object(roots_, {{"Pod", wanted.pod->metadata.name_space, wanted.pod->metadata.name}, wanted.json});
    supervise::launch_keeper(roots_, *wanted.plan, lock_of(wanted));
    addresses_->keep(wanted.uid);
  }
  supervise::announce_names(roots_);
  return applied;
}

std::vector<plan::Plan> foresee_plans(const state::Roots& roots, const manifest::Objects& objects, Problems& problems) {
  HostFacts facts(roots, objects);
  std::vector<plan::Plan> plans;
  for (const auto& pod : objects.pods)
    if (auto plan = plan::plan_pod(pod, facts.for_pod(pod, uid_later, address_later), problems))
      plans.push_back(std::move(*plan));
  return plans;
}

}  // namespace tandem::client
