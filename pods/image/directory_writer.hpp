// Makes files, directories and the rest below one directory and nowhere else, whatever their names and the symlinks
// already there say.
#pragma once

#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::image {

namespace fs = std::filesystem;

struct NewFile {
  std::string path;  // "/usr/bin/x"; ".." was refused before
  unsigned mode = 0644;
  unsigned uid = 0, gid = 0;
  std::time_t modified = 0;
  std::string capability;  // security.capability, may be empty
};

class DirectoryWriter {
 public:
  explicit DirectoryWriter(const fs::path& directory);

  void add_directory(const NewFile& file);     // a directory that is there, or a symlink to one, stays
  unique_fd create_file(const NewFile& file);  // the caller writes its bytes, then calls finish_file
  void finish_file(int fd, const NewFile& file);
  void add_symlink(const NewFile& file, const std::string& target);
  void add_hard_link(const NewFile& file, const std::string& target);                   // target: a path like file.path
  void add_device(const NewFile& file, unsigned type, unsigned major, unsigned minor);  // S_IFCHR, S_IFBLK, S_IFIFO
  void add_whiteout(const NewFile& file);
  void make_opaque(const std::string& directory);
  void finish();  // directories get their modes and times last, so that filling them is possible

 private:
  struct Place {
    unique_fd parent;
    std::string name;
  };
  Place place(const std::string& path);
  unique_fd open_directory(const std::string& path, bool create);
  void clear_name(const Place& place, const std::string& path);
  void set_attributes(const Place& place, const NewFile& file, bool symlink);

  std::string object_;
  unique_fd root_;
  bool privileged_;
  std::vector<NewFile> directories_;
};

}  // namespace tandem::image
