#include "sidecars/log/disk_room.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <limits>

namespace tandem::shipper {

std::uint64_t room_on_disk(const std::filesystem::path& directory, std::uint64_t keep) {
  struct statvfs disk {};
  // A file system without a size has no blocks.
  if (::statvfs(directory.c_str(), &disk) != 0 || disk.f_blocks == 0) return std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t all = disk.f_blocks * disk.f_frsize, free = disk.f_bavail * disk.f_frsize;
  return free - std::min({free, keep, all / 8});
}

std::uint64_t size_of_disk(const std::filesystem::path& directory) {
  struct statvfs disk {};
  return ::statvfs(directory.c_str(), &disk) == 0 ? disk.f_blocks * disk.f_frsize : 0;
}

}  // namespace tandem::shipper
