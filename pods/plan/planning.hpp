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

  void error(std::string path, std::string message, std::string hint = "") const {
    pod.source.error(problems, std::move(path), std::move(message), std::move(hint));
  }
  void warning(std::string path, std::string message, std::string hint = "") const {
    pod.source.warning(problems, std::move(path), std::move(message), std::move(hint));
  }
};

// plan_network.cpp: names, network, dns, host ports and aliases; the first part.
void plan_network(const manifest::Pod& pod, const Host& host, Problems& problems, Plan& plan);

// plan_volumes.cpp
Volume plan_volume(const Planning& planning, const manifest::Volume& volume);
std::vector<Mount> plan_mounts(const Planning& planning, const manifest::Container& container,
                               const std::vector<EnvironmentEntry>& environment);

// pod_fields.cpp: the downward API. Nullopt: no such field (the decoder has refused it already).
std::optional<std::string> pod_field(const Planning& planning, const std::string& field_path);
std::string resource_field(const Planning& planning, const manifest::ResourceFieldRef& ref,
                           const manifest::Container* asking);

// plan_environment.cpp: env and envFrom only, in order; what $(VAR) may refer to. Then the whole environment.
std::vector<EnvironmentEntry> declared_environment(const Planning& planning, const manifest::Container& container);
std::vector<EnvironmentEntry> whole_environment(const Planning& planning, const std::vector<EnvironmentEntry>& declared,
                                                const std::vector<std::string>& of_image, const std::string& home);

// plan_security.cpp
Security plan_security(const manifest::PodSpec& pod, const manifest::Container& container);
struct Account {
  Identity identity;
  std::string home;
};
Account plan_account(const Planning& planning, const manifest::Container& container, const image::Image& image);

// plan_resources.cpp
enum class Qos { guaranteed, burstable, best_effort };
Qos qos_of(const manifest::PodSpec& pod);
Resources plan_resources(const Planning& planning, const manifest::Container& container, ContainerKind kind);

// plan_container.cpp. Nullopt: problems.
std::optional<Container> plan_container(const Planning& planning, const manifest::Container& container,
                                        ContainerKind kind);

// pod_json.cpp: the v1 Pod with the API's defaults, uid and namespace filled in.
std::string applied_pod(const manifest::Pod& pod, const Host& host);

}  // namespace tandem::plan
