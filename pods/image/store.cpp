#include "pods/image/store.hpp"

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/image/oci.hpp"
#include "pods/image/reference.hpp"

namespace tandem::image {

namespace {

constexpr std::size_t largest_document = 4u << 20;  // what registries allow for a manifest

std::string read_blob(const fs::path& images, const std::string& digest) {
  const fs::path path = images / "blobs/sha256" / digest_hex(digest);
  auto text = read_file_if_exists(path, largest_document);
  if (!text)
    throw Error(Fault::environment, "read", path.string(), "it is missing",
                "the image store is damaged: remove the image and make it again");
  return std::move(*text);
}

std::string blob_name(const fs::path& images, const std::string& digest) {
  return (images / "blobs/sha256" / digest_hex(digest)).string();
}

Image read_image(const fs::path& images, const std::string& reference, const Descriptor& entry) {
  const Manifest manifest = parse_manifest(read_blob(images, entry.digest), blob_name(images, entry.digest));
  ImageConfig config =
      parse_image_config(read_blob(images, manifest.config.digest), blob_name(images, manifest.config.digest));
  Image image;
  image.reference = reference;
  image.id = manifest.config.digest;
  image.digest = entry.digest;
  for (const Descriptor& layer : manifest.layers) image.size_bytes += layer.size_bytes;
  const auto created = entry.annotations.find(created_annotation);
  image.created = created != entry.annotations.end() ? created->second : config.created;
  for (const std::string& diff_id : config.diff_ids) image.layers.push_back(images / "layers" / digest_hex(diff_id));
  image.accounts = images / "accounts" / digest_hex(image.id);
  image.entrypoint = std::move(config.entrypoint);
  image.command = std::move(config.command);
  image.environment = std::move(config.environment);
  image.working_directory = std::move(config.working_directory);
  image.stop_signal = std::move(config.stop_signal);
  image.user = std::move(config.user);
  image.labels = std::move(config.labels);
  return image;
}

std::vector<Descriptor> read_index(const fs::path& images) {
  const fs::path path = images / "index.json";
  const auto text = read_file_if_exists(path, largest_document);
  return text ? parse_index(*text, path.string()) : std::vector<Descriptor>{};
}

std::string reference_of(const Descriptor& entry) {
  const auto found = entry.annotations.find(reference_annotation);
  return found == entry.annotations.end() ? "" : found->second;
}

// A tag is ignored when a digest says exactly which manifest is meant, as Kubernetes does.
bool matches(const Descriptor& entry, const Reference& wanted) {
  const std::string stored = reference_of(entry);
  if (wanted.digest.empty()) return stored == wanted.text();
  const auto reference = parse_reference(stored);
  return reference && reference->repository == wanted.repository && entry.digest == wanted.digest;
}

// Who may not look into layers/ cannot tell, and does not need it to plan.
bool is_missing(const fs::path& layer) {
  std::error_code error;
  return !fs::is_directory(layer, error) && error != std::errc::permission_denied;
}

}  // namespace

std::vector<Image> list_images(const fs::path& images) {
  std::vector<Image> result;
  for (const Descriptor& entry : read_index(images))
    if (const std::string reference = reference_of(entry); !reference.empty())
      result.push_back(read_image(images, reference, entry));
  return result;
}

std::optional<Image> find_image(const fs::path& images, const std::string& name) {
  const auto wanted = parse_reference(full_reference(name));
  for (const Descriptor& entry : read_index(images)) {
    if (!matches(entry, *wanted)) continue;
    Image image = read_image(images, reference_of(entry), entry);
    for (const std::string& layer : image.layers)
      if (is_missing(layer))
        throw Error(Fault::environment, "use image", image.reference, "its layer " + layer + " is missing",
                    "make it again, or remove it with: tandem image rm " + image.reference);
    return image;
  }
  return std::nullopt;
}

}  // namespace tandem::image
