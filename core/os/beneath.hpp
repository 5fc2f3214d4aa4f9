// Opening what stands in a folder that others can write, without being led out of it by their links.
#pragma once

#include <filesystem>
#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem {

namespace fs = std::filesystem;

// Where paths begin. As it was written it is trusted, links in it too; what is below it is not.
class Folder {
 public:
  enum class Links { inside, never };  // those that lead to something inside are followed; none is

  explicit Folder(fs::path path);  // one that cannot be opened: open() says why
  const fs::path& path() const { return path_; }

  // What stands at `below`, a path relative to the folder: a descriptor, or -errno. -EXDEV: links lead out of the
  // folder. -ELOOP: there is a link and none is followed, or one of /proc to a descriptor, which never is. `flags` are
  // those of open(2) without O_CREAT; O_CLOEXEC is added.
  int open(const std::string& below, int flags, Links links = Links::inside) const;

 private:
  int open_checked(const std::string& below, int flags, Links links) const;
  std::string inside(const std::string& real) const;

  fs::path path_;
  unique_fd fd_;
  int problem_ = 0;
  std::string real_;  // path_ without links
};

// open(2) with O_CLOEXEC: a descriptor, or -errno. In a folder that others can write, links are followed only as long
// as they stay in that folder, as those of a Kubernetes volume do (tls.key -> ..data/tls.key): -EXDEV otherwise.
int open_guarded(const fs::path& path, int flags, unsigned mode = 0);

}  // namespace tandem
