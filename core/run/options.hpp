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
  enum class Action { run, check, print_config, generate, help, version, command } action = Action::run;
  std::string config_file;             // empty: not given
  std::string generate;                // which
  std::string command;                 // which
  std::vector<std::string> arguments;  // of the command, with options that only it can know
};

// Throws Error{user} for anything that is not in the table, and a first word that is none of `commands`. A command's
// first argument is the config file, unless --config names it; what looks like an option after a command's name and is
// not in the table is an argument of it.
Options parse_options(int argc, const char* const* argv, const std::vector<std::string>& commands = {});

}  // namespace tandem::run
