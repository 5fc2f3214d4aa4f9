// What a program says about itself, from its tables: options, config keys, metrics.
#pragma once

#include <string>

#include "core/run/service.hpp"

namespace tandem::run {

std::string help_text(const Program& program);
std::string reference_page(const Program& program);  // Markdown
std::string man_page(const Program& program);        // man(7), section 1
std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);

}  // namespace tandem::run
