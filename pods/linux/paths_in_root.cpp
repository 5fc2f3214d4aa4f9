#include "pods/linux/paths_in_root.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <deque>
#include <sstream>
#include <vector>

#include "core/os/check.hpp"
#include "core/text/words.hpp"

namespace tandem::linux_ {
namespace {

int open_resolved(int root, const std::string& path, std::uint64_t resolve) {
  struct open_how how {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
  const char* name = path.empty() ? "." : path.c_str();
  // EAGAIN: something was renamed during a ".." step; the kernel asks for another try (openat2(2)).
  for (int tries = 0;; ++tries) {
    const int fd = attempt([&] { return static_cast<int>(::syscall(SYS_openat2, root, name, &how, sizeof how)); });
    if (fd != -EAGAIN || tries == 100) return fd;
  }
}

std::deque<std::string> parts_of(const std::string& path) {
  std::deque<std::string> parts;
  std::istringstream stream(path);
  for (std::string part; std::getline(stream, part, '/');) {
    if (!part.empty() && part != ".") parts.push_back(part);
  }
  return parts;
}

// `path` without links and "..", walked by hand, because openat2 cannot say where a link to nothing would lead.
// Only a proposal: what is opened or made of it goes through open_resolved with RESOLVE_NO_SYMLINKS.
std::vector<std::string> without_links(int root, const std::string& path) {
  std::vector<std::string> walked;
  std::deque<std::string> ahead = parts_of(path);
  for (int followed = 0; !ahead.empty();) {
    const std::string part = ahead.front();
    ahead.pop_front();
    if (part == "..") {
      if (!walked.empty()) walked.pop_back();
      continue;
    }
    const unique_fd parent(open_resolved(root, joined(walked, "/"), RESOLVE_IN_ROOT));
    char target[PATH_MAX];
    const ssize_t length = parent ? ::readlinkat(parent.get(), part.c_str(), target, sizeof target) : -1;
    if (length < 0) {
      walked.push_back(part);
      continue;
    }
    if (++followed > 40) throw Error::from_errno("resolve", path, ELOOP);
    const std::string text(target, static_cast<std::size_t>(length));
    if (text.starts_with('/')) walked.clear();
    const std::deque<std::string> leads_to = parts_of(text);
    ahead.insert(ahead.begin(), leads_to.begin(), leads_to.end());
  }
  return walked;
}

// With its mode at once: changed afterwards by its name, it would be what a container has put in its place meanwhile.
void make_directory(int parent, const std::string& name, mode_t mode, const std::string& path) {
  const mode_t before = ::umask(0);
  const int result = attempt([&] { return ::mkdirat(parent, name.c_str(), mode); });
  ::umask(before);
  if (result < 0 && result != -EEXIST) throw Error::from_errno("create directory for", path, -result);
}

}  // namespace

bool is_directory(int fd) {
  struct stat status;
  return ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

unique_fd open_in_root(int root, const std::string& path, Missing missing) {
  const int there = open_resolved(root, path, RESOLVE_IN_ROOT);
  if (there >= 0) return unique_fd(there);
  if (there != -ENOENT || missing == Missing::is_an_error) throw Error::from_errno("open", path, -there);

  constexpr std::uint64_t strict = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const std::vector<std::string> parts = without_links(root, path);
  std::vector<std::string> walked;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const unique_fd parent(open_resolved(root, joined(walked, "/"), strict));
    if (!parent) throw Error::from_errno("open", path, ENOENT);
    const bool last = i + 1 == parts.size();
    if (last && missing == Missing::create_file) {
      const unique_fd file(attempt(
          [&] { return ::openat(parent.get(), parts[i].c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644); }));
      if (!file && errno != EEXIST) throw Error::from_errno("create file for", path, errno);
    } else {
      make_directory(parent.get(), parts[i], 0755, path);
    }
    walked.push_back(parts[i]);
  }
  const int made = open_resolved(root, joined(walked, "/"), strict);
  if (made < 0) throw Error::from_errno("open", path, -made);
  return unique_fd(made);
}

unique_fd open_mount_point(int root, const std::string& path) {
  constexpr std::uint64_t strict = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  std::vector<std::string> parent;
  for (const std::string& part : parts_of(path)) parent.push_back(part);
  const std::string name = joined(parent, "/"), last = parent.back();
  parent.pop_back();
  int found = open_resolved(root, name, strict);
  if (found == -ENOENT) {
    const unique_fd directory(open_resolved(root, joined(parent, "/"), strict));
    if (!directory) throw Error::from_errno("open", path, ENOENT);
    make_directory(directory.get(), last, 0755, path);
    found = open_resolved(root, name, strict);
  }
  if (found == -ELOOP)
    throw Error(Fault::input, "mount at", path, "the image has a symbolic link there", "it must be a directory");
  if (found < 0) throw Error::from_errno("open", path, -found);
  return unique_fd(found);
}

unique_fd open_beneath(int directory, const std::string& path) {
  const char* hint = "a subPath must stay in its volume";
  struct stat status;
  check([&] { return ::fstat(directory, &status); }, "look at the volume of", path);
  std::vector<std::string> walked;
  unique_fd here(open_resolved(directory, ".", RESOLVE_BENEATH));
  for (const std::string& part : parts_of(path)) {
    walked.push_back(part);
    int next = open_resolved(directory, joined(walked, "/"), RESOLVE_BENEATH);
    if (next == -ENOENT) {
      make_directory(here.get(), part, status.st_mode & 07777, path);
      next = open_resolved(directory, joined(walked, "/"), RESOLVE_BENEATH);
    }
    if (next == -EXDEV) throw Error(Fault::input, "open sub path", path, "it leads outside of the volume", hint);
    if (next < 0) throw Error::from_errno("open sub path", path, -next, hint);
    here.reset(next);
  }
  return here;
}

}  // namespace tandem::linux_
