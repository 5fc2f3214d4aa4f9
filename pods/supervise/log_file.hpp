// One attempt's log file: appended to, rotated by size as kubelet does (10 MiB, five files in all).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/os/unique_fd.hpp"

namespace tandem::supervise {

namespace fs = std::filesystem;

struct RotationLimits {
  std::uint64_t file_bytes = 10u << 20;
  int files = 5;  // the current one included
};

class LogFile {
 public:
  explicit LogFile(fs::path path, RotationLimits limits = {});  // makes the directory; opens at the first append
  // All of it or nothing: after a failure (a full disk) the file is as before. Never throws.
  bool append(std::string_view text);

 private:
  bool open();
  void rotate();  // PATH -> PATH.20261122-103500; the oldest beyond the limit go

  fs::path path_;
  RotationLimits limits_;
  unique_fd file_;
  std::uint64_t bytes_ = 0;
};

// Removes the logs of attempts before `attempt` - 1: kubelet keeps one dead container.
void remove_old_logs(const fs::path& directory, int attempt);

}  // namespace tandem::supervise
