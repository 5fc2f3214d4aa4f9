// Who holds a lock: its process id stands in the lock file.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace tandem::supervise {

void write_lock_owner(int lock_fd);
pid_t read_lock_owner(const std::filesystem::path& lock);  // 0: nobody holds it now

}  // namespace tandem::supervise
