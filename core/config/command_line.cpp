// The one file that knows CLI11: it costs seconds wherever it is included.
#include "core/config/command_line.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <type_traits>

#include "core/os/error.hpp"

namespace tandem::command_line {

namespace {

constexpr const char* help_names = "-h,--help";
constexpr const char* help_text = "Print this help message and exit";

CLI::Option* add_option(CLI::App& app, const Option& option) {
  CLI::Option* added = std::visit(
      [&](auto* target) {
        if constexpr (std::is_same_v<decltype(target), bool*>)
          return app.add_flag(option.names, *target, option.help);
        else
          return app.add_option(option.names, *target, option.help);
      },
      option.target);
  if (option.value_name) added->type_name(*option.value_name);
  if (option.required) added->required();
  if (option.one_at_a_time) added->allow_extra_args(false);
  if (option.non_negative) added->check(CLI::NonNegativeNumber);
  if (option.range) added->check(CLI::Range(option.range->least, option.range->most));
  if (!option.choices.empty()) added->check(CLI::IsMember(option.choices));
  if (option.show_default) added->capture_default_str();
  return added;
}

// `chosen` becomes the command to run.
void fill(CLI::App& app, const Command& command, const Command*& chosen) {
  if (!command.footer.empty()) app.footer(command.footer);  // those below inherit it
  for (const Option& option : command.options) add_option(app, option);
  if (!command.commands.empty()) app.require_subcommand(1);
  for (const Command& below : command.commands) fill(*app.add_subcommand(below.name, below.help), below, chosen);
  if (command.rest) {
    app.prefix_command();
    app.fallthrough(false);
    app.set_help_flag();
  }
  app.callback([&app, &command, &chosen] {
    if (command.rest) *command.rest = app.remaining();
    if (command.run) chosen = &command;
  });
}

// What CLI11 makes of one option.
template <class Ask>
std::string ask(const Option& option, Ask ask_option) {
  if (std::holds_alternative<bool*>(option.target)) return "";  // a flag
  CLI::App app;
  return ask_option(*add_option(app, option));
}

}  // namespace

int run(const Command& root, int argc, const char* const* argv) { return run(root, argc, argv, std::cout, std::cerr); }

int run(const Command& root, int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  CLI::App app(root.help, root.name);
  app.set_help_flag(help_names, help_text);
  app.fallthrough();  // those below inherit it
  const Command* chosen = nullptr;
  fill(app, root, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? 0 : exit_code(Fault::user);
  }
  // Not in CLI11's callback: what a command throws must not be taken for a fault of the command line.
  if (chosen) chosen->run();
  return 0;
}

std::vector<Option> all_options(const Command& command) {
  std::vector<Option> options;
  if (!command.rest) options.push_back({.names = help_names, .help = help_text});
  options.insert(options.end(), command.options.begin(), command.options.end());
  return options;
}

bool is_positional(const Option& option) { return !option.names.starts_with('-'); }

std::string value_text(const Option& option) {
  return ask(option, [](const CLI::Option& added) { return added.get_type_name(); });
}

std::string default_text(const Option& option) {
  return ask(option, [](const CLI::Option& added) { return added.get_default_str(); });
}

}  // namespace tandem::command_line
