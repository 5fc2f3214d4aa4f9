// From a request to an image in the store: download, choose, write, unpack, publish.
#pragma once

#include <filesystem>
#include <string>

#include "pods/image/pack.hpp"
#include "pods/image/store_writer.hpp"

namespace tandem::image {

// Packs `request` into the store under the full reference; nothing of it is left there when it throws.
StoredImage pack_image(const std::filesystem::path& store, const std::filesystem::path& pods_run,
                       const std::string& reference, const PackRequest& request, const Report& report);

// The image's config (OCI image-spec, config.md) as JSON. The same arguments give the same bytes.
std::string make_image_config(const PackRequest& request, const PackedFiles& files, const LayerBlob& layer,
                              std::time_t modified);

}  // namespace tandem::image
