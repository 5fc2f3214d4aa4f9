// roots.json: the Roots a pod was launched with.
#pragma once

#include <string>
#include <string_view>

#include "pods/state/layout.hpp"

namespace tandem::state {

std::string to_json(const Roots& roots);
Roots parse_roots(std::string_view json);

// Where the file is damaged or missing: the Roots around the directory.
Roots read_roots(const fs::path& pod_run_directory);

}  // namespace tandem::state
