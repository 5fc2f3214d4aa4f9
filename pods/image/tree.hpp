// The files an image will have, decided before anything is written: names -> what lies there, owned by root unless said
// otherwise. Pure but for looking at the files it is given; their contents are read when the layer is written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace tandem::image {

namespace fs = std::filesystem;

struct TreeEntry {
  enum class Kind { directory, file, symlink };
  Kind kind = Kind::file;
  unsigned mode = 0644;
  std::uint32_t uid = 0, gid = 0;
  fs::path source;         // of a file: where its bytes are; empty: `content` has them
  std::string content;     // of a file
  std::string target;      // of a symlink
  std::string capability;  // of a file: its security.capability attribute, see capabilities(7)
};

class Tree {
 public:
  // Names are absolute paths inside the image; parents are made (0755, root) and symlinks that the tree has on the way
  // are followed. What is there already is replaced, but a directory stays a directory: putting anything else in its
  // place throws Error{input}, and a symlink to a directory counts as one.
  void add_directory(const std::string& path, unsigned mode = 0755, std::uint32_t uid = 0, std::uint32_t gid = 0);
  void add_file(const std::string& path, const fs::path& source, unsigned mode);
  void add_content(const std::string& path, std::string content, unsigned mode = 0644);
  void add_symlink(const std::string& path, const std::string& target);

  // ROOT/path as it lies there: a file, a symlink with all it leads to, a directory (alone). With `follow` false the
  // target of a last symlink is not added. Devices, sockets and pipes are left out. Throws Error{input} when nothing is
  // there.
  void add_from(const fs::path& root, const std::string& path, bool follow = true);
  // A directory and everything below it.
  void add_tree_from(const fs::path& root, const std::string& path);

  // Takes a path out, and all below it; absent is fine.
  void remove(const std::string& path);

  bool has(const std::string& path) const { return entries_.contains(place(path)); }
  const TreeEntry* find(const std::string& path) const;  // nullptr: absent; the last symlink is not followed
  // Sorted by path, so that parents come before what they hold.
  const std::map<std::string, TreeEntry>& entries() const { return entries_; }

 private:
  std::string place(const std::string& path) const;  // the path with the symlinks before its last component resolved
  TreeEntry& put(const std::string& path, TreeEntry entry);

  std::map<std::string, TreeEntry> entries_;
};

}  // namespace tandem::image
