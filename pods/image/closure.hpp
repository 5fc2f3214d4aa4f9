// Programs with every library they need, found by reading ELF inside a root; nothing is executed.
#pragma once

#include <list>
#include <map>
#include <set>
#include <string>

#include "pods/image/library_search.hpp"
#include "pods/image/tree.hpp"

namespace tandem::image {

class Closure {
 public:
  // Libraries are looked for inside `root` and put into `tree` at the same paths. A library that the loader would only
  // find by ld.so.cache, or relative to where the program lay, gets a symlink in a default directory as well: images
  // have no cache.
  Closure(fs::path root, Tree& tree);

  // Whether a script without its interpreter is an error: a package may hold scripts that nobody will run.
  enum class Scripts { required, if_possible };

  // The libraries (and the interpreter) of a file inside the root; the file itself is the caller's to add. A script's
  // interpreter is added with its libraries. Other files need nothing. Throws Error{input} naming the library that is
  // missing, who needs it, and where it was looked for.
  void add_needs_of(const std::string& path, Scripts scripts);

  // A library by soname or absolute path, with what it needs: one that a program opens by itself.
  void add_library(const std::string& name);

 private:
  void add_elf(const std::string& path, Elf elf, const LoadedObject* loader);
  void add_found(const std::string& name, const std::string& path, const LoadedObject& needed_by);

  fs::path root_;
  Tree& tree_;
  LibrarySearch search_;
  std::list<LoadedObject> loaded_;  // a list: the objects point at each other
  std::set<std::string> seen_;      // resolved paths
};

}  // namespace tandem::image
