// One attempt's log file: appended to, rotated by size as kubelet does (10 MiB, five files in all), but not inside a
// line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/os/unique_fd.hpp"
#include "pods/state/cri_log.hpp"
#include "pods/state/rotated_logs.hpp"

namespace tandem::supervise {

namespace fs = std::filesystem;

using state::RotationLimits;

class LogFile {
 public:
  explicit LogFile(fs::path path, RotationLimits limits = {});  // makes the directory; opens at the first append
  // All of it or nothing: after a failure (a full disk) the file is as before. Never throws. `text`: whole records of
  // one stream. What would be too much goes to a new file, unless a line has begun in this one: then it grows to twice
  // its limit at the most.
  bool append(std::string_view text);

 private:
  bool open();
  void rotate();  // the oldest beyond the limit go

  fs::path path_;
  RotationLimits limits_;
  unique_fd file_;
  std::uint64_t bytes_ = 0;
  state::OpenLines open_lines_;
};

// Removes the logs of attempts before `attempt` - 1: kubelet keeps one dead container.
void remove_old_logs(const fs::path& directory, int attempt);

}  // namespace tandem::supervise
