// Roots in a directory of their own, removed at the end of the scope.
#pragma once

#include <stdlib.h>

#include <stdexcept>

#include "core/os/files.hpp"
#include "pods/state/layout.hpp"

namespace tandem::test {

class TemporaryRoots {
 public:
  explicit TemporaryRoots(const std::string& tag = "00ab12") {
    std::string name = (fs::temp_directory_path() / "tandem-network-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    roots.run = folder_ / "run";
    roots.lib = folder_ / "lib";
    roots.tag = tag;
  }
  ~TemporaryRoots() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  TemporaryRoots(const TemporaryRoots&) = delete;
  TemporaryRoots& operator=(const TemporaryRoots&) = delete;
  fs::path file(const std::string& name) const { return folder_ / name; }

  state::Roots roots;

 private:
  fs::path folder_;
};

}  // namespace tandem::test
