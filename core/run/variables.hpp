// The environment's part in a config: which variables mean nothing, and which problems are theirs.
#pragma once

#include <string>
#include <vector>

#include "core/run/load.hpp"

namespace tandem::run {

// Warns of each of `names` that begins as the program's variables do and is none of them, with the nearest one that is.
// What Kubernetes sets for Services that are named like the program is no mistake.
void check_variables(const Program& program, const std::vector<std::string>& names, const Lookup& lookup,
                     Problems& problems);

// A problem of a value that came from a variable names the variable instead of the file.
void name_variables(const Program& program, const Lookup& lookup, Problems& problems);

}  // namespace tandem::run
