// tandem generate man | completion bash|zsh: from the same command tree that parses.
#include <iostream>

#include "pods/cli/app.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/documents.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

namespace {

// `page` is made from a tree of its own, whose defaults no parsing has changed.
Command page_command(std::string name, std::string help, std::string (*page)(const Command&)) {
  return {.name = std::move(name), .help = std::move(help), .run = [page] {
            Session session;
            std::cout << page(command_tree(session));
          }};
}

}  // namespace

Command generate_command() {
  return {.name = "generate",
          .help = "Print the man page, a shell completion or the command reference",
          .commands = {page_command("man", "The man page, for section 1", man_page),
                       page_command("reference", "Every command and option, as Markdown", command_reference),
                       page_command("completion-bash", "Completion for bash", bash_completion),
                       page_command("completion-zsh", "Completion for zsh", zsh_completion)}};
}

}  // namespace tandem::cli
