// Who holds a lock: its process id and start time stand in the lock file. A lock that is held although its owner has
// ended (by a child of his) has none: his number may be somebody else's by now.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace tandem::supervise {

void write_lock_owner(int lock_fd);
pid_t read_lock_owner(const std::filesystem::path& lock);  // 0: nobody, or nobody known

}  // namespace tandem::supervise
