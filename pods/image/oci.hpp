// The three JSON documents of an OCI image layout (image-spec: image-layout.md, manifest.md, config.md), as far as
// Tandem reads them. Pure: text in, values out. Each throws Error{environment} naming `object` when the text is not
// such a document.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::image {

inline constexpr const char* reference_annotation = "org.opencontainers.image.ref.name";
inline constexpr const char* created_annotation = "org.opencontainers.image.created";

struct Descriptor {
  std::string media_type;
  std::string digest;  // "sha256:" + 64 lower-case hex digits, checked
  std::uint64_t size_bytes = 0;
  std::map<std::string, std::string> annotations;
};

struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;
};

struct ImageConfig {
  std::vector<std::string> diff_ids;  // digests of the uncompressed layers, checked
  std::string created, architecture, os;
  std::vector<std::string> entrypoint, command, environment;
  std::string working_directory, stop_signal, user;
  std::map<std::string, std::string> labels;
};

std::vector<Descriptor> parse_index(std::string_view text, const std::string& object);
Manifest parse_manifest(std::string_view text, const std::string& object);
ImageConfig parse_image_config(std::string_view text, const std::string& object);

// The 64 hex digits of a "sha256:..." digest, or empty when it is none: what stands in a path is never anything else.
std::string digest_hex(std::string_view digest);

}  // namespace tandem::image
