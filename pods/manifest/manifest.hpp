// Text -> the objects in it, or every problem with file:line:column.
#pragma once

#include <string>
#include <vector>

#include "core/config/problem.hpp"
#include "pods/manifest/check_fields.hpp"
#include "pods/manifest/objects.hpp"
#include "pods/manifest/pod.hpp"

namespace tandem::manifest {

struct SourceText {
  std::string file;  // as shown in problems: "pod.yaml", "<stdin>"
  std::string text;  // YAML or JSON; any number of documents, v1 Lists too
};

struct Options {
  Validation validation = Validation::strict;
  // Of objects that name none. With `only` set, an object that names another namespace is a problem, as with kubectl
  // -n.
  std::string name_space = "default";
  bool only = false;
};

struct Objects {
  std::vector<Pod> pods;
  std::vector<ConfigMap> config_maps;
  std::vector<Secret> secrets;
  std::vector<Service> services;
  // A ConfigMap or Secret may be written that is not here: a document could not be read, or not what it is or its name.
  bool unread = false;
};

// Everything wrong with any of the texts is in `problems` afterwards (warnings too). While problems.has_errors(), the
// objects are there only to look for more problems, not to be used: a field with a problem has its default, and the
// object's source knows it (Source::refused).
Objects decode_manifests(const std::vector<SourceText>& texts, const Options& options, Problems& problems);

// Is every pair of `selector` among `labels`? An empty selector selects nothing.
bool selects(const TextMap& selector, const TextMap& labels);

// The object as JSON text that decode_manifests reads again (namespace filled in; a Secret's stringData moved into
// data).
std::string to_json(const ConfigMap& object);
std::string to_json(const Secret& object);
std::string to_json(const Service& object);
std::string to_json(const Pod& object);  // as written: no defaults

}  // namespace tandem::manifest
