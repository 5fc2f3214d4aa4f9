// The files that -f names, read and decoded.
#pragma once

#include <string>
#include <vector>

#include "core/config/problem.hpp"
#include "pods/manifest/manifest.hpp"

namespace tandem::client {

// `files`: files, directories (their *.yaml, *.yml, *.json), "-" for stdin. What is wrong, a file that cannot be read
// too, goes to `problems`, so that what planning finds can be told in the same round.
manifest::Objects decode_files(const std::vector<std::string>& files, const manifest::Options& options,
                               Problems& problems);

}  // namespace tandem::client
