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
  const int fd = attempt([&] { return ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640); });
  if (fd < 0) return false;
  file_.reset(fd);
  struct stat status {};
  bytes_ = ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  open_lines_ = state::lines_open_at_end(fd);
  return true;
}

bool LogFile::append(std::string_view text) {
  if (!open()) return false;
  const std::uint64_t most = limits_.file_bytes * (open_lines_.any() ? 2 : 1);
  if (bytes_ > 0 && bytes_ + text.size() > most) {
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
  const std::size_t last = text.size() < 2 ? text.npos : text.rfind('\n', text.size() - 2);
  open_lines_ = state::open_lines(text.substr(last == text.npos ? 0 : last + 1), open_lines_);
  return true;
}

void LogFile::rotate() {
  std::vector<state::RotatedLog> rotated = state::rotated_logs(path_);
  const std::uint64_t number = state::next_number(rotated);
  rotated.push_back({state::rotated_path(path_, std::time(nullptr), number), number});
  std::error_code error;
  fs::rename(path_, rotated.back().path, error);
  if (error) return;  // the file grows on; the next append tries again
  file_.reset();
  const std::size_t keep = static_cast<std::size_t>(limits_.files > 1 ? limits_.files - 1 : 0);
  for (std::size_t i = 0; i + keep < rotated.size(); ++i) fs::remove(rotated[i].path, error);
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
