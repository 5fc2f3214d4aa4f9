#include "pods/client/deletion.hpp"

#include "core/os/files.hpp"
#include "pods/client/pod_access.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/stopping.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

std::vector<std::string> names_there(const state::Roots& roots, Kind kind, const std::string& name_space) {
  if (kind == Kind::pod) return list_directory(roots.names() / name_space);
  std::vector<std::string> names;
  for (const auto& object : state::list_objects(roots, api_name(kind), name_space)) names.push_back(object.key.name);
  return names;
}

}  // namespace

std::vector<Target> targets_of(const manifest::Objects& objects) {
  std::vector<Target> targets;
  const auto add = [&](Kind kind, const auto& list) {
    for (const auto& object : list) targets.push_back({kind, object.metadata.name_space, object.metadata.name});
  };
  add(Kind::pod, objects.pods);
  add(Kind::service, objects.services);
  add(Kind::config_map, objects.config_maps);
  add(Kind::secret, objects.secrets);
  return targets;
}

std::vector<Target> targets_of(const state::Roots& roots, const std::string& name_space,
                               const std::vector<std::pair<Kind, std::string>>& names) {
  std::vector<Target> targets;
  for (const auto& [kind, name] : names) {
    if (!name.empty()) targets.push_back({kind, name_space, name});
    if (name.empty())
      for (const auto& there : names_there(roots, kind, name_space)) targets.push_back({kind, name_space, there});
  }
  return targets;
}

void begin_stops(const state::Roots& roots, std::vector<Target>& targets, std::optional<std::chrono::seconds> grace,
                 const Notes& say) {
  std::vector<StoppingPod> pods;
  for (Target& target : targets) {
    if (target.kind != Kind::pod) continue;
    const std::string id = find_pod_id(roots, target.name_space, target.name);
    target.seen = !id.empty();
    if (target.seen) pods.push_back({target.name, id});
  }
  begin_stops(roots, pods, grace, say);
}

bool remove(const state::Roots& roots, const Target& target, std::optional<std::chrono::seconds> grace,
            const Notes& say) {
  if (target.kind != Kind::pod)
    return state::remove_object(roots, {api_name(target.kind), target.name_space, target.name});
  const state::PodLock lock = lock_pod(roots, target.name_space, target.name, say);
  const std::string id = find_pod_id(roots, target.name_space, target.name);
  std::vector<std::string> unknown;
  if (!id.empty()) unknown = supervise::delete_pod(roots, id, grace);
  state::remove_object(roots, {"Pod", target.name_space, target.name});
  for (const std::string& line : unknown)
    say("warning: pod " + target.name_space + "/" + target.name +
        " is deleted with all that its id tells of; it is not known what this meant besides: " + line);
  return target.seen || !id.empty();  // another delete may have removed it while we waited
}

void end_deletion(const state::Roots& roots, const std::vector<Target>& targets, const Notes& say) {
  if (!targets.empty()) supervise::announce_names(roots);
  if (const std::string left = supervise::remove_unused_later(roots); !left.empty())
    say("warning: what pods shared was not removed: " + left + "; it is tried again now");
}

std::string unfinished(const std::vector<Target>& targets, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < targets.size(); ++i)
    if (targets[i].kind == Kind::pod && targets[i].seen)
      text += "pod \"" + targets[i].name + "\" is not deleted yet: it goes on ending, and " +
              command_to_delete(targets[i].name_space, targets[i].name) + " finishes its deletion\n";
  return text;
}

}  // namespace tandem::client
