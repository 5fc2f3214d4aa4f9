#include "pods/image/tree.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include "core/os/error.hpp"
#include "pods/image/root_path.hpp"

namespace tandem::image {

namespace {

constexpr int most_symlinks = 40;

std::string capability_of(const fs::path& file) {
  char value[64];
  const ssize_t size = ::lgetxattr(file.c_str(), "security.capability", value, sizeof value);
  return size > 0 ? std::string(value, size) : "";
}

}  // namespace

std::string Tree::place(const std::string& path) const {
  std::string rest = normal_path(path), reached;
  for (int symlinks = 0;;) {
    const std::size_t slash = rest.find('/', 1);
    if (slash == rest.npos) return rest == "/" ? (reached.empty() ? "/" : reached) : reached + rest;
    const std::string next = reached + rest.substr(0, slash);
    const auto entry = entries_.find(next);
    rest = rest.substr(slash);
    if (entry == entries_.end() || entry->second.kind != TreeEntry::Kind::symlink) {
      reached = next;
      continue;
    }
    if (++symlinks > most_symlinks) throw Error(Fault::input, "add to image", path, "too many symlinks");
    const std::string& target = entry->second.target;
    rest = normal_path(target.starts_with('/') ? target + rest : reached + "/" + target + rest);
    reached.clear();
  }
}

const TreeEntry* Tree::find(const std::string& path) const {
  const auto entry = entries_.find(place(path));
  return entry == entries_.end() ? nullptr : &entry->second;
}

void Tree::remove(const std::string& path) {
  const std::string name = place(path);
  entries_.erase(name);
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.starts_with(name + "/"); });
}

TreeEntry& Tree::put(const std::string& path, TreeEntry entry) {
  const std::string name = place(path);
  if (const std::string parent = parent_of(name); name != "/") {
    const auto above = entries_.find(parent);
    if (above == entries_.end())
      add_directory(parent);
    else if (above->second.kind != TreeEntry::Kind::directory)
      throw Error(Fault::input, "add to image", path, parent + " is not a directory");
  }
  const auto old = entries_.find(name);
  if (old != entries_.end() && old->second.kind == TreeEntry::Kind::directory &&
      entry.kind != TreeEntry::Kind::directory)
    throw Error(Fault::input, "add to image", path, "it is a directory already");
  return entries_[name] = std::move(entry);
}

void Tree::add_directory(const std::string& path, unsigned mode, std::uint32_t uid, std::uint32_t gid) {
  const std::string name = place(path);
  if (const auto old = entries_.find(name); old != entries_.end() && old->second.kind == TreeEntry::Kind::symlink) {
    add_directory(parent_of(place(name + "/x")), mode, uid, gid);  // where the symlink leads
    return;
  }
  put(name, {TreeEntry::Kind::directory, mode, uid, gid, {}, {}, {}, {}});
}

void Tree::add_file(const std::string& path, const fs::path& source, unsigned mode) {
  put(path, {TreeEntry::Kind::file, mode, 0, 0, source, {}, {}, capability_of(source)});
}

void Tree::add_content(const std::string& path, std::string content, unsigned mode) {
  put(path, {TreeEntry::Kind::file, mode, 0, 0, {}, std::move(content), {}, {}});
}

void Tree::add_symlink(const std::string& path, const std::string& target) {
  const TreeEntry* old = find(path);
  if (old && old->kind == TreeEntry::Kind::symlink && old->target == target) return;
  put(path, {TreeEntry::Kind::symlink, 0777, 0, 0, {}, {}, target, {}});
}

void Tree::add_from(const fs::path& root, const std::string& path, bool follow) {
  const std::string name = normal_path(path);
  if (!follow) {
    struct stat status {};
    if (::lstat(host_path(root, name).c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
      add_symlink(name, fs::read_symlink(host_path(root, name)).string());
      return;
    }
  }
  const auto resolved = resolve_in_root(root, name);
  if (!resolved)
    throw Error(Fault::input, "add to image", name, "it is not in " + root.string() + ", or it is a dangling symlink");
  for (const auto& [link, target] : resolved->symlinks) add_symlink(link, target);
  const fs::path on_host = host_path(root, resolved->path);
  struct stat status {};
  if (::lstat(on_host.c_str(), &status) != 0) throw Error::from_errno("stat", on_host.string(), errno);
  if (S_ISDIR(status.st_mode) && !find(resolved->path)) add_directory(resolved->path, status.st_mode & 07777);
  if (S_ISREG(status.st_mode)) add_file(resolved->path, on_host, status.st_mode & 07777);
}

void Tree::add_tree_from(const fs::path& root, const std::string& path) {
  const auto resolved = resolve_in_root(root, path);
  if (!resolved) throw Error(Fault::input, "add to image", path, "it is not in " + root.string());
  add_from(root, path);
  const fs::path start = host_path(root, resolved->path);
  const std::string prefix = resolved->path == "/" ? "" : resolved->path;
  for (const auto& entry : fs::recursive_directory_iterator(start))
    add_from(root, prefix + "/" + entry.path().lexically_relative(start).string(), false);
}

}  // namespace tandem::image
