#include "core/run/run_program.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "core/observe/log.hpp"
#include "core/observe/mask.hpp"
#include "core/os/error.hpp"
#include "core/os/signals.hpp"
#include "core/run/options.hpp"
#include "core/run/reference.hpp"
#include "core/run/running.hpp"
#include "core/run/variables.hpp"

namespace tandem::run {

namespace {

const char* environment(const std::string& name) { return std::getenv(name.c_str()); }

std::vector<std::string> variable_names() {
  std::vector<std::string> names;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

int print(const std::string& text) {
  bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : exit_code(Fault::environment);
}

int report(const Problems& problems) {
  std::fputs(problems.text().c_str(), stderr);
  return exit_code(Fault::input);
}

std::string generated(const Program& program, const std::string& what) {
  if (what == "man") return man_page(program);
  if (what == "completion-bash") return bash_completion(program);
  if (what == "completion-zsh") return zsh_completion(program);
  return reference_page(program);
}

// The signals are blocked first of all: one that comes during the start waits, and is not lost to a pid 1 without
// handlers.
int run_service(const Program& program, const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  auto signals = signal_fd({SIGTERM, SIGINT, SIGHUP});
  auto read = [&](Problems& problems) { return load_checked(program, options.config_file, environment, problems); };
  Problems problems;
  check_variables(program, variable_names(), environment, problems);
  auto config = read(problems);
  if (problems.has_errors()) return report(problems);
  Running running(program, std::move(config), std::move(signals), read);
  for (const auto& problem : problems.all()) observe::log_warning("config", {{"problem", to_string(problem)}});
  int code = running.run();
  // A coroutine that did not end when it was cancelled still refers to the service: no destructor may run.
  if (!running.all_ended()) ::_exit(code);
  return code;
}

const Command& find_command(const Program& program, const std::string& name) {
  return *std::find_if(program.commands.begin(), program.commands.end(),
                       [&](const Command& command) { return command.name == name; });
}

int dispatch(const Program& program, const Options& options) {
  using Action = Options::Action;
  if (options.action == Action::help) return print(help_text(program));
  if (options.action == Action::version) return print(program.name + " " + program.version + "\n");
  if (options.action == Action::generate) return print(generated(program, options.generate));
  if (options.action == Action::run) return run_service(program, options);
  Problems problems;
  check_variables(program, variable_names(), environment, problems);
  auto config = load_checked(program, options.config_file, environment, problems);
  const int code = report(problems);
  if (problems.has_errors()) return code;
  if (options.action == Action::command) return find_command(program, options.command).run(config, options.arguments);
  if (options.action == Action::check) return print((config.file.empty() ? "config" : config.file) + ": no problems\n");
  return print(print_config(config, program.config));
}

}  // namespace

int run_program(const Program& program, int argc, char** argv) {
  try {
    std::vector<std::string> commands;
    for (const auto& command : program.commands) commands.push_back(command.name);
    return dispatch(program, parse_options(argc, argv, commands));
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program.name.c_str(), observe::mask_credentials(error.what()).c_str());
    return exit_code(error.fault());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.name.c_str(), observe::mask_credentials(error.what()).c_str());
    return exit_code(Fault::bug);
  }
}

}  // namespace tandem::run
