#include "sidecars/log/listing.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

namespace tandem::shipper {
namespace {

constexpr int deepest = 32;  // folders below a ** : symlinks may make a circle

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// nullopt: there, but cannot be listed. Absent: empty.
std::optional<std::vector<std::string>> names_in(const std::string& path) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(path.c_str()));
  std::vector<std::string> names;
  if (!directory) {
    if (errno == ENOENT || errno == ENOTDIR) return names;
    return std::nullopt;
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Walk {
 public:
  Walk(const Source& source, Listing& listing, std::set<std::pair<std::uint64_t, std::uint64_t>>& seen,
       std::set<std::string>& directories)
      : source_(source), listing_(listing), seen_(seen), directories_(directories) {}

  void into(const std::string& directory, const std::vector<std::string>& parts, std::size_t part, int depth) {
    if (depth > deepest) return;
    const bool new_directory = directories_.insert(directory).second;
    if (new_directory) listing_.directories.push_back(directory);
    const auto names = names_in(directory);
    if (!names) {
      if (new_directory) listing_.unreadable.push_back(directory);
      return;
    }
    const bool any_depth = parts[part] == "**";
    for (const auto& name : *names) {
      if (any_depth ? name[0] == '.' : !match_name(parts[part], name)) continue;
      const std::string path = join_path(directory, name);
      struct stat status {};
      if (::stat(path.c_str(), &status) != 0) continue;
      if (S_ISDIR(status.st_mode)) {
        if (any_depth)
          into(path, parts, part, depth + 1);
        else if (part + 1 < parts.size())
          into(path, parts, part + 1, depth + 1);
      } else if (S_ISREG(status.st_mode) && !any_depth && part + 1 == parts.size()) {
        file(path, status);
      }
    }
    if (any_depth && part + 1 < parts.size()) into(directory, parts, part + 1, depth + 1);
  }

 private:
  void file(const std::string& path, const struct stat& status) {
    for (const auto& exclude : source_.exclude)
      if (exclude.matches(path)) return;
    if (!seen_.insert({status.st_dev, status.st_ino}).second) return;
    listing_.files.push_back(
        {path, source_.name, status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size)});
  }

  const Source& source_;
  Listing& listing_;
  std::set<std::pair<std::uint64_t, std::uint64_t>>& seen_;
  std::set<std::string>& directories_;
};

}  // namespace

std::string join_path(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory == "." ? name : directory + "/" + name;
}

bool Source::takes(const std::string& path) const {
  const auto matches = [&](const Glob& glob) { return glob.matches(path); };
  return std::any_of(paths.begin(), paths.end(), matches) && std::none_of(exclude.begin(), exclude.end(), matches);
}

Listing list_sources(const std::vector<Source>& sources) {
  Listing listing;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  std::set<std::string> directories;
  for (const auto& source : sources) {
    Walk walk(source, listing, seen, directories);
    for (const auto& glob : source.paths) walk.into(glob.root(), glob.parts(), 0, 0);
  }
  return listing;
}

std::vector<ListedFile> list_regular_files(const std::string& directory) {
  std::vector<ListedFile> files;
  for (const auto& name : names_in(directory).value_or(std::vector<std::string>{})) {
    const std::string path = join_path(directory, name);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({path, "", status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size)});
  }
  return files;
}

}  // namespace tandem::shipper
