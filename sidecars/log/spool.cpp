#include "sidecars/log/spool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/disk_room.hpp"
#include "sidecars/log/listing.hpp"
#include "sidecars/log/record/spool_line.hpp"

namespace tandem::shipper {
namespace {

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The number of "000012.log"; 0: it is no such file.
std::uint64_t number_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && std::string_view(end) == ".log" ? number : 0;
}

std::string path_of(const std::filesystem::path& directory, std::uint64_t number) {
  return (directory / fmt::format("{:06}.log", number)).string();
}

}  // namespace

Spool::Spool(SpoolOptions options) : options_(std::move(options)) {
  make_directories(options_.directory, 0700);
  for (const auto& file : list_regular_files(options_.directory.string()))
    number_ = std::max(number_, number_of(file.path));
  end_last_line();
  count_again();
}

void Spool::end_last_line() const {
  if (number_ == 0) return;
  const std::string path = path_of(options_.directory, number_);
  const unique_fd last = open_file(path, O_RDWR);
  struct stat status {};
  char end = '\n';
  if (::fstat(last.get(), &status) == 0 && status.st_size > 0) ::pread(last.get(), &end, 1, status.st_size - 1);
  if (end == '\n') return;
  const auto put_newline = [&](off_t at) { return attempt([&] { return ::pwrite(last.get(), "\n", 1, at); }); };
  // A byte of a message that is cut off anyway, on a disk that has no other.
  const auto count = put_newline(status.st_size) == 1 ? 1 : put_newline(status.st_size - 1);
  if (count < 0) throw Error::from_errno("end the last line of", path, static_cast<int>(-count));
}

void Spool::count_again() {
  bytes_ = 0;
  for (const auto& file : list_regular_files(options_.directory.string())) bytes_ += file.size;
}

void Spool::set_limits(const SpoolOptions& limits) {
  const auto directory = std::move(options_.directory);
  options_ = limits;
  options_.directory = directory;
}

void Spool::add(std::string_view peer, std::string_view text, bool whole) {
  // All that is flushed together has one time, and no other flush has it: no two files begin with the same bytes, so
  // that none is taken for a copy of another.
  if (flush_stamp_ == 0) flush_stamp_ = stamp_ = std::max(wall_ns(), stamp_ + 1);
  // A newline takes four bytes.
  const auto room = static_cast<std::size_t>(options_.line_limit) - spool_line_overhead;
  const auto newlines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const std::size_t part = text.size() + 3 * newlines <= room ? text.size() : room / 4;
  for (; text.size() > part; text.remove_prefix(part))
    append_spool_line({flush_stamp_, peer, true, text.substr(0, part)}, pending_);
  append_spool_line({flush_stamp_, peer, !whole, text}, pending_);
}

void Spool::begin_file() {
  for (;;) {
    const std::string path = path_of(options_.directory, ++number_);
    const int fd =
        attempt([&] { return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600); });
    if (fd == -EEXIST) continue;
    if (fd < 0) {
      --number_;
      throw Error::from_errno("make", path, -fd);
    }
    file_.reset(fd);
    file_size_ = 0;
    in_line_ = false;
    return;
  }
}

// Who has a file open for writing keeps it from being deleted.
bool Spool::fail(std::string why) {
  problem_ = std::move(why);
  if (file_size_ > 0 && !in_line_) file_.reset();
  return false;
}

// The end of the last whole line of so many bytes: what is behind it goes out of the file again, unless it cannot.
std::size_t Spool::cut_back(std::size_t written) {
  const auto newline = pending_.rfind('\n', written - 1);
  const std::size_t whole = newline == std::string::npos ? 0 : newline + 1;
  return ::ftruncate(file_.get(), static_cast<off_t>(file_size_ + whole)) == 0 ? whole : written;
}

bool Spool::flush() {
  flush_stamp_ = 0;
  if (pending_.empty()) return true;
  if (room_on_disk(options_.directory, options_.keep_free) < pending_.size())
    return fail("the disk of " + options_.directory.string() + " is full but for what spool.keepFree leaves");
  try {
    if (!file_ || (file_size_ >= options_.file_bytes && !in_line_)) begin_file();
  } catch (const Error& error) {
    return fail(error.what());
  }
  const std::string path = path_of(options_.directory, number_);
  const auto count = attempt([&] { return ::write(file_.get(), pending_.data(), pending_.size()); });
  if (count < 0) return fail(Error::from_errno("write", path, static_cast<int>(-count)).what());
  auto written = static_cast<std::size_t>(count);
  if (written > 0 && written < pending_.size() && !in_line_) written = cut_back(written);
  file_size_ += written;
  bytes_ += written;
  if (written > 0) in_line_ = pending_[written - 1] != '\n';
  pending_.erase(0, written);
  if (!pending_.empty()) return fail("only a part could be written to " + path);
  problem_.clear();
  if (pending_.capacity() > (4u << 20)) pending_ = {};
  return true;
}

}  // namespace tandem::shipper
