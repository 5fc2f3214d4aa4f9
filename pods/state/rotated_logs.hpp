// The files of one run of a container: PATH is being written, PATH.TIME-NUMBER are those before it. The numbers count
// up from 1 without a gap, whatever the clock does, so a reader knows what comes next and how much is gone.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "pods/state/cri_log.hpp"

namespace tandem::state {

namespace fs = std::filesystem;

struct RotationLimits {
  std::uint64_t file_bytes = 10u << 20;  // as kubelet's
  int files = 5;                         // the current one included
};

struct RotatedLog {
  fs::path path;
  std::uint64_t number = 0;
};

// Oldest first; none where the directory cannot be read. That of `log` itself is one more than the last one's.
std::vector<RotatedLog> rotated_logs(const fs::path& log);
std::uint64_t next_number(const std::vector<RotatedLog>& rotated);

fs::path rotated_path(const fs::path& log, std::time_t when, std::uint64_t number);  // 0.log.20261122-103500-000001

// The streams that are inside a line where the file ends; one that is not in its last 128 KiB counts as whole.
OpenLines lines_open_at_end(int fd);

}  // namespace tandem::state
