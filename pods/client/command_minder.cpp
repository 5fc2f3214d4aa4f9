#include "pods/client/command_minder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "pods/linux/session.hpp"

namespace tandem::client {

namespace {

void watch_client(int from, const std::string& cgroup) {
  const std::string text = read_to_end(from);
  if (text.empty()) return;  // it died before there was a command
  ProcessId command;
  std::istringstream(text) >> command.pid >> command.start_time;
  linux_::end_session(linux_::find_cgroup_mounts(), cgroup, command);
}

}  // namespace

CommandMinder::CommandMinder(const std::string& cgroup) {
  Pipe pipe = make_pipe();
  minder_ = clone_process(0);
  if (minder_.pid == 0) {
    ::setsid();
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);  // what is meant for the client's group or terminal is not meant for us
    pipe.write_end.reset();
    close_all_but({pipe.read_end.get()});  // whoever reads the client's output to its end waits for no one here
    try {
      watch_client(pipe.read_end.get(), cgroup);
    } catch (const Error&) {  // nobody is there to be told
    }
    ::_exit(0);
  }
  to_ = std::move(pipe.write_end);
}

CommandMinder::~CommandMinder() {
  send_signal(minder_.pidfd.get(), SIGKILL);
  attempt([&] { return ::waitpid(minder_.pid, nullptr, 0); });
}

void CommandMinder::mind(const ProcessId& command) {
  write_all(to_.get(), std::to_string(command.pid) + " " + std::to_string(command.start_time) + "\n",
            "to the command's minder");
}

}  // namespace tandem::client
