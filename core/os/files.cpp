#include "core/os/files.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "core/os/beneath.hpp"
#include "core/os/check.hpp"
#include "core/os/process.hpp"

namespace tandem {

unique_fd open_file(const fs::path& path, int flags, unsigned mode) {
  return unique_fd(check([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }, "open", path));
}

namespace {

struct stat status_of(const unique_fd& file, const fs::path& path) {
  struct stat status {};
  check([&] { return ::fstat(file.get(), &status); }, "stat", path);
  return status;
}

std::string read_open_file(const unique_fd& file, const fs::path& path, off_t size, std::size_t limit_bytes) {
  std::string bytes;
  std::size_t wanted = size > 0 ? static_cast<std::size_t>(size) + 1 : 4096;  // /proc says 0
  std::size_t used = 0;
  for (;;) {
    if (used >= limit_bytes || (size > 0 && static_cast<std::size_t>(size) >= limit_bytes))
      throw Error(Fault::input, "read", path, "larger than " + std::to_string(limit_bytes) + " bytes");
    bytes.resize(std::min(limit_bytes, used + wanted));
    const auto count =
        check([&] { return ::read(file.get(), bytes.data() + used, bytes.size() - used); }, "read", path);
    used += static_cast<std::size_t>(count);
    if (count == 0) break;
    if (used == bytes.size()) wanted = bytes.size();
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

std::string read_file(const fs::path& path, std::size_t limit_bytes) {
  const unique_fd file = open_file(path, O_RDONLY | O_NONBLOCK);  // a FIFO without a writer would keep us for ever
  const struct stat status = status_of(file, path);
  if (!S_ISREG(status.st_mode)) throw Error(Fault::environment, "read", path, "it is no regular file");
  return read_open_file(file, path, status.st_size, limit_bytes);
}

namespace {

const char* kind_of(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "Is a directory";
  if (S_ISFIFO(status.st_mode)) return "it is a FIFO, no regular file";
  if (S_ISSOCK(status.st_mode)) return "it is a socket, no regular file";
  return "it is a device, no regular file";
}

}  // namespace

unique_fd open_given_file(const fs::path& path, int flags, unsigned mode) {
  const int opened = open_guarded(path, flags | O_NONBLOCK | O_NOCTTY, mode);
  struct stat status {};
  // Of a FIFO without a reader, and of a socket.
  if (opened == -ENXIO && ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    throw Error(Fault::environment, "open", path, kind_of(status));
  if (opened == -EXDEV)
    throw Error(Fault::environment, "open", path, "it is a link that leads out of its folder, which others can write");
  if (opened < 0) throw Error::from_errno("open", path, -opened);
  unique_fd file(opened);
  status = status_of(file, path);
  if (!S_ISREG(status.st_mode)) throw Error(Fault::environment, "open", path, kind_of(status));
  return file;
}

std::string read_given_file(const fs::path& path, std::size_t limit_bytes) {
  const unique_fd file = open_given_file(path, O_RDONLY);
  return read_open_file(file, path, status_of(file, path).st_size, limit_bytes);
}

std::string read_to_end(const fs::path& path, std::size_t limit_bytes) {
  const unique_fd file = open_file(path, O_RDONLY);
  return read_open_file(file, path, status_of(file, path).st_size, limit_bytes);
}

std::optional<std::string> read_file_if_exists(const fs::path& path, std::size_t limit_bytes) {
  try {
    return read_file(path, limit_bytes);
  } catch (const Error& error) {
    // ENODEV: a cgroup's file, which went with its cgroup between the opening and the reading.
    if (error.error_number() == ENOENT || error.error_number() == ENOTDIR || error.error_number() == ENODEV)
      return std::nullopt;
    throw;
  }
}

void write_all(int fd, std::string_view bytes, const std::string& object) {
  while (!bytes.empty()) {
    const auto count = check([&] { return ::write(fd, bytes.data(), bytes.size()); }, "write", object);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void write_file(const fs::path& path, std::string_view bytes, unsigned mode) {
  const unique_fd file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  check([&] { return ::fchmod(file.get(), mode); }, "chmod", path);
  write_all(file.get(), bytes, path);
}

void replace_file(const fs::path& path, std::string_view bytes, unsigned mode, bool durable) {
  // A random name: one made of the pid is met again by the next pid 1 of a container after a kill.
  std::string temporary = path.parent_path() / ("." + path.filename().string() + ".XXXXXX");
  unique_fd file(check([&] { return ::mkostemp(temporary.data(), O_CLOEXEC); }, "create", temporary));
  try {
    check([&] { return ::fchmod(file.get(), mode); }, "chmod", temporary);
    write_all(file.get(), bytes, temporary);
    if (durable) check([&] { return ::fsync(file.get()); }, "fsync", temporary);
    check([&] { return ::rename(temporary.c_str(), path.c_str()); }, "rename to", path);
  } catch (const Error&) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (durable) {
    const unique_fd directory = open_file(path.parent_path(), O_RDONLY | O_DIRECTORY);
    check([&] { return ::fsync(directory.get()); }, "fsync", path.parent_path());
  }
}

void make_directories(const fs::path& path, unsigned mode) {
  if (path.empty() || ::mkdir(path.c_str(), mode) == 0) return;
  if (errno == ENOENT) {
    make_directories(path.parent_path(), mode);
    if (::mkdir(path.c_str(), mode) == 0) return;
  }
  const int error_number = errno;
  struct stat status {};
  if (error_number == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
  throw Error::from_errno("make directory", path, error_number);
}

namespace {

template <class Wanted>
std::vector<std::string> names_in(const fs::path& path, Wanted wanted) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (wanted(*entry)) names.push_back(entry->path().filename());
  }
  if (error && error != std::errc::no_such_file_or_directory) throw Error::from_errno("list", path, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> list_directory(const fs::path& path) {
  return names_in(path, [](const fs::directory_entry&) { return true; });
}

std::vector<std::string> list_subdirectories(const fs::path& path) {
  return names_in(path, [](const fs::directory_entry& entry) {
    std::error_code gone;
    return !entry.is_symlink(gone) && entry.is_directory(gone);
  });
}

void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned next = 0;
  for (const int fd : kept) {
    if (fd < 0) continue;
    const auto number = static_cast<unsigned>(fd);
    if (number > next) ::close_range(next, number - 1, 0);
    next = number + 1;
  }
  ::close_range(next, ~0u, 0);
}

unique_fd lock_file(const fs::path& path) {
  unique_fd file = open_file(path, O_RDWR | O_CREAT);
  check([&] { return ::flock(file.get(), LOCK_EX); }, "lock", path);
  return file;
}

namespace {

// By /proc/locks, "1: FLOCK  ADVISORY  WRITE 4711 fe:00:12345 0 EOF"; 0: nobody any more, or of another pid namespace.
pid_t holder_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return 0;
  const std::string inode = ":" + std::to_string(status.st_ino);
  std::istringstream lines(read_file_if_exists("/proc/locks").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, type, kind, mode, file;
    pid_t pid = 0;
    if (words >> number >> type >> kind >> mode >> pid >> file && type == "FLOCK" && file.ends_with(inode)) return pid;
  }
  return 0;
}

unique_fd lock_within(unique_fd file, const fs::path& path, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds longest_pause{20};
  const auto end = std::chrono::steady_clock::now() + limit;
  for (std::chrono::milliseconds pause{1};; pause = std::min(2 * pause, longest_pause)) {
    const int result = attempt([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); });
    if (result == 0) return file;
    if (result != -EWOULDBLOCK) throw Error::from_errno("lock", path, -result);
    if (std::chrono::steady_clock::now() >= end) break;
    std::this_thread::sleep_for(pause);
  }
  const pid_t holder = holder_of(file.get());
  const std::string who = std::to_string(holder);
  if (holder == 0) throw Error(Fault::environment, "lock", path, "another process holds it", "try again");
  if (is_stopped(holder))
    throw Error(Fault::environment, "lock", path, "process " + who + " holds it, and is stopped", "kill -CONT " + who);
  throw Error(Fault::environment, "lock", path, "process " + who + " holds it", "try again when it has ended");
}

}  // namespace

unique_fd lock_soon(const fs::path& path, std::chrono::milliseconds limit) {
  return lock_within(open_file(path, O_RDWR | O_CREAT), path, limit);
}

unique_fd lock_directory_soon(const fs::path& path, std::chrono::milliseconds limit) {
  return lock_within(open_file(path, O_RDONLY | O_DIRECTORY), path, limit);
}

std::optional<unique_fd> try_lock_file(const fs::path& path) {
  unique_fd file = open_file(path, O_RDWR | O_CREAT);
  const int result = attempt([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); });
  if (result == -EWOULDBLOCK) return std::nullopt;
  if (result < 0) throw Error::from_errno("lock", path, -result);
  return file;
}

bool is_locked(const fs::path& path) {
  const int fd = attempt([&] { return ::open(path.c_str(), O_RDWR | O_CLOEXEC); });
  if (fd == -ENOENT || fd == -ENOTDIR) return false;
  if (fd < 0) throw Error::from_errno("open", path, -fd);
  const unique_fd file(fd);
  return attempt([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) == -EWOULDBLOCK;
}

}  // namespace tandem
