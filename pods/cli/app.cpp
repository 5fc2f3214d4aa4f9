#include "pods/cli/app.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>

#include "core/config/problem.hpp"
#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

std::unique_ptr<CLI::App> make_app(Session& session) {
  auto app = std::make_unique<CLI::App>("Runs Kubernetes pods on this machine, without a daemon.", "tandem");
  app->require_subcommand(1);
  app->fallthrough();
  app->add_option("-n,--namespace", session.name_space, "Namespace of the objects (default: \"default\")");
  app->add_flag("-A,--all-namespaces", session.all_namespaces, "Objects of all namespaces");
  app->footer("Environment: TANDEM_ROOT=DIR keeps everything (state, images, cgroups, bridge) apart, below DIR.");
  add_apply(*app, session);
  add_up(*app, session);
  add_plan(*app, session);
  add_get(*app, session);
  add_describe(*app, session);
  add_logs(*app, session);
  add_exec(*app, session);
  add_wait(*app, session);
  add_delete(*app, session);
  add_image(*app, session);
  add_generate(*app, session);
  add_version(*app, session);
  return app;
}

namespace {

// The word that should be a command: the first that is neither an option nor the value of -n. Throws when it is none.
void check_command(const CLI::App& app, int argc, char** argv) {
  std::string word;
  for (int i = 1; i < argc && word.empty(); ++i) {
    const std::string_view argument = argv[i];
    if (argument == "-n" || argument == "--namespace")
      ++i;
    else if (!argument.starts_with('-'))
      word = argument;
  }
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  if (word.empty() || std::find(known.begin(), known.end(), word) != known.end()) return;
  const std::string near = closest(word, known);
  throw Error(Fault::user, "run", word, "there is no such command",
              near.empty() ? "see: tandem --help" : "did you mean \"" + near + "\"?");
}

}  // namespace

int run(int argc, char** argv) {
  // A reader that went away (head, less) is an error of one write, not our death without undoing.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  try {
    Session session;
    const auto app = make_app(session);
    check_command(*app, argc, argv);
    try {
      app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const int code = app->exit(error);
      return code == 0 ? 0 : exit_code(Fault::user);
    }
    std::cout.flush();
    return 0;
  } catch (const Exit& exit) {
    std::cout.flush();
    return exit.code;
  } catch (const Error& error) {
    std::cout.flush();
    std::cerr << "error: " << error.what() << '\n';
    return exit_code(error.fault());
  } catch (const std::exception& error) {
    std::cout.flush();
    std::cerr << "error: " << error.what() << " (this is a bug in tandem)\n";
    return exit_code(Fault::bug);
  }
}

}  // namespace tandem::cli
