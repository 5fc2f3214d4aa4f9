// Where the dynamic loader would find a library inside a root (ld.so(8), without LD_LIBRARY_PATH and ld.so.cache: the
// cache is made of the directories that ld.so.conf names, and those are read instead).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pods/image/elf.hpp"
#include "pods/image/root_path.hpp"

namespace tandem::image {

// A program or library as the loader has it: what the search paths of the libraries it needs hang on.
struct LoadedObject {
  std::string path;       // inside the root, as opened
  std::string directory;  // what $ORIGIN stands for
  Elf elf;
  const LoadedObject* loader = nullptr;  // who needed it; its rpath counts too
};

class LibrarySearch {
 public:
  explicit LibrarySearch(fs::path root);

  // The path inside the root, as found (symlinks not followed). A library of another machine or word size is passed
  // over.
  std::optional<std::string> find(const std::string& name, const LoadedObject& needed_by) const;

  // All directories tried, for messages.
  std::vector<std::string> directories(const LoadedObject& needed_by) const;

  // Whether the loader looks there without rpath and without a cache.
  static bool is_default_directory(const std::string& directory, std::uint16_t machine);
  static std::vector<std::string> default_directories(std::uint16_t machine);

 private:
  void read_configuration(const std::string& path, int depth);
  void include(const std::string& pattern, int depth);

  fs::path root_;
  std::vector<std::string> configured_;
};

// An ELF file inside a root; nullopt when it is no ELF file. Throws Error when it cannot be read or is damaged.
std::optional<Elf> read_elf(const fs::path& root, const std::string& path);

}  // namespace tandem::image
