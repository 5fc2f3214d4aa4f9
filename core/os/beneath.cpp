#include "core/os/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "core/os/check.hpp"

namespace tandem {

namespace {

constexpr int most_tries = 16;  // the kernel gives up when somebody renames meanwhile: EAGAIN

int open_with(int folder, const std::string& below, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve;
  long result = -EAGAIN;
  for (int i = 0; i < most_tries && result == -EAGAIN; ++i)
    result = attempt([&] { return ::syscall(SYS_openat2, folder, below.c_str(), &how, sizeof how); });
  return static_cast<int>(result);
}

// "": there is nothing, or errno says what else.
std::string real_path(const fs::path& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? real.get() : "";
}

// Where an open descriptor's file is now.
std::string place_of(int fd) {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored);
}

bool others_can_write(const struct stat& folder) {
  return (folder.st_mode & (S_IWGRP | S_IWOTH)) != 0 || (folder.st_uid != 0 && folder.st_uid != ::geteuid());
}

}  // namespace

Folder::Folder(fs::path path) : path_(std::move(path)) {
  const int opened = attempt([&] { return ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); });
  if (opened < 0) problem_ = -opened;
  if (opened >= 0) fd_ = unique_fd(opened);
  real_ = real_path(path_);
}

// A real path as one relative to the folder; "": it is not in it.
std::string Folder::inside(const std::string& real) const {
  if (real.empty() || real_.empty()) return "";
  if (real == real_) return ".";
  const std::string folder = real_ == "/" ? real_ : real_ + "/";
  return real.starts_with(folder) ? real.substr(folder.size()) : "";
}

int Folder::open(const std::string& below, int flags, Links links) const {
  if (!fd_) return -problem_;
  const int opened = open_with(fd_.get(), below, flags, links == Links::never ? RESOLVE_NO_SYMLINKS : 0);
  // A kernel before 5.6, or a seccomp filter that does not know the call.
  if (opened == -ENOSYS || opened == -EPERM) return open_checked(below, flags, links);
  if (opened != -EXDEV || links == Links::never) return opened;
  // RESOLVE_BENEATH refuses every absolute link, also one that leads inside: where it leads is opened instead, and by
  // then nothing on the way may be a link.
  const std::string real = inside(real_path(path_ / below));
  return real.empty() ? -EXDEV : open_with(fd_.get(), real, flags, RESOLVE_NO_SYMLINKS);
}

// Without openat2: what was opened is asked where it is.
int Folder::open_checked(const std::string& below, int flags, Links links) const {
  const std::string real = real_path(path_ / below);
  if (real.empty()) return -errno;
  const std::string found = inside(real);
  if (found.empty()) return -EXDEV;
  if (links == Links::never && found != fs::path(below).lexically_normal()) return -ELOOP;
  unique_fd file(attempt([&] { return ::open(real.c_str(), flags | O_NOFOLLOW | O_CLOEXEC); }));
  if (!file) return -errno;
  return place_of(file.get()) == real ? file.release() : -EXDEV;
}

int open_guarded(const fs::path& path, int flags, unsigned mode) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return -errno;
  if (!others_can_write(status)) return attempt([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  const int opened = Folder(folder).open(path.filename(), flags & ~(O_CREAT | O_EXCL));
  if (opened != -ENOENT || (flags & O_CREAT) == 0) return opened;
  return attempt([&] { return ::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode); });
}

}  // namespace tandem
