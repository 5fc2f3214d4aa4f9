#include <iostream>

#include "pods/cli/commands.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

Command version_command() {
  return {.name = "version", .help = "Print the version", .run = [] { std::cout << "tandem " TANDEM_VERSION "\n"; }};
}

}  // namespace tandem::cli
