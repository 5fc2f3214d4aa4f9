// Objects as kubectl would show them: v1 Pods with their status, ConfigMaps, Secrets (masked), Services.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pods/cli/kinds.hpp"
#include "pods/state/layout.hpp"

namespace tandem::cli {

// Of one namespace, or of all when it is empty; sorted by namespace and name.
std::vector<nlohmann::ordered_json> list_objects(const state::Roots& roots, Kind kind, const std::string& name_space);

// A pod's own object with its status; one that has no status yet is Pending.
nlohmann::ordered_json pod_object(const state::PodPaths& paths);

// Does the object match a selector "a=b,c!=d,e"? Throws Error{user} for one that cannot be read.
bool matches(const nlohmann::ordered_json& object, const std::string& selector);

}  // namespace tandem::cli
