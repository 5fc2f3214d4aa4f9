#include "pods/state/pod_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/state/state_file.hpp"

namespace tandem::state {
namespace {

// Whoever held the lock before may have removed the file that we waited for.
bool is_still(const fs::path& path, int file) {
  struct stat named {
  }, held{};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(file, &held) == 0 && named.st_ino == held.st_ino &&
         named.st_dev == held.st_dev;
}

// Who makes a file holds the directory with others. Who has no room for one holds it alone, for as long as the pod.
unique_fd lock_shared(const fs::path& directory, const std::function<void()>& before_waiting) {
  unique_fd lock = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (attempt([&] { return ::flock(lock.get(), LOCK_SH | LOCK_NB); }) == 0) return lock;
  before_waiting();
  check([&] { return ::flock(lock.get(), LOCK_SH); }, "lock", directory);
  return lock;
}

fs::path lock_path(const Roots& roots, const std::string& name_space, const std::string& name) {
  return roots.locks() / (name_space + "." + name);  // no name has a dot in its namespace
}

bool is_locked_for_one(const fs::path& directory) {
  const unique_fd lock(attempt([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  return lock && attempt([&] { return ::flock(lock.get(), LOCK_SH | LOCK_NB); }) == -EWOULDBLOCK;
}

}  // namespace

bool is_pod_locked(const Roots& roots, const std::string& name_space, const std::string& name) {
  return is_locked(lock_path(roots, name_space, name)) || is_locked_for_one(roots.locks());
}

PodLock::PodLock(const Roots& roots, const std::string& name_space, const std::string& name,
                 const std::function<void()>& told, WithoutRoom without_room)
    : path_(lock_path(roots, name_space, name)) {
  bool waited = false;
  const auto tell = [&] {
    if (!waited) told();
    waited = true;
  };
  for (;;) {
    make_directories(roots.locks(), 0700);
    unique_fd directory = lock_shared(roots.locks(), tell);
    try {
      if (auto file = try_lock_file(path_)) {
        file_ = std::move(*file);
        if (is_still(path_, file_.get())) return;
        continue;
      }
    } catch (const Error& error) {
      if (!lacks_room(error) || without_room == WithoutRoom::fail) throw;
      if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;  // another is at the same point
      file_ = std::move(directory);
      return;
    }
    directory.reset();
    tell();
    lock_file(path_);  // and once more from the beginning, as somebody may have locked the directory meanwhile
  }
}

PodLock::~PodLock() {
  if (!file_) return;  // moved away
  ::unlink(path_.c_str());
}

}  // namespace tandem::state
