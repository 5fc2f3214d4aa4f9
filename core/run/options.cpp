#include "core/run/options.hpp"

#include <algorithm>

#include "core/config/problem.hpp"
#include "core/os/error.hpp"
#include "core/text/words.hpp"

namespace tandem::run {

namespace {

const OptionInfo& find_option(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& option : option_table()) {
    if (option.name == name || (name == "-h" && option.name == "--help")) return option;
    known.push_back(option.name);
  }
  auto near = closest(name, known);
  throw Error(Fault::user, "read the command line", name, "there is no such option",
              near.empty() ? "see --help" : "did you mean " + near + "?");
}

bool is_option(const std::string& name) {
  const auto& table = option_table();
  return name == "-h" ||
         std::any_of(table.begin(), table.end(), [&](const auto& option) { return option.name == name; });
}

void apply(Options& options, const OptionInfo& option, const std::string& value) {
  if (!option.choices.empty() &&
      std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
    throw Error(Fault::user, "read the command line", option.name + " " + value,
                "it is not one of " + joined(option.choices, ", "));
  }
  using Action = Options::Action;
  if (option.name == "--config") options.config_file = value;
  if (option.name == "--check") options.action = Action::check;
  if (option.name == "--print-config") options.action = Action::print_config;
  if (option.name == "--generate") options.action = Action::generate, options.generate = value;
  if (option.name == "--help") options.action = Action::help;
  if (option.name == "--version") options.action = Action::version;
}

void take_command(Options& options, const std::string& name, const std::vector<std::string>& commands) {
  if (std::find(commands.begin(), commands.end(), name) == commands.end()) {
    auto near = closest(name, commands);
    throw Error(Fault::user, "read the command line", name, "there is no such command",
                near.empty() ? "see --help" : "did you mean " + near + "?");
  }
  options.action = Options::Action::command;
  options.command = name;
}

}  // namespace

const std::vector<OptionInfo>& option_table() {
  static const std::vector<OptionInfo> table = {
      {"--config", "FILE", "Read the config (YAML or JSON) from FILE."},
      {"--check", "", "Print every problem of the config and end: 0 when there is none, 65 otherwise."},
      {"--print-config", "", "Print the config in force, defaults and environment included, secrets masked."},
      {"--generate",
       "WHAT",
       "Print a page about this program.",
       {"man", "completion-bash", "completion-zsh", "reference"}},
      {"--help", "", "Print this help."},
      {"--version", "", "Print the version."},
  };
  return table;
}

Options parse_options(int argc, const char* const* argv, const std::vector<std::string>& commands) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (!word.starts_with('-') && !commands.empty()) {
      if (options.command.empty()) {
        take_command(options, word, commands);
      } else {
        options.arguments.push_back(word);
      }
      continue;
    }
    auto equals = word.find('=');
    auto name = word.substr(0, equals);
    if (!options.command.empty() && !is_option(name)) {  // the command knows it, or says that it does not
      options.arguments.push_back(word);
      continue;
    }
    const auto& option = find_option(name);
    std::string value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    if (option.argument.empty() && equals != std::string::npos)
      throw Error(Fault::user, "read the command line", name, "it takes no value");
    if (!option.argument.empty() && equals == std::string::npos) {
      if (++i >= argc) throw Error(Fault::user, "read the command line", name, "it needs a value: " + option.argument);
      value = argv[i];
    }
    apply(options, option, value);
  }
  if (options.action == Options::Action::command && options.config_file.empty() && !options.arguments.empty()) {
    options.config_file = options.arguments.front();
    options.arguments.erase(options.arguments.begin());
  }
  return options;
}

}  // namespace tandem::run
