// Any text as each of an image's documents; digests that come out are safe to stand in a path.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/os/error.hpp"
#include "pods/image/oci.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tandem::image;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto require_safe = [](const std::string& digest) {
    const std::string hex = digest_hex(digest);
    if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != hex.npos) std::abort();
  };
  try {
    for (const Descriptor& entry : parse_index(text, "fuzz")) require_safe(entry.digest);
  } catch (const tandem::Error&) {
  }
  try {
    const Manifest manifest = parse_manifest(text, "fuzz");
    require_safe(manifest.config.digest);
    for (const Descriptor& layer : manifest.layers) require_safe(layer.digest);
  } catch (const tandem::Error&) {
  }
  try {
    for (const std::string& id : parse_image_config(text, "fuzz").diff_ids) require_safe(id);
  } catch (const tandem::Error&) {
  }
  return 0;
}
