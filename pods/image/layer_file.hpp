// Reading one file of an image as a container would see it: through all layers and their symlinks, never outside them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::image {

// The content of `path` ("etc/passwd") in the stack of unpacked layers, the lowest first; nullopt when it is absent,
// hidden by a whiteout, a symlink loop, or not a regular file. Throws Error{environment} when it is larger than
// `limit_bytes`.
std::optional<std::string> read_layer_file(const std::vector<std::string>& layers, std::string_view path,
                                           std::size_t limit_bytes = 1u << 20);

}  // namespace tandem::image
