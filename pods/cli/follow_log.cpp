#include "pods/cli/follow_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>

#include <array>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::cli {

constexpr int unwatched_ms = 50;  // where the machine has no inotify instance left

LogReader::LogReader(state::PodPaths paths, std::string container, int attempt, state::LogFormat format)
    : paths_(std::move(paths)), container_(std::move(container)), attempt_(attempt), printer_(std::move(format)) {}

bool LogReader::open() {
  if (file_) return true;
  const std::string path = paths_.log(container_, attempt_);
  file_.reset(std::max(tandem::attempt([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }), -1));
  return static_cast<bool>(file_);
}

bool LogReader::rotated() const {
  struct stat open_file {
  }, named{};
  if (::fstat(file_.get(), &open_file) != 0 || ::stat(paths_.log(container_, attempt_).c_str(), &named) != 0)
    return false;
  return open_file.st_ino != named.st_ino;
}

void LogReader::skip_to_tail(std::size_t lines) {
  if (!open()) return;
  const off_t size = check([&] { return ::lseek(file_.get(), 0, SEEK_END); }, "seek in log");
  // From the end in growing pieces, so that a short tail of a large log is quick.
  for (off_t piece = 65536;; piece *= 4) {
    const off_t from = std::max<off_t>(0, size - piece);
    std::string bytes(static_cast<std::size_t>(size - from), '\0');
    const auto count = check([&] { return ::pread(file_.get(), bytes.data(), bytes.size(), from); }, "read log");
    bytes.resize(static_cast<std::size_t>(count));
    const std::size_t start = state::tail_offset(bytes, lines);
    if (start == 0 && from > 0) continue;
    check([&] { return ::lseek(file_.get(), from + static_cast<off_t>(start), SEEK_SET); }, "seek in log");
    return;
  }
}

bool LogReader::read_more(std::string& out) {
  bool any = false;
  std::array<char, 65536> buffer;
  for (;;) {
    if (!open()) return any;
    const auto count = check([&] { return ::read(file_.get(), buffer.data(), buffer.size()); }, "read log");
    if (count > 0) {
      printer_.feed({buffer.data(), static_cast<std::size_t>(count)}, out);
      any = true;
      if (out.size() > (1u << 20)) return true;
    } else if (rotated()) {
      file_.reset();
    } else {
      return any;
    }
  }
}

void LogReader::move_to(int attempt) {
  file_.reset();
  attempt_ = attempt;
}

LogWatch::LogWatch() : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

void LogWatch::add(const state::PodPaths& paths, const std::string& container) {
  const fs::path directory = paths.log(container, 0).parent_path();
  make_directories(directory, 0700);
  if (::inotify_add_watch(inotify_.get(), directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) inotify_.reset();
}

void LogWatch::wait(int milliseconds) {
  pollfd polled{inotify_.get(), POLLIN, 0};
  const int most = inotify_ ? milliseconds : std::min(milliseconds, unwatched_ms);
  if (attempt([&] { return ::poll(&polled, 1, most); }) <= 0) return;
  std::array<char, 4096> events;
  while (attempt([&] { return ::read(inotify_.get(), events.data(), events.size()); }) > 0) {
  }
}

}  // namespace tandem::cli
