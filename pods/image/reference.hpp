// Image references as people and manifests write them (distribution/reference: repository[:tag][@digest]).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem::image {

struct Reference {
  std::string repository;  // with the registry: "docker.io/library/redis", "localhost/tandem/log"
  std::string tag;         // "latest" when neither tag nor digest was written
  std::string digest;      // "sha256:...", may be empty

  std::string text() const;  // repository[:tag][@digest]
};

// Nullopt: not a reference. `why`, when given, says what is wrong with it.
std::optional<Reference> parse_reference(std::string_view name, std::string* why = nullptr);

}  // namespace tandem::image
