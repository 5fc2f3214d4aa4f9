// Reading the image store: an OCI image layout plus unpacked layers. Light: the launch path uses only this; packing and
// unpacking are in tandem-image.
//
//   IMAGES/oci-layout, index.json     annotations "org.opencontainers.image.ref.name" hold the full reference
//   IMAGES/blobs/sha256/HEX           manifests, configs, layers
//   IMAGES/layers/HEX/                a layer unpacked, by diff id; ready for overlay's lowerdir
//   IMAGES/accounts/HEX/{passwd,group}  an image's, by its config: what a user who may not enter layers/ needs to plan
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tandem::image {

namespace fs = std::filesystem;

// Who is not root and asks for images means those of the pods that root runs, too.
constexpr const char* images_of_root = "/var/lib/tandem/images";

// What a container needs to know of its image (OCI image-spec, config.md).
struct Image {
  std::string reference;            // full: "localhost/tandem/log:0.1.0", "docker.io/library/redis:7"
  std::string id;                   // "sha256:..." of the config
  std::string digest;               // "sha256:..." of the manifest
  std::uint64_t size_bytes = 0;     // of the layers, as stored
  std::string created;              // RFC 3339
  std::vector<std::string> layers;  // unpacked directories, the lowest first
  std::string accounts;             // the directory of passwd and group; absent: they are in the layers
  std::vector<std::string> entrypoint, command;
  std::vector<std::string> environment;  // NAME=value
  std::string working_directory;         // empty: /
  std::string stop_signal;               // empty: SIGTERM
  std::string user;                      // as in the config: "", "redis", "1000:1000"
  std::map<std::string, std::string> labels;
};

// A name as users type it -> the full reference: "redis" -> "docker.io/library/redis:latest", "localhost/a" ->
// "localhost/a:latest". Throws Error{input} when it is no reference.
std::string full_reference(const std::string& name);

// Throws Error{environment} for a damaged store; an absent store is empty.
std::vector<Image> list_images(const fs::path& images);
std::optional<Image> find_image(const fs::path& images, const std::string& name);

// The user of an image or a securityContext, looked up in its etc/passwd and etc/group.
struct UserIds {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  std::string home = "/";
};
// `user` is "", "name", "uid", "name:group", "uid:gid". Throws Error{input} for an unknown name.
UserIds find_user(const Image& image, const std::string& user);

}  // namespace tandem::image
