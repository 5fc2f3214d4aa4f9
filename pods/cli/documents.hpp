// Man page, reference and completions, made from the command tree itself.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace tandem::cli {

std::string man_page(const CLI::App& app);           // troff, man(7)
std::string command_reference(const CLI::App& app);  // Markdown
std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);

}  // namespace tandem::cli
