// What a minimal image is made of: a request -> the tree of files and the image's config.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pods/image/debian.hpp"
#include "pods/image/tree.hpp"

namespace tandem::image {

struct ExtraFile {
  fs::path source;
  std::string path;
  std::optional<unsigned> mode;  // absent: 0755 for what may be executed, else 0644
};
struct ExtraDirectory {
  std::string path;
  unsigned mode = 0755;
};
struct ExtraLink {
  std::string path, target;
};

struct PackRequest {
  std::vector<std::string>
      programs;   // --bin: on the host; with a root or packages, inside those. A bare name is looked up in bin
  fs::path root;  // --root; empty: none
  std::vector<std::string> packages;  // --debian
  bool whole = false;                 // with packages: all files of all packages, not only what is needed
  std::vector<ExtraFile> files;
  std::vector<ExtraDirectory> directories;  // owned by the image's user
  std::vector<ExtraLink> links;
  std::vector<std::string> libraries;
  std::vector<std::string> without;  // paths left out of what root and packages bring, with all below them
  std::vector<std::string> entrypoint, command, environment;
  std::string working_directory, user, stop_signal;
  std::map<std::string, std::string> labels;
};

// Parsers of what users type. Each throws Error{user}.
ExtraFile parse_extra_file(const std::string& text);            // SRC:DST[:MODE]
ExtraDirectory parse_extra_directory(const std::string& text);  // PATH[:MODE]
ExtraLink parse_extra_link(const std::string& text);            // PATH:TARGET

struct PackedFiles {
  Tree tree;
  std::vector<std::string> programs;  // where they lie in the image
  std::string user;                   // numeric "uid:gid" where it could be said, for Kubernetes' runAsNonRoot
};

// `root` is where the files come from: "/" of the host, the request's root, or the unpacked packages, whose paths are
// `package_paths`. Throws Error{input} for anything that is missing.
PackedFiles plan_files(const PackRequest& request, const fs::path& root,
                       const std::map<std::string, std::vector<std::string>>& package_paths);

}  // namespace tandem::image
