#include "sidecars/log/listing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>

#include "core/os/beneath.hpp"

namespace tandem::shipper {
namespace {

constexpr int deepest = 32;  // folders below a ** : symlinks may make a circle

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

struct Name {
  std::string text;
  bool may_be_link = false;
};

// nullopt: there, but cannot be listed. Absent: empty. `cut`: there are more.
std::optional<std::vector<Name>> names_in(const std::string& path, std::size_t most, bool& cut) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(path.c_str()));
  std::vector<Name> names;
  if (!directory) {
    if (errno == ENOENT || errno == ENOTDIR) return names;
    return std::nullopt;
  }
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    cut = names.size() >= most;
    if (cut) break;
    names.push_back({name, entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN});
  }
  std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.text < b.text; });
  return names;
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? real.get() : "";
}

class Walk {
 public:
  Walk(const Source& source, const Glob& glob, Listing& listing,
       std::set<std::pair<std::uint64_t, std::uint64_t>>& seen, std::set<std::string>& directories, std::size_t most)
      : source_(source), root_(glob.root()), listing_(listing), seen_(seen), directories_(directories), most_(most) {}

  void into(const std::string& directory, const std::vector<std::string>& parts, std::size_t part, int depth) {
    if (depth > deepest) return;
    const bool new_directory = directories_.insert(directory).second;
    if (new_directory) listing_.directories.push_back(directory);
    bool cut = false;
    const auto names = names_in(directory, most_, cut);
    if (!names || cut || listing_.files.size() >= most_) {
      if (new_directory) listing_.unreadable.push_back(directory);
      if (new_directory && names) listing_.cut.push_back(directory);
      if (!cut) return;
    }
    const bool any_depth = parts[part] == "**";
    for (const auto& [name, may_be_link] : *names) {
      if (any_depth ? name[0] == '.' : !match_name(parts[part], name)) continue;
      const std::string path = join_path(directory, name);
      struct stat status {};
      if (!look_at(path, status, any_depth || part + 1 < parts.size())) continue;
      if (S_ISDIR(status.st_mode)) {
        if (any_depth)
          into(path, parts, part, depth + 1);
        else if (part + 1 < parts.size())
          into(path, parts, part + 1, depth + 1);
      } else if (S_ISREG(status.st_mode) && !any_depth && part + 1 == parts.size()) {
        file(path, status, may_be_link);
      }
    }
    if (any_depth && part + 1 < parts.size()) into(directory, parts, part + 1, depth + 1);
  }

 private:
  // What the name stands for, if its links may be followed. Later it is opened by its path, and compared with the inode
  // found here: so it is enough that this one was reached within the folder.
  bool look_at(const std::string& path, struct stat& status, bool folders_only) {
    if (source_.links == Links::any) return ::stat(path.c_str(), &status) == 0;
    const std::size_t above = root_.path() == "/" ? 1 : root_.path().string().size() + 1;
    const std::string below = root_.path() == "." ? path : path.substr(above);
    const auto links = source_.links == Links::never ? Folder::Links::never : Folder::Links::inside;
    const int found = root_.open(below, O_PATH, links);
    const bool is_refused = found == -EXDEV || found == -ELOOP;
    if (is_refused && !is_excluded(path) &&
        (!folders_only || (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))))
      listing_.refused.push_back(path);
    return found >= 0 && ::fstat(unique_fd(found).get(), &status) == 0;
  }

  bool is_excluded(const std::string& path) const {
    return std::any_of(source_.exclude.begin(), source_.exclude.end(),
                       [&](const Glob& exclude) { return exclude.matches(path); });
  }

  void file(const std::string& path, const struct stat& status, bool may_be_link) {
    if (is_excluded(path) || listing_.files.size() >= most_) return;
    if (!seen_.insert({status.st_dev, status.st_ino}).second) return;
    ListedFile file{path, source_.name, status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), ""};
    struct stat link {};
    if (may_be_link && ::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) {
      file.target = real_path(path);
      const std::string directory = directory_of(file.target);
      if (!file.target.empty() && directories_.insert(directory).second) listing_.directories.push_back(directory);
    }
    listing_.files.push_back(std::move(file));
  }

  const Source& source_;
  const Folder root_;
  Listing& listing_;
  std::set<std::pair<std::uint64_t, std::uint64_t>>& seen_;
  std::set<std::string>& directories_;
  std::size_t most_;
};

}  // namespace

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string join_path(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory == "." ? name : directory + "/" + name;
}

bool Source::takes(const std::string& path) const {
  const auto matches = [&](const Glob& glob) { return glob.matches(path); };
  return std::any_of(paths.begin(), paths.end(), matches) && std::none_of(exclude.begin(), exclude.end(), matches);
}

Listing list_sources(const std::vector<Source>& sources, std::size_t most) {
  Listing listing;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  std::set<std::string> directories;
  for (const auto& source : sources) {
    for (const auto& glob : source.paths)
      Walk(source, glob, listing, seen, directories, most).into(glob.root(), glob.parts(), 0, 0);
  }
  return listing;
}

bool may_read_in(const std::vector<Source>& sources, const std::string& directory, const std::string& shown) {
  const std::string real = real_path(directory);
  if (real == shown) return true;
  const auto has = [&](const Glob& glob) {
    const std::string root = real_path(glob.root());
    return root == "/" || real == root || (!root.empty() && real.starts_with(root + "/"));
  };
  return std::any_of(sources.begin(), sources.end(), [&](const Source& source) {
    return source.links == Links::any || std::any_of(source.paths.begin(), source.paths.end(), has);
  });
}

std::vector<ListedFile> list_regular_files(const std::string& directory, std::size_t most) {
  bool cut = false;
  std::vector<ListedFile> files;
  for (const auto& [name, may_be_link] : names_in(directory, most, cut).value_or(std::vector<Name>{})) {
    const std::string path = join_path(directory, name);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({path, "", status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), ""});
  }
  return files;
}

}  // namespace tandem::shipper
