// Objects as kubectl would show them: v1 Pods with their status, ConfigMaps, Secrets (masked), Services.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pods/client/kinds.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

// A file that cannot be shown, and of which object it is.
struct Damaged {
  std::string name_space, name, text;  // text names the file
};

// Of one namespace, or of all when it is empty; sorted by namespace and name. Damaged ones are left out and put into
// `damaged`.
std::vector<nlohmann::ordered_json> list_objects(const state::Roots& roots, Kind kind, const std::string& name_space,
                                                 std::vector<Damaged>& damaged);

// A pod's own object with its status; one that has no status yet is Pending. It is Unknown when nobody sees what
// becomes of it, or when its files do not say; the status' message names the file then.
nlohmann::ordered_json pod_object(const state::Roots& roots, const std::string& id, const std::string& name_space,
                                  const std::string& name);

}  // namespace tandem::client
