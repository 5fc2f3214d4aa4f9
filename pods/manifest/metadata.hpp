// What every object has: its names and labels.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pods/manifest/source.hpp"

namespace tandem::manifest {

using TextMap = std::vector<std::pair<std::string, std::string>>;  // in the order written; keys are unique

const std::string* find(const TextMap& map, std::string_view key);  // nullptr: absent

struct Metadata {
  std::string name, name_space;
  TextMap labels, annotations;
};

}  // namespace tandem::manifest
