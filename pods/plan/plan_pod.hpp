// A Pod and facts about the host -> the Plan. Pure: the same arguments give the same Plan, and nothing is touched.
#pragma once

#include <optional>

#include "core/config/problem.hpp"
#include "pods/manifest/pod.hpp"
#include "pods/plan/host.hpp"
#include "pods/plan/plan.hpp"

namespace tandem::plan {

// Every problem is told, with its place in the manifest: a missing image, ConfigMap, Secret or key, no command to run,
// a user that the image does not have. The Pod may have errors already (Source::refused): what follows from them only
// is not told. Nullopt when anything is an error but missing images; with those the Plan has all that is known without
// them (Container::unknown), to be looked at and not to be launched.
std::optional<Plan> plan_pod(const manifest::Pod& pod, const Host& host, Problems& problems);

// The id in names of directories, interfaces and cgroups: the first 12 hex digits of the uid.
std::string short_id(const std::string& uid);

}  // namespace tandem::plan
