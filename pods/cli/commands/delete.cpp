#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/last_words.hpp"
#include "pods/client/apply.hpp"
#include "pods/client/kinds.hpp"
#include "pods/client/manifests.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/stopping.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

struct DeleteOptions {
  ManifestOptions manifests;
  std::vector<std::string> names;  // KIND NAME..., or KIND/NAME...
  std::int64_t grace_seconds = -1;
  bool now = false, all = false, ignore_missing = false;
};

struct Target {
  Kind kind = Kind::pod;
  std::string name_space, name;
  bool seen = false;  // of pods: it was there when it was asked for
};

std::vector<Target> targets_of_manifests(const Session& session, const DeleteOptions& options) {
  const manifest::Objects objects = decode_or_exit(options.manifests, session);
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

std::vector<std::string> names_there(const Session& session, Kind kind, const std::string& name_space) {
  if (kind == Kind::pod) return list_directory(session.roots.names() / name_space);
  std::vector<std::string> names;
  for (const auto& object : state::list_objects(session.roots, api_name(kind), name_space))
    names.push_back(object.key.name);
  return names;
}

std::vector<Target> targets_of_names(const Session& session, const DeleteOptions& options) {
  std::vector<Target> targets;
  const std::string space = session.name_space_or_default();
  for (auto& [kind, name] : parse_names(options.names, options.all)) {
    if (!name.empty()) targets.push_back({kind, space, name});
    if (name.empty())
      for (const auto& there : names_there(session, kind, space)) targets.push_back({kind, space, there});
  }
  return targets;
}

std::optional<std::chrono::seconds> grace_of(const DeleteOptions& options) {
  if (options.now) return std::chrono::seconds(1);
  if (options.grace_seconds >= 0) return std::chrono::seconds(options.grace_seconds);
  return std::nullopt;
}

void begin_stops(const Session& session, std::vector<Target>& targets, std::optional<std::chrono::seconds> grace) {
  std::vector<StoppingPod> pods;
  for (Target& target : targets) {
    if (target.kind != Kind::pod) continue;
    const std::string id = find_pod_id(session.roots, target.name_space, target.name);
    target.seen = !id.empty();
    if (target.seen) pods.push_back({target.name, id});
  }
  begin_stops(session.roots, pods, grace);
}

bool remove(const Session& session, std::optional<std::chrono::seconds> grace, const Target& target) {
  if (target.kind != Kind::pod)
    return state::remove_object(session.roots, {api_name(target.kind), target.name_space, target.name});
  const state::PodLock lock = lock_pod(session.roots, target.name_space, target.name);
  const std::string id = find_pod_id(session.roots, target.name_space, target.name);
  std::vector<std::string> unknown;
  if (!id.empty()) unknown = supervise::delete_pod(session.roots, id, grace);
  state::remove_object(session.roots, {"Pod", target.name_space, target.name});
  for (const std::string& line : unknown)
    std::cerr << "warning: pod " << target.name_space << '/' << target.name
              << " is deleted with all that its id tells of; it is not known what this meant besides: " << line << '\n';
  return target.seen || !id.empty();  // another delete may have removed it while we waited
}

// For who interrupts the deletion of these: their supervisors have been told.
std::string unfinished(const std::vector<Target>& targets, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < targets.size(); ++i)
    if (targets[i].kind == Kind::pod && targets[i].seen)
      text += "pod \"" + targets[i].name + "\" is not deleted yet: it goes on ending, and " +
              command_to_delete(targets[i].name_space, targets[i].name) + " finishes its deletion\n";
  return text;
}

void delete_objects(const Session& session, const DeleteOptions& options) {
  require_root("delete pods");
  const bool from_files = !options.manifests.files.empty();
  if (from_files == !options.names.empty())
    throw Error(Fault::user, "delete", "", from_files ? "names and -f together" : "nothing is named",
                "delete pod NAME..., or delete -f FILE");
  std::vector<Target> targets =
      from_files ? targets_of_manifests(session, options) : targets_of_names(session, options);
  const auto grace = grace_of(options);
  begin_stops(session, targets, grace);
  int missing = 0;
  LastWords last_words;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    last_words.change(unfinished(targets, i));
    const Target& target = targets[i];
    const std::string shown = std::string(short_name(target.kind)) + " \"" + target.name + "\"";
    if (remove(session, grace, target)) {
      std::cout << shown << " deleted" << std::endl;
    } else if (!options.ignore_missing) {
      std::cerr << "error: " << shown << " not found in namespace " << target.name_space << '\n';
      ++missing;
    }
  }
  last_words.change("");
  if (targets.empty()) std::cout << "No resources found\n";  // kubectl's words; and no name has changed
  if (!targets.empty()) supervise::announce_names(session.roots);
  if (const std::string left = supervise::remove_unused_later(session.roots); !left.empty())
    std::cerr << "warning: what pods shared was not removed: " << left << "; it is tried again now\n";
  if (missing > 0) throw Exit{1};
}

}  // namespace

Command delete_command(const Session& session) {
  auto options = std::make_shared<DeleteOptions>();
  return {.name = "delete",
          .help = "Stop and remove pods and other objects: delete pod NAME..., delete -f FILE",
          .options = {{.names = "names", .help = "KIND NAME..., or KIND/NAME...", .target = &options->names},
                      filename_option(options->manifests, false),
                      validate_option(options->manifests),
                      {.names = "--grace-period",
                       .help = "Seconds until SIGKILL (default: the pod's own); 0: at once",
                       .target = &options->grace_seconds,
                       .value_name = "SECONDS",
                       .non_negative = true},
                      {.names = "--now", .help = "The same as --grace-period=1", .target = &options->now},
                      {.names = "--all", .help = "All objects of this kind in the namespace", .target = &options->all},
                      {.names = "--ignore-not-found",
                       .help = "What is not there is no error",
                       .target = &options->ignore_missing}},
          .run = [&session, options] { delete_objects(session, *options); }};
}

}  // namespace tandem::cli
