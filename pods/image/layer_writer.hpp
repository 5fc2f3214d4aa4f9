// A Tree -> a layer blob: a tar (pax) compressed with zstd. The same tree gives the same bytes: names sorted, times
// clamped.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>

#include "pods/image/tree.hpp"

namespace tandem::image {

struct LayerBlob {
  std::string digest_hex;   // of the blob
  std::string diff_id_hex;  // of the tar inside
  std::uint64_t size_bytes = 0;
};

// Writes the blob to `path`. Throws Error{environment} when a source cannot be read or the disk is full; then `path`
// may hold half a blob, and the caller throws it away.
LayerBlob write_layer(const Tree& tree, const std::filesystem::path& path, std::time_t modified);

}  // namespace tandem::image
