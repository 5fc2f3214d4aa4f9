// What a set of path patterns matches right now.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sidecars/log/glob.hpp"
#include "sidecars/log/reclaim.hpp"
#include "sidecars/log/record/framing.hpp"

namespace tandem::shipper {

struct IntakeSettings;

enum class Links { inside, any, never };  // that are followed; inside: those that stay in the pattern's fixed folder

struct Source {
  std::string name;
  std::vector<Glob> paths, exclude;
  bool container_logs = false;                       // paths tell pod and container
  std::shared_ptr<const Framing> framing = nullptr;  // absent: each line is a record
  ReclaimRules reclaim = {};                         // of its files that every sink has
  // Present: what it takes in goes to files of its spool, and `paths` are those.
  std::shared_ptr<const IntakeSettings> intake = nullptr;
  Links links = Links::inside;
  bool takes(const std::string& path) const;  // matched by paths and not by exclude
};

struct ListedFile {
  std::string path;
  std::string source;
  std::uint64_t device = 0, inode = 0, size = 0;
  std::string target;  // where path leads when it is a symbolic link; "" when it is none
  const std::string& location() const { return target.empty() ? path : target; }
};

// As the listing spells paths.
std::string directory_of(const std::string& path);
std::string join_path(const std::string& directory, const std::string& name);

struct Listing {
  std::vector<ListedFile> files;  // regular files, each inode once, in the order of sources and paths
  std::vector<std::string>
      directories;  // looked into, or would be if they existed, or that links lead to: to be watched
  std::vector<std::string> unreadable;  // directories that could not be listed: what is in them is unknown, not gone
  std::vector<std::string> refused;     // links that are not followed, and what was reached by them
  std::vector<std::string> cut;         // of the unreadable: those with too many names, of which some are listed
};

inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

// `most`: of names in one folder, and of files together.
Listing list_sources(const std::vector<Source>& sources, std::size_t most = any_number);

// Whether a directory that is known from before may be read in: no link leads to it (`shown` is how it was named), or
// one that is followed.
bool may_read_in(const std::vector<Source>& sources, const std::string& directory, const std::string& shown);

// The regular files of one directory, hidden ones too.
std::vector<ListedFile> list_regular_files(const std::string& directory, std::size_t most = any_number);

}  // namespace tandem::shipper
