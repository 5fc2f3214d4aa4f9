// Man page, reference and completions, made from the command tree itself.
#pragma once

#include <string>

#include "core/config/command_line.hpp"

namespace tandem::cli {

std::string man_page(const command_line::Command& tree);           // troff, man(7)
std::string command_reference(const command_line::Command& tree);  // Markdown
std::string bash_completion(const command_line::Command& tree);
std::string zsh_completion(const command_line::Command& tree);

}  // namespace tandem::cli
