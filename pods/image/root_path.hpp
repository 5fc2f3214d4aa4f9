// Paths inside a root that is not ours: "/" of the host, an unpacked package, a directory the user named. Symlinks are
// followed as a process chrooted there would follow them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tandem::image {

namespace fs = std::filesystem;

struct RootPath {
  std::string path;  // inside the root, absolute, free of symlinks: "/usr/lib/libc.so.6"
  std::vector<std::pair<std::string, std::string>>
      symlinks;  // those on the way: path inside the root -> target as written
};

// Nullopt: nothing is there, a dangling symlink, or a loop.
std::optional<RootPath> resolve_in_root(const fs::path& root, const std::string& path);

// ROOT + the path inside it, as the host sees it.
fs::path host_path(const fs::path& root, const std::string& inside);

// "/usr//lib/../x" -> "/usr/x", by text alone. ".." never leaves "/".
std::string normal_path(const std::string& path);

// "/usr/lib" of "/usr/lib/libc.so.6"; "/" of "/usr" and of "/".
std::string parent_of(const std::string& path);

}  // namespace tandem::image
