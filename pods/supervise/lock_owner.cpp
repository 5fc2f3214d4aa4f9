#include "pods/supervise/lock_owner.hpp"

#include <unistd.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"

namespace tandem::supervise {

void write_lock_owner(int lock_fd) {
  const pid_t own = ::getpid();
  const std::string text = std::to_string(own) + " " + std::to_string(start_time_of(own).value_or(0)) + "\n";
  check([&] { return ::ftruncate(lock_fd, 0); }, "truncate", "a lock file");
  check([&] { return ::pwrite(lock_fd, text.data(), text.size(), 0); }, "write", "a lock file");
}

pid_t read_lock_owner(const std::filesystem::path& lock) {
  if (!is_locked(lock)) return 0;
  std::istringstream text(read_file_if_exists(lock).value_or(""));
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  text >> pid >> start_time;
  return pid > 0 && start_time_of(pid) == start_time ? pid : 0;
}

}  // namespace tandem::supervise
