#include "sidecars/log/punch_hole.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t block = 64u << 10, worth_it = 1u << 20;

// Where the hole begins: behind the block in which the kept beginning ends.
std::uint64_t hole_begin(ByteRange unneeded) { return (unneeded.begin + kept_head + block - 1) / block * block; }

// Where the hole ends that begins at `from` or before; 0: there is none.
std::uint64_t hole_end(int fd, std::uint64_t from) {
  const auto hole = ::lseek(fd, static_cast<off_t>(from), SEEK_HOLE);
  if (hole < 0 || static_cast<std::uint64_t>(hole) > from) return 0;
  const auto data = ::lseek(fd, hole, SEEK_DATA);
  return data < 0 ? 0 : static_cast<std::uint64_t>(data);
}

// None when it is not that file any more, or cannot be opened.
unique_fd open_it(const std::string& path, int mode, std::uint64_t device, std::uint64_t inode, struct stat& status,
                  std::string& problem) {
  const int opened = attempt([&] { return ::open(path.c_str(), mode | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC); });
  if (opened >= 0) {
    unique_fd fd(opened);
    const bool is_it = ::fstat(opened, &status) == 0 && status.st_ino == inode && status.st_dev == device;
    return is_it ? std::move(fd) : unique_fd();
  }
  if (opened != -ENOENT && opened != -ELOOP)
    problem = Error::from_errno("open", path, -opened, "mount the volume writable, run as the owner").what();
  return {};
}

}  // namespace

ByteRange hole_to_punch(ByteRange unneeded, std::uint64_t punched) {
  if (unneeded.end < kept_tail) return {};
  const ByteRange range{std::max(punched / block * block, hole_begin(unneeded)),
                        (unneeded.end - kept_tail) / block * block};
  return range.end < range.begin + worth_it ? ByteRange() : range;
}

std::uint64_t punch_hole(const std::string& path, std::uint64_t device, std::uint64_t inode, ByteRange unneeded,
                         std::string& problem) {
  if (hole_to_punch(unneeded, 0).bytes() == 0) return 0;
  struct stat status {};
  const unique_fd seen = open_it(path, O_RDONLY, device, inode, status, problem);
  if (!seen) return 0;
  const ByteRange range = hole_to_punch(unneeded, hole_end(seen.get(), hole_begin(unneeded)));
  if (range.bytes() == 0) return 0;
  const unique_fd fd = open_it(path, O_RDWR, device, inode, status, problem);
  if (!fd) return 0;
  const int punched = attempt([&] {
    return ::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(range.begin),
                       static_cast<off_t>(range.bytes()));
  });
  if (punched < 0) {
    problem = Error::from_errno("punch a hole", path, -punched, "ext4, xfs, btrfs and tmpfs can").what();
    return 0;
  }
  const timespec times[2] = {{0, UTIME_OMIT}, status.st_mtim};
  ::futimens(fd.get(), times);
  return range.bytes();
}

}  // namespace tandem::shipper
