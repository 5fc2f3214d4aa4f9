#include <CLI/CLI.hpp>
#include <iostream>

#include "pods/cli/commands.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

void add_version(CLI::App& app, Session&) {
  app.add_subcommand("version", "Print the version")->callback([] { std::cout << "tandem " TANDEM_VERSION "\n"; });
}

}  // namespace tandem::cli
