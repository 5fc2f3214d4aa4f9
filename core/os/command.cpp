#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include "core/os/check.hpp"
#include "core/os/pipe.hpp"
#include "core/os/process.hpp"

extern char** environ;

namespace tandem {

namespace {

// One of the child's streams, as the parent sees it.
struct Stream {
  unique_fd fd;
  std::string* bytes = nullptr;
};

void take(Stream& stream, std::size_t limit_bytes) {
  std::array<char, 65536> buffer;
  const auto count = attempt([&] { return ::read(stream.fd.get(), buffer.data(), buffer.size()); });
  if (count <= 0) {
    stream.fd.reset();
  } else if (stream.bytes->size() < limit_bytes) {
    stream.bytes->append(buffer.data(), static_cast<std::size_t>(count));
  }
}

// A command that does not read its input must not kill us with SIGPIPE, whatever this program does with that signal.
void give(unique_fd& fd, std::string_view& input) {
  sigset_t pipe_signal, before;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const auto count = attempt([&] { return ::write(fd.get(), input.data(), input.size()); });
  const timespec at_once{};
  if (count == -EPIPE) ::sigtimedwait(&pipe_signal, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (count > 0) input.remove_prefix(static_cast<std::size_t>(count));
  if (count < 0 || input.empty()) fd.reset();
}

pid_t spawn(const std::vector<std::string>& argv, const Pipe& in, const Pipe& out, const Pipe& err) {
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.write_end.get(), 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigemptyset(&all);
  for (int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&all, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int failure = ::posix_spawnp(&pid, argv.front().c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) throw Error::from_errno("run", argv.front(), failure);
  return pid;
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& argv, const std::string& input,
                          std::chrono::milliseconds timeout, std::size_t limit_bytes) {
  Pipe in = make_pipe(), out = make_pipe(), err = make_pipe();
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const pid_t pid = spawn(argv, in, out, err);
  const unique_fd pidfd = open_pidfd(pid);
  in.read_end.reset();
  out.write_end.reset();
  err.write_end.reset();

  CommandResult result;
  Stream output{std::move(out.read_end), &result.output}, errors{std::move(err.read_end), &result.errors};
  std::string_view rest = input;
  ::fcntl(in.write_end.get(), F_SETFL, O_NONBLOCK);
  if (rest.empty()) in.write_end.reset();
  while (output.fd || errors.fd || in.write_end) {
    // Descriptors of -1 are ignored by poll(2).
    std::array<pollfd, 3> polled{pollfd{output.fd.get(), POLLIN, 0}, pollfd{errors.fd.get(), POLLIN, 0},
                                 pollfd{in.write_end.get(), POLLOUT, 0}};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const int ready = left.count() <= 0 ? 0 : attempt([&] {
      return ::poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    });
    if (ready <= 0) {
      send_signal(pidfd.get(), SIGKILL);
      attempt([&] { return ::waitpid(pid, nullptr, 0); });
      throw Error(Fault::environment, "run", argv.front(),
                  "not finished after " + std::to_string(timeout.count()) + " ms");
    }
    if (polled[0].revents) take(output, limit_bytes);
    if (polled[1].revents) take(errors, limit_bytes);
    if (polled[2].revents) give(in.write_end, rest);
  }
  // Its streams are closed, so it is about to end; the deadline still holds.
  pollfd ended{pidfd.get(), POLLIN, 0};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (attempt([&] { return ::poll(&ended, 1, static_cast<int>(std::max<long>(left.count(), 0))); }) <= 0) {
    send_signal(pidfd.get(), SIGKILL);
    attempt([&] { return ::poll(&ended, 1, -1); });
  }
  result.status = reap(pidfd.get()).value_or(ExitStatus{255, 0, false});
  return result;
}

}  // namespace tandem
