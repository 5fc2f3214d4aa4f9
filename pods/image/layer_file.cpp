#include "pods/image/layer_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <deque>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::image {

namespace {

constexpr int most_symlinks = 40;  // as the kernel, path_resolution(7)

// Opens LAYER/path, or an invalid descriptor; the last component itself may be a symlink, none before it may.
unique_fd open_in_layer(const std::string& layer, const std::string& path) {
  const int root = attempt([&] { return ::open(layer.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); });
  if (root < 0) return {};
  const unique_fd root_fd(root);
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const int fd = static_cast<int>(
      attempt([&] { return ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how); }));
  return fd < 0 ? unique_fd() : unique_fd(fd);
}

std::string proc_path(const unique_fd& fd) { return "/proc/self/fd/" + std::to_string(fd.get()); }

bool is_opaque(const unique_fd& directory) {
  char value = 0;
  for (const char* name : {"trusted.overlay.opaque", "user.overlay.opaque"})
    if (::getxattr(proc_path(directory).c_str(), name, &value, 1) == 1 && value == 'y') return true;
  return false;
}

// What the merged view shows at `parent`/`name`, where `parent` has no symlinks: the topmost layer that has it wins,
// unless something above hides it.
unique_fd open_merged(const std::vector<std::string>& layers, const std::string& parent, const std::string& name,
                      struct stat& status) {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const unique_fd directory = open_in_layer(*layer, parent);
    if (!directory) continue;
    if (::fstat(directory.get(), &status) != 0 || !S_ISDIR(status.st_mode)) return {};
    unique_fd found = open_in_layer(*layer, parent.empty() ? name : parent + "/" + name);
    if (found) {
      if (::fstat(found.get(), &status) != 0) return {};
      const bool whiteout = S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0);
      return whiteout ? unique_fd() : std::move(found);
    }
    if (is_opaque(directory)) return {};
  }
  return {};
}

void push_front(std::deque<std::string>& components, std::string_view path) {
  std::deque<std::string> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (end > start) parts.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  components.insert(components.begin(), parts.begin(), parts.end());
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

}  // namespace

std::optional<std::string> read_layer_file(const std::vector<std::string>& layers, std::string_view path,
                                           std::size_t limit_bytes) {
  std::deque<std::string> rest;
  push_front(rest, path);
  std::string reached;  // resolved so far, free of symlinks
  unique_fd found;
  struct stat status {};
  for (int symlinks = 0; !rest.empty();) {
    const std::string name = rest.front();
    rest.pop_front();
    if (name == ".") continue;
    if (name == "..") {
      reached = parent_of(reached);
      continue;
    }
    found = open_merged(layers, reached, name, status);
    if (!found) return std::nullopt;
    if (!S_ISLNK(status.st_mode)) {
      reached += (reached.empty() ? "" : "/") + name;
      continue;
    }
    if (++symlinks > most_symlinks) return std::nullopt;
    std::string target(4096, '\0');
    const ssize_t size = ::readlinkat(found.get(), "", target.data(), target.size());
    if (size <= 0 || static_cast<std::size_t>(size) == target.size()) return std::nullopt;
    target.resize(size);
    if (target.front() == '/') reached.clear();
    push_front(rest, target);
    found.reset();
  }
  if (!found || !S_ISREG(status.st_mode)) return std::nullopt;
  const unique_fd file(
      check([&] { return ::open(proc_path(found).c_str(), O_RDONLY | O_CLOEXEC); }, "open", std::string(path)));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit_bytes) throw Error(Fault::environment, "read", std::string(path), "it is too large");
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t count =
        check([&] { return ::read(file.get(), content.data() + filled, size - filled); }, "read", std::string(path));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace tandem::image
