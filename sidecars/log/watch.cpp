#include "sidecars/log/watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/os/check.hpp"
#include "sidecars/log/listing.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint32_t names_change = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |
                                       IN_MOVE_SELF | IN_ATTRIB | IN_UNMOUNT | IN_IGNORED;

constexpr std::size_t most_new = 10'000;  // names remembered

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Watch::Watch() {
  const int made = attempt([] { return ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); });
  if (made >= 0) {
    fd_ = unique_fd(made);
  } else {
    problem_ = Error::from_errno("make", "an inotify instance", -made, "raise fs.inotify.max_user_instances").what();
  }
}

std::string Watch::set(const std::vector<std::string>& directories) {
  if (!fd_) return problem_;
  std::string problem;
  std::set<std::string> wanted;
  for (auto directory : directories) {
    for (;;) {
      const auto known = by_path_.find(directory);
      const int descriptor = attempt([&] {
        return ::inotify_add_watch(
            fd_.get(), directory.c_str(),
            IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
      });
      if (descriptor >= 0) {
        if (known != by_path_.end() && known->second != descriptor) by_descriptor_.erase(known->second);
        by_path_[directory] = descriptor;
        by_descriptor_[descriptor] = directory;
        wanted.insert(directory);
        break;
      }
      if ((descriptor != -ENOENT && descriptor != -ENOTDIR) || directory == "/" || directory == ".") {
        problem = Error::from_errno("watch", directory, -descriptor,
                                    descriptor == -ENOSPC ? "raise fs.inotify.max_user_watches" : "")
                      .what();
        break;
      }
      directory = parent_of(directory);
    }
  }
  for (auto at = by_path_.begin(); at != by_path_.end();) {
    if (wanted.contains(at->first)) {
      ++at;
      continue;
    }
    const auto owner = by_descriptor_.find(at->second);
    if (owner != by_descriptor_.end() && owner->second == at->first) {
      ::inotify_rm_watch(fd_.get(), at->second);
      by_descriptor_.erase(owner);
    }
    at = by_path_.erase(at);
  }
  return problem;
}

void Watch::note_new(std::uint32_t mask, const std::string& path, Changes& changes,
                     const std::function<bool(const std::string&)>& is_wanted) {
  if ((mask & IN_CREATE) && !(mask & IN_ISDIR) && new_.size() < most_new && is_wanted(path)) new_[path] = false;
  const auto at = new_.find(path);
  if (at == new_.end()) return;
  if (mask & IN_MODIFY) at->second = true;
  if (!(mask & (IN_DELETE | IN_MOVED_FROM))) return;
  if ((mask & IN_DELETE) && at->second) changes.gone.push_back(path);
  new_.erase(at);
}

void Watch::forget_new(const std::function<bool(const std::string&)>& is_known) {
  std::erase_if(new_, [&](const auto& file) { return is_known(file.first); });
}

Changes Watch::read(const std::function<bool(const std::string&)>& is_wanted) {
  Changes changes;
  alignas(inotify_event) char buffer[64 * 1024];
  for (;;) {
    const auto count = attempt([&] { return ::read(fd_.get(), buffer, sizeof buffer); });
    if (count <= 0) break;
    for (const char* at = buffer; at < buffer + count;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      const char* name = at + sizeof event;
      at += sizeof event + event.len;
      if (event.mask & IN_Q_OVERFLOW) changes.everything = changes.rescan = true;
      if (event.mask & names_change) changes.rescan = true;
      const auto directory = by_descriptor_.find(event.wd);
      if (directory == by_descriptor_.end()) continue;
      if (event.mask & IN_IGNORED) {
        by_path_.erase(directory->second);
        by_descriptor_.erase(directory);
        continue;
      }
      if (event.len == 0) continue;
      const std::string path = join_path(directory->second, name);
      note_new(event.mask, path, changes, is_wanted);
      if (event.mask & IN_MODIFY) changes.written.push_back(path);
    }
    if (static_cast<std::size_t>(count) < sizeof buffer / 2) break;
  }
  return changes;
}

}  // namespace tandem::shipper
