// Removing a directory that others have filled: at any depth, with few descriptors, and without leaving it.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem {
namespace {

// Each level costs a descriptor and a stack frame. What lies deeper is moved up to the top first.
constexpr int deepest_level = 16;

using DirectoryStream = std::unique_ptr<DIR, int (*)(DIR*)>;

class TreeRemoval {
 public:
  // `path` for the errors; `top` is a descriptor of the directory whose content goes.
  TreeRemoval(const fs::path& path, unique_fd top) : path_(path), top_(std::move(top)) {}

  void empty() {
    empty_directory(unique_fd(check([&] { return ::fcntl(top_.get(), F_DUPFD_CLOEXEC, 0); }, "remove", path_)), 1);
    for (long number = 0; number < moved_; ++number) remove_entry(top_.get(), moved_name(number).c_str(), 1);
  }

 private:
  static std::string moved_name(long number) { return ".removed-" + std::to_string(number); }

  [[noreturn]] void fail(int error_number) const { throw Error::from_errno("remove", path_, error_number); }

  void empty_directory(unique_fd directory, int level) {
    const DirectoryStream stream(::fdopendir(directory.get()), &::closedir);
    if (!stream) fail(errno);
    const int fd = directory.release();
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (!entry && errno != 0) fail(errno);
      if (!entry) return;
      if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
        remove_entry(fd, entry->d_name, level);
    }
  }

  void remove_entry(int parent, const char* name, int level) {
    int result = attempt([&] { return ::unlinkat(parent, name, 0); });  // a link itself, not what it leads to
    if (result == -EISDIR) result = attempt([&] { return ::unlinkat(parent, name, AT_REMOVEDIR); });  // no mount point
    if (result == -ENOTEMPTY || result == -EEXIST) {
      if (level > deepest_level) return move_up(parent, name);
      const auto flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
      const int fd = attempt([&] { return ::openat(parent, name, flags); });
      if (fd < 0) fail(-fd);
      empty_directory(unique_fd(fd), level + 1);
      result = attempt([&] { return ::unlinkat(parent, name, AT_REMOVEDIR); });
    }
    if (result < 0 && result != -ENOENT) fail(-result);
  }

  // Another name than one that is there. An empty directory in its place is lost by that: it goes anyway.
  void move_up(int parent, const char* name) {
    int result;
    do {
      const std::string fresh = moved_name(moved_++);
      result = attempt([&] { return ::renameat(parent, name, top_.get(), fresh.c_str()); });
    } while (result == -ENOTEMPTY || result == -EEXIST || result == -ENOTDIR);
    if (result < 0 && result != -ENOENT) fail(-result);
  }

  const fs::path& path_;
  unique_fd top_;
  long moved_ = 0;
};

}  // namespace

void remove_tree(const fs::path& path) {
  int result = attempt([&] { return ::unlink(path.c_str()); });
  if (result == -EISDIR) result = attempt([&] { return ::rmdir(path.c_str()); });
  if (result == -ENOTEMPTY || result == -EEXIST) {
    TreeRemoval(path, open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)).empty();
    result = attempt([&] { return ::rmdir(path.c_str()); });
  }
  if (result < 0 && result != -ENOENT) throw Error::from_errno("remove", path, -result);
}

}  // namespace tandem
