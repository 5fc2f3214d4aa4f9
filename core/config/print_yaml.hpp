// Nodes as YAML text that every YAML parser reads back as the same values.
#pragma once

#include <string>

#include "core/config/node.hpp"

namespace tandem {

// Block style; strings are quoted where a plain one would read as something else; texts of several lines are block
// scalars. Ends with a newline.
std::string print_yaml(const Node& node);

}  // namespace tandem
