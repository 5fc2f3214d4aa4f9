#include "pods/client/follow_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::client {

constexpr int unwatched_ms = 50;  // where the machine has no inotify instance left

namespace {

unique_fd open_log(const fs::path& path) {
  return unique_fd(std::max(attempt([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }), -1));
}

}  // namespace

LogReader::LogReader(state::PodPaths paths, std::string container, int attempt, state::LogFormat format)
    : paths_(std::move(paths)), container_(std::move(container)), attempt_(attempt), printer_(std::move(format)) {}

bool LogReader::is_written() {
  struct stat open_file {
  }, named{};
  return ::fstat(file_.get(), &open_file) == 0 && ::stat(path().c_str(), &named) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

bool LogReader::open() {
  if (file_) return true;
  for (;;) {
    file_ = open_log(path());
    if (!file_) return false;
    const std::vector<state::RotatedLog> rotated = state::rotated_logs(path());
    if (!is_written()) continue;  // rotated under our hands: whose number is it?
    number_ = state::next_number(rotated);
    complete_ = false;
    const unique_fd before = rotated.empty() ? unique_fd() : open_log(rotated.back().path);
    cut_ = before ? state::lines_open_at_end(before.get()) : state::OpenLines{};
    anew_ = true;
    return true;
  }
}

bool LogReader::open_next() {
  const std::uint64_t wanted = number_ + 1;
  for (;;) {
    const std::vector<state::RotatedLog> rotated = state::rotated_logs(path());
    const auto next = std::find_if(rotated.begin(), rotated.end(),
                                   [&](const state::RotatedLog& one) { return one.number >= wanted; });
    unique_fd file = open_log(next != rotated.end() ? next->path : path());
    std::error_code error;
    if (!file && next != rotated.end() && !fs::exists(next->path, error)) continue;  // removed under our hands
    if (!file) return false;
    if (next == rotated.end()) {
      // Between the list and the opening the writer may have gone on to yet another file.
      const std::vector<state::RotatedLog> now = state::rotated_logs(path());
      if (state::next_number(now) != state::next_number(rotated)) continue;
    }
    file_ = std::move(file);
    number_ = next != rotated.end() ? next->number : std::max(wanted, state::next_number(rotated));
    complete_ = next != rotated.end();
    missing_ += number_ - wanted;
    // What was cut off before the gap is in no file any more; rotation cuts only lines that are longer than a file.
    anew_ = number_ != wanted;
    cut_ = {};
    return true;
  }
}

std::string LogReader::take_loss() {
  const std::uint64_t files = std::exchange(missing_, 0);
  if (files == 0) return "";
  const std::uint64_t mebibytes = files * state::RotationLimits{}.file_bytes >> 20;
  return "the log of container " + container_ + " has a gap here: " + std::to_string(files) +
         (files == 1 ? " file" : " files") + ", about " + std::to_string(mebibytes) +
         " MiB, went with rotation before it was read";
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
    if (from + static_cast<off_t>(start) > 0) cut_ = {};  // a line's end stands before it
    return;
  }
}

bool LogReader::read_more(std::string& out) {
  bool any = false;
  std::array<char, 65536> buffer;
  for (;;) {
    if (!open()) return any;
    if (std::exchange(anew_, false)) printer_.begin_anew(std::exchange(cut_, {}), out);
    const auto count = check([&] { return ::read(file_.get(), buffer.data(), buffer.size()); }, "read log");
    if (count > 0) {
      printer_.feed({buffer.data(), static_cast<std::size_t>(count)}, out);
      any = true;
      if (out.size() > (1u << 20)) return true;
    } else if (!complete_) {
      if (is_written()) return any;
      complete_ = true;  // what was written before it was rotated comes first
    } else if (!open_next()) {
      return any;
    } else if (missing_ > 0) {
      return true;
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

}  // namespace tandem::client
