// Where an object was written: its file and its tree, so that a problem found later can name file:line:column.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.hpp"
#include "core/config/problem.hpp"

namespace tandem::manifest {

class Source {
 public:
  Source() = default;
  Source(std::string file, std::shared_ptr<const Node> node) : file_(std::move(file)), node_(std::move(node)) {}

  const std::string& file() const { return file_; }
  const Node& node() const;  // the object's own mapping
  const std::shared_ptr<const Node>& shared() const { return node_; }

  const Node* at(std::string_view path) const;  // nullptr: not written

  // The place of `path` ("spec.containers[0].image", "data[\"my.conf\"]"), or of its closest parent that was written.
  Mark mark(std::string_view path) const;

  // The errors in `own`, all of this object: what stands there could not be used, and reads as absent.
  void refuse(const Problems& own);
  bool refused_at(std::string_view path) const;  // exactly there
  bool refused(std::string_view path) const;     // there or below it; "": anywhere

  void error(Problems& problems, std::string path, std::string message, std::string hint = "") const;
  void warning(Problems& problems, std::string path, std::string message, std::string hint = "") const;

 private:
  std::string file_;
  std::shared_ptr<const Node> node_;
  std::vector<std::string> refused_;  // paths
};

// One key below a path: "a.b", or "a[\"x.y\"]" when the key itself has a dot or a bracket in it.
std::string below(std::string_view path, std::string_view key);
std::string item(std::string_view path, std::size_t index);  // "a[3]"

}  // namespace tandem::manifest
