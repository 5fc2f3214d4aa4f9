// The parts of plan_pod, one file each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pods/manifest/pod.hpp"
#include "pods/plan/host.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::plan {

// What every part is given: the Pod, the facts, and where problems go.
struct Planning {
  const manifest::Pod& pod;
  const Host& host;
  const Plan& plan;  // its names and network are already decided
  Problems& problems;
  Problems& missing_images;  // they keep a pod from being launched, not from being planned

  // Nothing where the manifest has an error already: what stands there reads as absent.
  void error(std::string path, std::string message, std::string hint = "") const {
    if (pod.source.refused_at(path)) return;
    pod.source.error(problems, std::move(path), std::move(message), std::move(hint));
  }
  void missing_image(std::string path, std::string message, std::string hint) const {
    if (pod.source.refused_at(path)) return;
    pod.source.error(missing_images, std::move(path), std::move(message), std::move(hint));
  }
  // `kind` is ConfigMap or Secret. Nothing while it may stand in what could not be read.
  void no_object(std::string path, const std::string& kind, const std::string& name) const {
    if (host.objects_unread || pod.source.refused("metadata.namespace")) return;
    error(std::move(path), "there is no " + kind + " \"" + name + "\" in namespace " + pod.metadata.name_space,
          "write the " + kind + " into the same file, or apply it first");
  }
  void warning(std::string path, std::string message, std::string hint = "") const {
    pod.source.warning(problems, std::move(path), std::move(message), std::move(hint));
  }
};

// plan_network.cpp: names, network, dns, host ports and aliases; the first part.
void plan_network(const manifest::Pod& pod, const Host& host, Problems& problems, Plan& plan);

// What env and envFrom say, in order.
struct DeclaredEnvironment {
  std::vector<EnvironmentEntry> entries;
  bool whole = true;  // false: variables are missing, and the problem has been told
};

// plan_volumes.cpp
Volume plan_volume(const Planning& planning, const manifest::Volume& volume);
std::vector<Mount> plan_mounts(const Planning& planning, const manifest::Container& container,
                               const DeclaredEnvironment& environment);

// pod_fields.cpp: the downward API. Nullopt: no such field (the decoder has refused it already).
std::optional<std::string> pod_field(const Planning& planning, const std::string& field_path);
std::string resource_field(const Planning& planning, const manifest::ResourceFieldRef& ref,
                           const manifest::Container* asking);

// plan_environment.cpp: env and envFrom only, in order; what $(VAR) may refer to. Then the whole environment.
DeclaredEnvironment declared_environment(const Planning& planning, const manifest::Container& container);
// Without an image neither its variables nor those that would have a default beside them (PATH, HOME).
std::vector<EnvironmentEntry> whole_environment(const Planning& planning, const std::vector<EnvironmentEntry>& declared,
                                                const image::Image* image, const std::string& home);

// plan_security.cpp
Security plan_security(const manifest::PodSpec& pod, const manifest::Container& container);
struct Account {
  Identity identity;
  std::string home;
};
// Without an image only what the manifest itself says.
Account plan_account(const Planning& planning, const manifest::Container& container, const image::Image* image);

// plan_resources.cpp. check_annotations: of the whole pod, those that begin with "tandem/"; they are limits, and a slip
// in one must not pass as none.
void check_annotations(const Planning& planning);
enum class Qos { guaranteed, burstable, best_effort };
Qos qos_of(const manifest::PodSpec& pod);
Resources plan_resources(const Planning& planning, const manifest::Container& container, ContainerKind kind);

// plan_container.cpp. Without an image what is known all the same, for looking at and for its other problems.
Container plan_container(const Planning& planning, const manifest::Container& container, ContainerKind kind);

// pod_json.cpp: the v1 Pod with the API's defaults, uid and namespace filled in.
std::string applied_pod(const manifest::Pod& pod, const Host& host);

}  // namespace tandem::plan
