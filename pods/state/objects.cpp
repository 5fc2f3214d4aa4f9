#include "pods/state/objects.hpp"

#include "core/os/files.hpp"
#include "core/os/temporaries.hpp"
#include "pods/state/state_file.hpp"

namespace tandem::state {

namespace {

constexpr std::string_view suffix = ".json";

fs::path directory(const Roots& roots, const std::string& kind, const std::string& name_space) {
  return roots.objects() / kind / name_space;
}

// Whoever changes a directory's objects holds its lock, and removes what a writer that was killed has left.
unique_fd lock_to_change(const fs::path& directory) {
  unique_fd lock = lock_directory_soon(directory);
  remove_temporaries(directory);
  return lock;
}

}  // namespace

fs::path object_path(const Roots& roots, const ObjectKey& key) {
  return directory(roots, key.kind, key.name_space) / (key.name + std::string(suffix));
}

Written write_object(const Roots& roots, const StoredObject& object) {
  const fs::path folder = directory(roots, object.key.kind, object.key.name_space);
  make_directories(folder, 0700);
  const unique_fd lock = lock_to_change(folder);
  const auto before = read_object(roots, object.key);
  if (before == object.json) return Written::unchanged;
  write_state_file(object_path(roots, object.key), object.json, 0600);
  return before ? Written::configured : Written::created;
}

std::optional<std::string> read_object(const Roots& roots, const ObjectKey& key) {
  return read_damaged_as_empty(object_path(roots, key));
}

std::vector<StoredObject> list_objects(const Roots& roots, const std::string& kind, const std::string& name_space) {
  std::vector<StoredObject> objects;
  const auto spaces =
      name_space.empty() ? list_directory(roots.objects() / kind) : std::vector<std::string>{name_space};
  for (const auto& space : spaces) {
    for (const auto& file : list_directory(directory(roots, kind, space))) {
      if (file.front() == '.' || !file.ends_with(suffix)) continue;
      ObjectKey key{kind, space, file.substr(0, file.size() - suffix.size())};
      if (auto json = read_object(roots, key)) objects.push_back({std::move(key), std::move(*json)});
    }
  }
  return objects;
}

bool remove_object(const Roots& roots, const ObjectKey& key) {
  const fs::path folder = directory(roots, key.kind, key.name_space), path = object_path(roots, key);
  if (!is_there(folder)) return false;
  const unique_fd lock = lock_to_change(folder);
  if (!is_there(path)) return false;
  remove_tree(path);  // a directory may stand in its place
  return true;
}

}  // namespace tandem::state
