// Changing the image store. Slow work happens in a temporary directory of the store without any lock; what is seen by
// others changes under one lock, by rename, index.json last. A writer that dies leaves at most a temporary directory,
// which the next one removes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "pods/image/layer_writer.hpp"

namespace tandem::image {

namespace fs = std::filesystem;

// A directory below STORE/tmp, removed at the end of the scope; locked, so that others know that its owner lives.
class StoreScratch {
 public:
  explicit StoreScratch(const fs::path& store);
  ~StoreScratch();
  StoreScratch(const StoreScratch&) = delete;
  StoreScratch& operator=(const StoreScratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  unique_fd lock_;
};

// What was made in the scratch directory, ready to be moved into the store.
struct NewImage {
  std::string reference;  // full
  std::string config;     // JSON, with the layer's diff id
  LayerBlob layer;
  fs::path blob, unpacked;  // the layer, compressed and as a directory
};

struct StoredImage {
  std::string digest, id;  // "sha256:..." of manifest and config
};

class StoreWriter {
 public:
  // `pods_run` is where the running pods' Plans lie (state::Roots::pods()): layers they use are never removed.
  StoreWriter(fs::path store, fs::path pods_run) : store_(std::move(store)), pods_(std::move(pods_run)) {}

  // `now` goes to the index alone, so that the image's digest does not depend on it.
  StoredImage publish(const NewImage& image, const std::string& now);
  void tag(const std::string& reference, const std::string& new_reference);

  // Removes the name, and what no other name needs. Throws Error{user} for an unknown one, and for one that a pod uses
  // unless `force`.
  void remove(const std::string& reference, bool force);

  // Removes blobs and layers that no name and no pod needs; gives back how many bytes.
  std::uint64_t prune();

 private:
  void put_accounts(const std::string& id_hex, const std::vector<std::string>& layers);
  std::uint64_t collect_garbage();

  fs::path store_, pods_;
};

}  // namespace tandem::image
