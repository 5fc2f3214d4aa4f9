#include "pods/image/root_path.hpp"

#include <sys/stat.h>

#include <deque>

namespace tandem::image {

namespace {

constexpr int most_symlinks = 40;  // as the kernel, path_resolution(7)

std::deque<std::string> components(const std::string& path) {
  std::deque<std::string> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (end > start && path.compare(start, end - start, ".") != 0) parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

void drop_last(std::string& path) { path.resize(path.empty() ? 0 : path.rfind('/')); }

}  // namespace

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

std::string normal_path(const std::string& path) {
  std::string normal;
  for (const std::string& part : components(path)) {
    if (part == "..")
      drop_last(normal);
    else
      normal += "/" + part;
  }
  return normal.empty() ? "/" : normal;
}

fs::path host_path(const fs::path& root, const std::string& inside) {
  return root == "/" ? fs::path(inside) : fs::path(root.string() + inside);
}

std::optional<RootPath> resolve_in_root(const fs::path& root, const std::string& path) {
  RootPath result;
  std::string reached;  // "" is the root itself
  std::deque<std::string> rest = components(path);
  while (!rest.empty()) {
    const std::string part = rest.front();
    rest.pop_front();
    if (part == "..") {
      drop_last(reached);
      continue;
    }
    const std::string next = reached + "/" + part;
    const fs::path on_host = host_path(root, next);
    struct stat status {};
    if (::lstat(on_host.c_str(), &status) != 0) return std::nullopt;
    if (!S_ISLNK(status.st_mode)) {
      reached = next;
      continue;
    }
    if (result.symlinks.size() >= most_symlinks) return std::nullopt;
    std::error_code error;
    const std::string target = fs::read_symlink(on_host, error).string();
    if (error || target.empty()) return std::nullopt;
    result.symlinks.emplace_back(next, target);
    if (target.front() == '/') reached.clear();
    const auto parts = components(target);
    rest.insert(rest.begin(), parts.begin(), parts.end());
  }
  result.path = reached.empty() ? "/" : reached;
  return result;
}

}  // namespace tandem::image
