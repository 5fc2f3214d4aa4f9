#include "pods/image/directory_writer.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/image/root_path.hpp"

namespace tandem::image {

namespace {

int open_in_root(int root, const char* path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(attempt([&] { return ::syscall(SYS_openat2, root, path, &how, sizeof how); }));
}

std::string proc_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

}  // namespace

DirectoryWriter::DirectoryWriter(const fs::path& directory)
    : object_(directory.string()), root_(open_file(directory, O_RDONLY | O_DIRECTORY)), privileged_(::geteuid() == 0) {}

unique_fd DirectoryWriter::open_directory(const std::string& path, bool create) {
  int fd = open_in_root(root_.get(), path.c_str(), O_PATH | O_DIRECTORY);
  if (fd == -ENOENT && create && path != "/") {
    const unique_fd parent = open_directory(parent_of(path), true);
    const std::string name = path.substr(path.rfind('/') + 1);
    const int made = attempt([&] { return ::mkdirat(parent.get(), name.c_str(), 0755); });
    if (made < 0 && made != -EEXIST) throw Error::from_errno("make directory", object_ + path, -made);
    fd = open_in_root(root_.get(), path.c_str(), O_PATH | O_DIRECTORY);
  }
  if (fd < 0) throw Error::from_errno("open directory", object_ + path, -fd);
  return unique_fd(fd);
}

DirectoryWriter::Place DirectoryWriter::place(const std::string& path) {
  return {open_directory(parent_of(path), true), path.substr(path.rfind('/') + 1)};
}

void DirectoryWriter::clear_name(const Place& at, const std::string& path) {
  const int gone = attempt([&] { return ::unlinkat(at.parent.get(), at.name.c_str(), 0); });
  if (gone < 0 && gone != -ENOENT) throw Error::from_errno("replace", object_ + path, -gone);
}

void DirectoryWriter::add_directory(const NewFile& file) {
  if (file.path != "/") {
    const Place at = place(file.path);
    const int made = attempt([&] { return ::mkdirat(at.parent.get(), at.name.c_str(), 0700); });
    if (made == -EEXIST) {
      struct stat status {};
      check([&] { return ::fstatat(at.parent.get(), at.name.c_str(), &status, AT_SYMLINK_NOFOLLOW); }, "stat",
            object_ + file.path);
      if (S_ISLNK(status.st_mode)) return;  // usr-merge: /lib -> usr/lib; what comes below it goes where it leads
      if (!S_ISDIR(status.st_mode)) {
        clear_name(at, file.path);
        check([&] { return ::mkdirat(at.parent.get(), at.name.c_str(), 0700); }, "make directory", object_ + file.path);
      }
    } else if (made < 0) {
      throw Error::from_errno("make directory", object_ + file.path, -made);
    }
  }
  directories_.push_back(file);
}

unique_fd DirectoryWriter::create_file(const NewFile& file) {
  const Place at = place(file.path);
  clear_name(at, file.path);
  return unique_fd(check(
      [&] {
        return ::openat(at.parent.get(), at.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      },
      "create", object_ + file.path));
}

void DirectoryWriter::finish_file(int fd, const NewFile& file) {
  const std::string object = object_ + file.path;
  if (privileged_) check([&] { return ::fchown(fd, file.uid, file.gid); }, "change owner of", object);
  check([&] { return ::fchmod(fd, file.mode); }, "change mode of", object);  // after chown, which clears setuid
  if (privileged_ && !file.capability.empty())
    check([&] { return ::fsetxattr(fd, "security.capability", file.capability.data(), file.capability.size(), 0); },
          "set capabilities of", object);
  const timespec times[2] = {{file.modified, 0}, {file.modified, 0}};
  check([&] { return ::futimens(fd, times); }, "set time of", object);
}

void DirectoryWriter::set_attributes(const Place& at, const NewFile& file, bool symlink) {
  const std::string object = object_ + file.path;
  const int fd = at.parent.get();
  if (privileged_)
    check([&] { return ::fchownat(fd, at.name.c_str(), file.uid, file.gid, AT_SYMLINK_NOFOLLOW); }, "change owner of",
          object);
  if (!symlink) check([&] { return ::fchmodat(fd, at.name.c_str(), file.mode, 0); }, "change mode of", object);
  const timespec times[2] = {{file.modified, 0}, {file.modified, 0}};
  check([&] { return ::utimensat(fd, at.name.c_str(), times, AT_SYMLINK_NOFOLLOW); }, "set time of", object);
}

void DirectoryWriter::add_symlink(const NewFile& file, const std::string& target) {
  const Place at = place(file.path);
  clear_name(at, file.path);
  check([&] { return ::symlinkat(target.c_str(), at.parent.get(), at.name.c_str()); }, "make symlink",
        object_ + file.path);
  set_attributes(at, file, true);
}

void DirectoryWriter::add_hard_link(const NewFile& file, const std::string& target) {
  const Place to = place(target);
  const Place at = place(file.path);
  clear_name(at, file.path);
  check([&] { return ::linkat(to.parent.get(), to.name.c_str(), at.parent.get(), at.name.c_str(), 0); },
        "make hard link", object_ + file.path);
}

void DirectoryWriter::add_device(const NewFile& file, unsigned type, unsigned major, unsigned minor) {
  const Place at = place(file.path);
  clear_name(at, file.path);
  check([&] { return ::mknodat(at.parent.get(), at.name.c_str(), type | 0600, makedev(major, minor)); }, "make device",
        object_ + file.path);
  set_attributes(at, file, false);
}

void DirectoryWriter::add_whiteout(const NewFile& file) {
  const Place at = place(file.path);
  clear_name(at, file.path);
  check([&] { return ::mknodat(at.parent.get(), at.name.c_str(), S_IFCHR, makedev(0, 0)); }, "make whiteout",
        object_ + file.path);
}

void DirectoryWriter::make_opaque(const std::string& directory) {
  const unique_fd fd = open_directory(directory, true);
  const char* name = privileged_ ? "trusted.overlay.opaque" : "user.overlay.opaque";
  check([&] { return ::setxattr(proc_path(fd.get()).c_str(), name, "y", 1, 0); }, "make opaque", object_ + directory);
}

void DirectoryWriter::finish() {
  for (auto file = directories_.rbegin(); file != directories_.rend(); ++file) {
    const int fd = open_in_root(root_.get(), file->path.c_str(), O_RDONLY | O_DIRECTORY);
    if (fd < 0) throw Error::from_errno("open directory", object_ + file->path, -fd);
    const unique_fd directory(fd);
    finish_file(fd, *file);
  }
  directories_.clear();
}

}  // namespace tandem::image
