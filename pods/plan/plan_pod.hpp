// A Pod and facts about the host -> the Plan. Pure: the same arguments give the same Plan, and nothing is touched.
#pragma once

#include <optional>

#include "core/config/problem.hpp"
#include "pods/manifest/pod.hpp"
#include "pods/plan/host.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::plan {

// Nullopt when a problem is an error: a missing image, ConfigMap, Secret or key, no command to run, a user that the
// image does not have. Each problem has its place in the manifest.
std::optional<Plan> plan_pod(const manifest::Pod& pod, const Host& host, Problems& problems);

// The id in names of directories, interfaces and cgroups: the first 12 hex digits of the uid.
std::string short_id(const std::string& uid);

}  // namespace tandem::plan
