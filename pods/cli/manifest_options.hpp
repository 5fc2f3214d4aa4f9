// The -f option: reading manifests, and stopping with every problem when they cannot be used.
#pragma once

#include <string>
#include <vector>

#include "core/config/command_line.hpp"
#include "core/config/problem.hpp"
#include "pods/cli/session.hpp"
#include "pods/manifest/manifest.hpp"

namespace tandem::cli {

struct ManifestOptions {
  std::vector<std::string> files;  // files, directories (their *.yaml, *.yml, *.json), "-" for stdin
  std::string validate = "strict";
};

command_line::Option filename_option(ManifestOptions& options, bool required = true);
command_line::Option validate_option(ManifestOptions& options);

// What is wrong, a file that cannot be read too, goes to `problems`, so that what planning finds can be told in the
// same round.
manifest::Objects decode_manifests(const ManifestOptions& options, const Session& session, Problems& problems);

// Prints warnings to stderr; on errors prints all problems and throws Exit{65}.
manifest::Objects decode_or_exit(const ManifestOptions& options, const Session& session);

// Prints what is in `problems` to stderr; throws Exit{65} when an error is among them.
void report(const Problems& problems);

}  // namespace tandem::cli
