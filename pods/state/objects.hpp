// What was applied and outlives its pods: ConfigMaps, Secrets, Services, as JSON below
// LIB/objects/KIND/NAMESPACE/NAME.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pods/state/layout.hpp"

namespace tandem::state {

struct ObjectKey {
  std::string kind;  // "ConfigMap", as in the manifest
  std::string name_space, name;
};

struct StoredObject {
  ObjectKey key;
  std::string json;  // as kubectl would print it
};

enum class Written { created, configured, unchanged };

fs::path object_path(const Roots& roots, const ObjectKey& key);

// Secrets are 0600 in directories of 0700. The file is replaced at once; a reader sees the old or the new one.
Written write_object(const Roots& roots, const StoredObject& object);
// What is no file that can be read is "", which is no JSON either.
std::optional<std::string> read_object(const Roots& roots, const ObjectKey& key);
// Of one namespace, or of all when it is empty; sorted by namespace and name.
std::vector<StoredObject> list_objects(const Roots& roots, const std::string& kind, const std::string& name_space = "");
bool remove_object(const Roots& roots, const ObjectKey& key);  // false: there was none

}  // namespace tandem::state
