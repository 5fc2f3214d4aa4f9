#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/notes.hpp"
#include "pods/cli/session.hpp"
#include "pods/cli/streams.hpp"
#include "pods/cli/terminal.hpp"
#include "pods/client/command_minder.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/container.hpp"
#include "pods/linux/container_terminal.hpp"
#include "pods/linux/own_program.hpp"

namespace tandem::cli {

namespace {

// As docker and podman: 125 the command was not run and it is not its fault, 126 it cannot be executed, 127 it is not
// there.
constexpr int our_failure = 125, not_executable = 126, not_there = 127;

struct ExecOptions {
  std::string pod, container;
  bool interactive = false, terminal = false, detach = false;
  std::vector<std::string> command;
};

int code_of(const Error& error) {
  if (error.tried() != "exec") return our_failure;
  switch (error.error_number()) {
    case ENOENT:
      return not_there;
    case EACCES:
    case ENOEXEC:
    case EISDIR:
      return not_executable;
    default:
      return our_failure;
  }
}

// A terminal for input that is none would never see its end: kubectl's answer, in its words.
bool wants_terminal(const ExecOptions& options) {
  if (!options.terminal || !options.interactive || ::isatty(STDIN_FILENO)) return options.terminal;
  std::cerr << "Unable to use a TTY - input is not a terminal or the right kind of file" << std::endl;
  return false;
}

int execute(const Session& session, const ExecOptions& options) {
  if (options.detach && (options.interactive || options.terminal))
    throw Error(Fault::user, "exec", options.pod, "--detach with -i or -t: nobody would be there to type or to read");
  client::revive_pods(session.roots, notes());
  ::setenv("TANDEM_LIBEXEC", session.roots.libexec.c_str(), 1);  // found beside this program; its next path has no name
  linux_::run_read_only();
  const client::RunningPod pod = client::find_running_pod(session.roots, session.name_space_or_default(), options.pod);
  const plan::Container& container = client::choose_container(pod, options.container, notes());
  const ProcessId process = client::running_process(pod, container);

  linux_::Execution execution;
  execution.argv = options.command;
  if (options.detach) {
    linux_::execute_in_container(pod.plan, container, pod.paths, process, execution);
    return 0;
  }
  client::CommandMinder minder(
      linux_::container_cgroup(pod.plan, container.name));  // first: it shall hold nothing of what follows
  const auto start = [&] {
    return linux_::execute_in_container(pod.plan, container, pod.paths, process, execution,
                                        [&](const ProcessId& command) { minder.mind(command); });
  };
  if (wants_terminal(options)) {
    auto [master, slave] = linux_::open_terminal_in_container(process, container.identity);
    copy_terminal_size(master.get());  // a program looks at it as soon as it begins
    execution.terminal = true;
    execution.stdin_fd = execution.stdout_fd = execution.stderr_fd = slave.get();
    execution.extra_environment.push_back({"TERM", std::getenv("TERM") ? std::getenv("TERM") : "xterm", false});
    const linux_::Started started = start();
    slave.reset();
    return run_on_terminal(master.get(), started.pidfd.get(), options.interactive).shell_code();
  }
  CommandStreams streams(options.interactive, container.identity);
  execution.stdin_fd = streams.in.read_end.get();
  execution.stdout_fd = streams.out.write_end.get();
  execution.stderr_fd = streams.errors.write_end.get();
  return run_on_pipes(streams, start().pidfd.get()).shell_code();
}

}  // namespace

Command exec_command(const Session& session) {
  auto options = std::make_shared<ExecOptions>();
  return {.name = "exec",
          .help = "Run a command in a container: exec POD [-c CONTAINER] [-it] -- COMMAND...",
          .options = {{.names = "pod", .help = "The pod's name", .target = &options->pod, .required = true},
                      {.names = "-c,--container",
                       .help = "Container (default: the first main one)",
                       .target = &options->container},
                      {.names = "-i,--stdin", .help = "Pass stdin to the command", .target = &options->interactive},
                      {.names = "-t,--tty",
                       .help = "Give the command a terminal; with -i only when stdin is one",
                       .target = &options->terminal},
                      {.names = "--detach",
                       .help = "Return as soon as the command runs, and leave it running: its output goes nowhere. "
                               "Without it the command and its session end when this program is killed",
                       .target = &options->detach},
                      {.names = "command",
                       .help = "The command and its arguments, after --",
                       .target = &options->command,
                       .required = true}},
          .run = [&session, options] {
            int code = our_failure;
            try {
              code = execute(session, *options);
            } catch (const Error& error) {
              std::cerr << "error: " << error.what() << '\n';
              code = code_of(error);
            }
            throw Exit{code};
          }};
}

}  // namespace tandem::cli
