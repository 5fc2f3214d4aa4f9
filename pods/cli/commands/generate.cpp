// tandem generate man | completion bash|zsh: from the same command tree that parses.
#include <CLI/CLI.hpp>
#include <iostream>

#include "pods/cli/app.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/documents.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

void add_generate(CLI::App& app, Session&) {
  CLI::App* generate =
      app.add_subcommand("generate", "Print the man page, a shell completion or the command reference");
  generate->require_subcommand(1);
  generate->add_subcommand("man", "The man page, for section 1")->callback([&app] { std::cout << man_page(app); });
  generate->add_subcommand("reference", "Every command and option, as Markdown")->callback([&app] {
    std::cout << command_reference(app);
  });
  generate->add_subcommand("completion-bash", "Completion for bash")->callback([&app] {
    std::cout << bash_completion(app);
  });
  generate->add_subcommand("completion-zsh", "Completion for zsh")->callback([&app] {
    std::cout << zsh_completion(app);
  });
}

}  // namespace tandem::cli
