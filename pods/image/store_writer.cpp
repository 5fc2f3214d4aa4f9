#include "pods/image/store_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/config/json_text.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/not_found.hpp"
#include "core/os/temporaries.hpp"
#include "pods/image/digest.hpp"
#include "pods/image/layer_file.hpp"
#include "pods/image/layers_in_use.hpp"
#include "pods/image/oci.hpp"
#include "pods/image/store.hpp"

namespace tandem::image {

namespace {

using nlohmann::ordered_json;

constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* config_type = "application/vnd.oci.image.config.v1+json";
constexpr const char* layer_type = "application/vnd.oci.image.layer.v1.tar+zstd";

unique_fd lock_store(const fs::path& store) {
  make_directories(store);
  unique_fd lock = lock_soon(store / "lock", std::chrono::minutes(2));
  remove_temporaries(store);
  return lock;
}

// Only with the store locked: nobody is then between making a scratch directory and locking it.
void remove_dead_scratch(const fs::path& store) {
  for (const std::string& name : list_directory(store / "tmp")) {
    const fs::path path = store / "tmp" / name;
    const int fd = attempt([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW); });
    if (fd < 0) continue;
    const unique_fd directory(fd);
    if (attempt([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) remove_tree(path);
  }
}

fs::path blob_path(const fs::path& store, const std::string& hex) { return store / "blobs/sha256" / hex; }

ordered_json read_index(const fs::path& store) {
  const fs::path path = store / "index.json";
  const auto text = read_file_if_exists(path);
  if (!text) return {{"schemaVersion", 2}, {"manifests", ordered_json::array()}};
  parse_index(*text, path.string());  // says what is wrong, if anything is
  ordered_json index = must_parse_json(*text);
  if (!index.contains("manifests") || index["manifests"].is_null()) index["manifests"] = ordered_json::array();
  return index;
}

void write_index(const fs::path& store, const ordered_json& index) {
  replace_file(store / "index.json", indented_json(index, 2) + "\n", 0644, true);
}

std::string reference_of(const ordered_json& entry) {
  const auto annotations = entry.find("annotations");
  return annotations != entry.end() && annotations->is_object() ? annotations->value(reference_annotation, "") : "";
}

// Takes the entry with this name out of the index; null when there is none.
ordered_json take_entry(ordered_json& index, const std::string& reference) {
  ordered_json& entries = index["manifests"];
  ordered_json taken;
  ordered_json rest = ordered_json::array();
  for (ordered_json& entry : entries)
    (reference_of(entry) == reference ? taken : rest.emplace_back()) = std::move(entry);
  entries = std::move(rest);
  return taken;
}

std::uint64_t tree_size(const fs::path& path) {
  std::uint64_t bytes = 0;
  std::error_code error, gone;
  fs::recursive_directory_iterator entry(path, fs::directory_options::skip_permission_denied, error);
  // What cannot be walked, as it is too deep, is removed without being counted.
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
    if (entry->is_regular_file(gone) && !entry->is_symlink(gone)) bytes += entry->file_size(gone);
  return bytes;
}

}  // namespace

StoreScratch::StoreScratch(const fs::path& store) {
  const unique_fd lock = lock_store(store);
  make_directories(store / "tmp", 0700);
  remove_dead_scratch(store);
  std::string name = (store / "tmp/XXXXXX").string();
  if (!::mkdtemp(name.data())) throw Error::from_errno("make directory", name, errno);
  path_ = name;
  lock_ = open_file(path_, O_RDONLY | O_DIRECTORY);
  check([&] { return ::flock(lock_.get(), LOCK_EX); }, "lock", name);
}

StoreScratch::~StoreScratch() {
  try {
    remove_tree(path_);
  } catch (const Error&) {  // the next writer removes it
  }
}

StoredImage StoreWriter::publish(const NewImage& image, const std::string& now) {
  const unique_fd lock = lock_store(store_);
  make_directories(store_ / "blobs/sha256");
  make_directories(store_ / "layers", 0700);  // it holds setuid programs that other users of the host must not reach
  if (!fs::exists(store_ / "oci-layout"))
    replace_file(store_ / "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}\n", 0644);

  if (const fs::path layer = store_ / "layers" / image.layer.diff_id_hex; !fs::exists(layer))
    fs::rename(image.unpacked, layer);
  if (const fs::path blob = blob_path(store_, image.layer.digest_hex); !fs::exists(blob)) fs::rename(image.blob, blob);
  const auto put = [&](const std::string& text) {
    const std::string hex = sha256_hex(text);
    if (!fs::exists(blob_path(store_, hex))) replace_file(blob_path(store_, hex), text, 0644);
    return "sha256:" + hex;
  };
  StoredImage stored;
  stored.id = put(image.config);
  const ordered_json manifest = {
      {"schemaVersion", 2},
      {"mediaType", manifest_type},
      {"config", {{"mediaType", config_type}, {"digest", stored.id}, {"size", image.config.size()}}},
      {"layers", ordered_json::array({{{"mediaType", layer_type},
                                       {"digest", "sha256:" + image.layer.digest_hex},
                                       {"size", image.layer.size_bytes}}})}};
  put_accounts(digest_hex(stored.id), {(store_ / "layers" / image.layer.diff_id_hex).string()});
  const std::string manifest_text = json_text(manifest);
  stored.digest = put(manifest_text);

  ordered_json index = read_index(store_);
  take_entry(index, image.reference);
  index["manifests"].push_back({{"mediaType", manifest_type},
                                {"digest", stored.digest},
                                {"size", manifest_text.size()},
                                {"annotations", {{reference_annotation, image.reference}, {created_annotation, now}}}});
  write_index(store_, index);
  return stored;
}

void StoreWriter::put_accounts(const std::string& id_hex, const std::vector<std::string>& layers) {
  const fs::path place = store_ / "accounts" / id_hex;
  make_directories(place);
  for (const char* name : {"passwd", "group"})
    replace_file(place / name, read_layer_file(layers, std::string("etc/") + name).value_or(""), 0644);
}

void StoreWriter::tag(const std::string& reference, const std::string& new_reference) {
  const unique_fd lock = lock_store(store_);
  ordered_json index = read_index(store_);
  ordered_json entry;
  for (const ordered_json& candidate : index["manifests"])
    if (reference_of(candidate) == reference) entry = candidate;
  if (entry.is_null()) throw NotFound("tag", reference, "there is no such image", "see: tandem image ls");
  take_entry(index, new_reference);
  entry["annotations"][reference_annotation] = new_reference;
  index["manifests"].push_back(std::move(entry));
  write_index(store_, index);
}

void StoreWriter::remove(const std::string& reference, bool force) {
  const unique_fd lock = lock_store(store_);
  ordered_json index = read_index(store_);
  const ordered_json entry = take_entry(index, reference);
  if (entry.is_null()) throw NotFound("remove", reference, "there is no such image", "see: tandem image ls");
  if (!force) {
    const std::string hex = digest_hex(entry.value("digest", ""));
    const auto text = read_file_if_exists(blob_path(store_, hex));
    const auto manifest = text ? parse_ordered_json(*text) : ordered_json();
    const std::string id = manifest.is_object() && manifest.contains("config") && manifest["config"].is_object()
                               ? manifest["config"].value("digest", "")
                               : "";
    const InUse in_use = layers_in_use(pods_, id);
    if (!in_use.pods.empty())
      throw Error(Fault::user, "remove", reference, "pod " + *in_use.pods.begin() + " uses it",
                  "delete the pod first, or use --force: its files stay until the pod is gone and prune is run");
  }
  write_index(store_, index);
  collect_garbage();
}

std::uint64_t StoreWriter::prune() {
  const unique_fd lock = lock_store(store_);
  remove_dead_scratch(store_);
  return collect_garbage();
}

std::uint64_t StoreWriter::collect_garbage() {
  std::set<std::string> blobs, layers = layers_in_use(pods_, "").layers;
  const auto document = [&](const std::string& digest) {
    const fs::path path = blob_path(store_, digest_hex(digest));
    blobs.insert(digest_hex(digest));
    return std::pair(read_file(path), path.string());
  };
  for (const Descriptor& entry : parse_index(json_text(read_index(store_)), (store_ / "index.json").string())) {
    const auto [manifest_text, manifest_name] = document(entry.digest);
    const Manifest manifest = parse_manifest(manifest_text, manifest_name);
    for (const Descriptor& layer : manifest.layers) blobs.insert(digest_hex(layer.digest));
    const auto [config_text, config_name] = document(manifest.config.digest);
    for (const std::string& id : parse_image_config(config_text, config_name).diff_ids) layers.insert(digest_hex(id));
  }
  std::uint64_t freed = 0;
  for (const std::string& name : list_directory(store_ / "blobs/sha256"))
    if (!blobs.contains(name)) {
      std::error_code error;
      freed += fs::file_size(blob_path(store_, name), error);
      remove_tree(blob_path(store_, name));
    }
  for (const std::string& name : list_directory(store_ / "accounts"))
    if (!blobs.contains(name)) remove_tree(store_ / "accounts" / name);
  for (const std::string& name : list_directory(store_ / "layers"))
    if (!layers.contains(name)) {
      freed += tree_size(store_ / "layers" / name);
      // Out of sight first: a killed removal must not leave half a layer under its name.
      make_directories(store_ / "tmp", 0700);
      const fs::path dying = store_ / "tmp" / ("removed-" + name);
      remove_tree(dying);
      fs::rename(store_ / "layers" / name, dying);
      remove_tree(dying);
    }
  return freed;
}

}  // namespace tandem::image
