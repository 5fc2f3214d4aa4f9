#include "sidecars/log/remove_shipped.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"
#include "sidecars/log/listing.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view prefix = ".tandem-log-shipped.";

// .tandem-log-shipped.INODE.NAME
std::string waiting_name(const std::string& path, std::uint64_t inode) {
  return join_path(directory_of(path), fmt::format("{}{}.{}", prefix, inode, path.substr(path.rfind('/') + 1)));
}

void give_back(const std::string& waiting, const std::string& path) {
  // Should the name be taken again, the file stays under the one it has: better there than gone.
  ::renameat2(AT_FDCWD, waiting.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE);
}

Removal failure(const char* tried, const std::string& path, int code, const char* hint = "") {
  return {Removal::Result::failed, Error::from_errno(tried, path, code, hint).what()};
}

class Lease {
 public:
  explicit Lease(int fd) : fd_(fd) {
    ::fcntl(fd, F_SETSIG, SIGURG);  // ignored by default
    code_ = ::fcntl(fd, F_SETLEASE, F_RDLCK) == 0 ? 0 : errno;
  }
  ~Lease() { ::fcntl(fd_, F_SETLEASE, F_UNLCK); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  int code() const { return code_; }
  bool unbroken() const { return ::fcntl(fd_, F_GETLEASE) == F_RDLCK; }

 private:
  int fd_, code_ = 0;
};

}  // namespace

Removal remove_shipped(const std::string& path, std::uint64_t device, std::uint64_t inode, std::uint64_t size) {
  const int opened = attempt([&] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC); });
  if (opened == -ENOENT || opened == -ELOOP) return {Removal::Result::gone, ""};
  if (opened < 0) return failure("open", path, -opened);
  const unique_fd fd(opened);
  struct stat status {};
  const auto is_it = [&] { return status.st_ino == inode && status.st_dev == device && S_ISREG(status.st_mode); };
  if (::fstat(fd.get(), &status) != 0 || !is_it()) return {Removal::Result::gone, ""};
  const Lease lease(fd.get());
  if (lease.code() == EAGAIN || lease.code() == EBUSY) return {Removal::Result::written, ""};
  if (lease.code() != 0)
    return failure("tell whether anybody writes", path, lease.code(), "run as the files' owner, or add CAP_LEASE");
  const std::string waiting = waiting_name(path, inode);
  const int renamed =
      attempt([&] { return ::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, waiting.c_str(), RENAME_NOREPLACE); });
  if (renamed == -ENOENT) return {Removal::Result::gone, ""};
  if (renamed < 0) return failure("delete", path, -renamed);
  if (::lstat(waiting.c_str(), &status) != 0 || !is_it()) {
    give_back(waiting, path);
    return {Removal::Result::gone, ""};
  }
  if (static_cast<std::uint64_t>(status.st_size) != size || !lease.unbroken()) {
    give_back(waiting, path);
    return {Removal::Result::written, ""};
  }
  const int removed = attempt([&] { return ::unlink(waiting.c_str()); });
  if (removed == 0) return {Removal::Result::removed, ""};
  give_back(waiting, path);
  return failure("delete", path, -removed);
}

void finish_removals(const std::string& directory) {
  for (const auto& file : list_regular_files(directory)) {
    std::string_view name = std::string_view(file.path).substr(file.path.rfind('/') + 1);
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    std::uint64_t inode = 0;
    const auto [dot, error] = std::from_chars(name.data(), name.data() + name.size(), inode);
    if (error != std::errc() || dot == name.data() + name.size() || *dot != '.') continue;
    name.remove_prefix(static_cast<std::size_t>(dot + 1 - name.data()));
    give_back(file.path, join_path(directory, std::string(name)));
  }
}

}  // namespace tandem::shipper
