#include "pods/supervise/lock_owner.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::supervise {

void write_lock_owner(int lock_fd) {
  const std::string text = std::to_string(::getpid()) + "\n";
  check([&] { return ::ftruncate(lock_fd, 0); }, "truncate", "a lock file");
  check([&] { return ::pwrite(lock_fd, text.data(), text.size(), 0); }, "write", "a lock file");
}

pid_t read_lock_owner(const std::filesystem::path& lock) {
  if (!is_locked(lock)) return 0;
  return static_cast<pid_t>(std::atoi(read_file_if_exists(lock).value_or("").c_str()));
}

}  // namespace tandem::supervise
