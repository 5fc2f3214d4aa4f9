#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "core/os/check.hpp"
#include "core/os/error.hpp"
#include "core/os/signals.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/running_pod.hpp"
#include "pods/cli/session.hpp"
#include "pods/cli/terminal.hpp"
#include "pods/linux/container.hpp"

namespace tandem::cli {

namespace {

constexpr int our_failure = 125;  // as kubectl and docker: the command itself was not run

struct ExecOptions {
  std::string pod, container;
  bool interactive = false, terminal = false;
  std::vector<std::string> command;
};

ExitStatus wait_for_end(int pidfd) {
  for (;;) {
    pollfd ended{pidfd, POLLIN, 0};
    check([&] { return ::poll(&ended, 1, -1); }, "poll");
    if (const auto status = reap(pidfd)) return *status;
  }
}

int execute(const Session& session, const ExecOptions& options) {
  const RunningPod pod = find_running_pod(session, options.pod);
  const plan::Container& container = choose_container(pod, options.container);
  const ProcessId process = running_process(pod, container);

  linux_::Execution execution;
  execution.argv = options.command;
  PseudoTerminal terminal;
  if (options.terminal) {
    terminal = open_pseudo_terminal();
    execution.terminal = true;
    execution.stdin_fd = execution.stdout_fd = execution.stderr_fd = terminal.slave.get();
    execution.extra_environment.push_back({"TERM", std::getenv("TERM") ? std::getenv("TERM") : "xterm", false});
  } else {
    execution.stdin_fd = options.interactive ? 0 : -1;
    execution.stdout_fd = 1;
    execution.stderr_fd = 2;
  }
  const linux_::Started started = linux_::execute_in_container(pod.plan, container, pod.paths, process, execution);
  terminal.slave.reset();
  if (options.terminal) return run_on_terminal(terminal, started.pidfd.get(), options.interactive).shell_code();
  return wait_for_end(started.pidfd.get()).shell_code();
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
                      {.names = "-t,--tty", .help = "Give the command a terminal", .target = &options->terminal},
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
            }
            throw Exit{code};
          }};
}

}  // namespace tandem::cli
