#include "pods/supervise/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <vector>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::supervise {

LogFile::LogFile(fs::path path, RotationLimits limits) : path_(std::move(path)), limits_(limits) {}

bool LogFile::open() {
  if (file_) return true;
  std::error_code error;
  fs::create_directories(path_.parent_path(), error);
  const int fd = attempt([&] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640); });
  if (fd < 0) return false;
  file_.reset(fd);
  struct stat status {};
  bytes_ = ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  return true;
}

bool LogFile::append(std::string_view text) {
  if (!open()) return false;
  if (bytes_ > 0 && bytes_ + text.size() > limits_.file_bytes) {
    rotate();
    if (!open()) return false;
  }
  std::size_t done = 0;
  while (done < text.size()) {
    const auto written = attempt([&] { return ::write(file_.get(), text.data() + done, text.size() - done); });
    if (written <= 0) {
      // Half a record would garble the next one.
      if (done > 0 && ::ftruncate(file_.get(), static_cast<off_t>(bytes_)) < 0) file_.reset();
      return false;
    }
    done += static_cast<std::size_t>(written);
  }
  bytes_ += text.size();
  return true;
}

void LogFile::rotate() {
  char stamp[32];
  const std::time_t now = std::time(nullptr);
  std::tm fields{};
  ::gmtime_r(&now, &fields);
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &fields);
  const std::string base = path_.filename().string() + ".";
  std::error_code error;
  fs::path target = path_.parent_path() / (base + stamp);
  for (int i = 1; fs::exists(target, error) && i < 1000; ++i) {
    char number[16];
    std::snprintf(number, sizeof number, "-%03d", i);
    target = path_.parent_path() / (base + stamp + number);
  }
  fs::rename(path_, target, error);
  if (error) return;  // the file grows on; the next append tries again
  file_.reset();
  std::vector<std::string> rotated;
  try {
    for (std::string& name : list_directory(path_.parent_path())) {
      if (name.compare(0, base.size(), base) == 0) rotated.push_back(std::move(name));
    }
  } catch (const Error&) {
  }
  const std::size_t keep = static_cast<std::size_t>(limits_.files > 1 ? limits_.files - 1 : 0);
  for (std::size_t i = 0; i + keep < rotated.size(); ++i) fs::remove(path_.parent_path() / rotated[i], error);
}

void remove_old_logs(const fs::path& directory, int attempt) {
  std::error_code error;
  for (const std::string& name : list_directory(directory)) {
    char* end = nullptr;
    const long number = std::strtol(name.c_str(), &end, 10);
    if (end != name.c_str() && *end == '.' && number < attempt - 1) fs::remove(directory / name, error);
  }
}

}  // namespace tandem::supervise
