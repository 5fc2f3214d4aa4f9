// The command line of a helper, from one table.
#pragma once

#include <string>
#include <vector>

namespace tandem::run {

struct OptionInfo {
  std::string name;      // "--config"
  std::string argument;  // "FILE"; empty: takes none
  std::string help;
  std::vector<std::string> choices = {};
};
const std::vector<OptionInfo>& option_table();

struct Options {
  enum class Action { run, check, print_config, generate, help, version } action = Action::run;
  std::string config_file;  // empty: not given
  std::string generate;     // which
};

// Throws Error{user} for anything that is not in the table.
Options parse_options(int argc, const char* const* argv);

}  // namespace tandem::run
