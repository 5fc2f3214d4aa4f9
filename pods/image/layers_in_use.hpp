// Which images and layers the pods of this machine use, read from their Plans.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace tandem::image {

struct InUse {
  std::set<std::string> layers;  // hex names of layer directories
  std::set<std::string> pods;    // "NAMESPACE/NAME" of those that use the image asked for
};

// `image_id` ("sha256:...") may be empty. Throws Error{environment} when a Plan is there and cannot be read.
InUse layers_in_use(const std::filesystem::path& pods_run, const std::string& image_id);

}  // namespace tandem::image
