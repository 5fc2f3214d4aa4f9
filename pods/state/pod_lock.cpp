#include "pods/state/pod_lock.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "core/os/files.hpp"

namespace tandem::state {
namespace {

// Whoever held the lock before may have removed the file that we waited for.
bool is_still(const fs::path& path, int file) {
  struct stat named {
  }, held{};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(file, &held) == 0 && named.st_ino == held.st_ino &&
         named.st_dev == held.st_dev;
}

}  // namespace

PodLock::PodLock(const Roots& roots, const std::string& name_space, const std::string& name,
                 const std::function<void()>& told)
    : path_(roots.locks() / (name_space + "." + name)) {  // no name has a dot in its namespace
  bool waited = false;
  do {
    make_directories(roots.locks(), 0700);
    if (auto file = try_lock_file(path_)) {
      file_ = std::move(*file);
      continue;
    }
    if (!waited) told();
    waited = true;
    file_ = lock_file(path_);
  } while (!is_still(path_, file_.get()));
}

PodLock::~PodLock() {
  if (!file_) return;  // moved away
  ::unlink(path_.c_str());
}

}  // namespace tandem::state
