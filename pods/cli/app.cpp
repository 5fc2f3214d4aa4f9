#include "pods/cli/app.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>

#include "core/config/problem.hpp"
#include "core/observe/visible_output.hpp"
#include "core/os/not_found.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

Command command_tree(Session& session) {
  return {.name = "tandem",
          .help = "Runs Kubernetes pods on this machine, without a daemon.",
          .footer =
              "Environment: TANDEM_ROOT=DIR keeps everything (state, images, cgroups, bridge) apart, below DIR. "
              "TANDEM_PIDS_LIMIT=N|max is how many processes a container may have (2048), "
              "unless its pod's annotation tandem/pids-limit or tandem/pids-limit.CONTAINER says another.\n"
              "Exit status: 0 done; 1 what was named is not there, or the pod of up has failed; 64 usage; 65 manifest "
              "or config; 69 the environment lacks something; 70 a bug. exec: the command's own, 126 and 127 as a "
              "shell's, 125 when nothing was run.",
          .options = {{.names = "-n,--namespace",
                       .help = "Namespace of the objects (default: \"default\")",
                       .target = &session.name_space},
                      {.names = "-A,--all-namespaces",
                       .help = "Objects of all namespaces",
                       .target = &session.all_namespaces}},
          .commands = {apply_command(session), up_command(session), plan_command(session), get_command(session),
                       describe_command(session), logs_command(session), exec_command(session), wait_command(session),
                       delete_command(session), image_command(session), generate_command(), version_command()}};
}

namespace {

// The word that should be a command: the first that is neither an option nor the value of -n. Throws when it is none.
void check_command(const Command& tree, int argc, char** argv) {
  std::string word;
  for (int i = 1; i < argc && word.empty(); ++i) {
    const std::string_view argument = argv[i];
    if (argument == "-n" || argument == "--namespace")
      ++i;
    else if (!argument.starts_with('-'))
      word = argument;
  }
  std::vector<std::string> known;
  for (const Command& command : tree.commands) known.push_back(command.name);
  if (word.empty() || std::find(known.begin(), known.end(), word) != known.end()) return;
  const std::string near = closest(word, known);
  throw Error(Fault::user, "run", word, "there is no such command",
              near.empty() ? "see: tandem --help" : "did you mean \"" + near + "\"?");
}

// Closed, their numbers would be those of our own files.
void fill_standard_descriptors() {
  for (int fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == 1 ? O_RDONLY : O_RDWR);  // a write to 1 still fails
}

// A reader that has gone wants no more, and is told nothing.
int with_output(int code) {
  std::cout.flush();
  pollfd reader{STDOUT_FILENO, POLLOUT, 0};
  if (std::cout || (::poll(&reader, 1, 0) == 1 && reader.revents & POLLERR)) return code;
  std::cerr << "error: write standard output: not all of it could be written\n";
  return code != 0 ? code : exit_code(Fault::environment);
}

}  // namespace

int run(int argc, char** argv) {
  fill_standard_descriptors();
  // A reader that went away (head, less) is an error of one write, not our death without undoing.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);  // ignored by who started us, it would hide how our children end
  std::ios::sync_with_stdio(false);
  const observe::VisibleOutput out(std::cout), errors(std::cerr);
  try {
    Session session;
    const Command tree = command_tree(session);
    if (argc == 2 && std::string_view(argv[1]) == "--version") return version_command().run(), 0;
    check_command(tree, argc, argv);
    return with_output(command_line::run(tree, argc, argv));
  } catch (const Exit& exit) {
    return with_output(exit.code);
  } catch (const NotFound& error) {
    std::cout.flush();
    std::cerr << "error: " << error.what() << '\n';
    return not_found_code;
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
