#include "pods/supervise/output_fifos.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::supervise {

namespace {

std::size_t setting(const char* file, std::size_t fallback) {
  const auto text = read_file_if_exists(file, 64);
  return text ? std::strtoull(text->c_str(), nullptr, 10) : fallback;
}

}  // namespace

std::size_t wanted_fifo_bytes(std::size_t most, std::size_t pages_of_user) {
  if (pages_of_user == 0) return most;
  return std::min(most, pages_of_user / 64 * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

void widen_fifo(int fifo) {
  const std::size_t wanted = wanted_fifo_bytes(setting("/proc/sys/fs/pipe-max-size", 1u << 20),
                                               setting("/proc/sys/fs/pipe-user-pages-soft", 16384));
  const auto now = static_cast<std::size_t>(std::max(attempt([&] { return ::fcntl(fifo, F_GETPIPE_SZ); }), 0));
  // Refused (the user's pipes have too much already, or memory is short): half of it may still be had.
  for (std::size_t size = wanted; size > now; size /= 2) {
    if (attempt([&] { return ::fcntl(fifo, F_SETPIPE_SZ, static_cast<int>(size)); }) >= 0) return;
  }
}

void make_fifos(const std::filesystem::path& directory) {
  for (const char* stream : {"stdout", "stderr"}) {
    const std::string path = directory / stream;
    const int result = attempt([&] { return ::mkfifo(path.c_str(), 0600); });
    if (result < 0 && result != -EEXIST) throw Error::from_errno("make FIFO", path, -result);
  }
}

}  // namespace tandem::supervise
