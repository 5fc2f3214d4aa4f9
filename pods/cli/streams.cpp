#include "pods/cli/streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <optional>

#include "core/os/check.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::cli {

namespace {

using Buffer = std::array<char, 65536>;

Pipe pipe_of(const plan::Identity& owner) {
  Pipe pipe = make_pipe();
  for (const unique_fd* end : {&pipe.read_end, &pipe.write_end})
    check([&] { return ::fchown(end->get(), owner.uid, owner.gid); }, "chown", "a standard stream");
  return pipe;
}

// False: nobody reads it any more.
bool write_out(int to, std::string_view bytes) {
  try {
    write_all(to, bytes, "standard output");
    return true;
  } catch (const Error& error) {
    if (error.error_number() != EPIPE) throw;
    return false;
  }
}

// What the command wrote, to ours; closes `from` at its end.
void copy_output(unique_fd& from, int to) {
  Buffer buffer;
  const auto count =
      check([&] { return ::read(from.get(), buffer.data(), buffer.size()); }, "read", "the command's output");
  if (count == 0) return from.reset();
  if (!write_out(to, {buffer.data(), static_cast<std::size_t>(count)}))
    from.reset();  // the command is told the same way
}

// Our input, kept while the command does not take it: it may wait for its output to be read first.
class Input {
 public:
  explicit Input(unique_fd to) : to_(std::move(to)) {
    if (to_) check([&] { return ::fcntl(to_.get(), F_SETFL, O_NONBLOCK); }, "set up", "the command's input");
  }

  pollfd source() const { return {to_ && size_ == 0 ? 0 : -1, POLLIN, 0}; }
  pollfd target() const {
    return {to_.get(), static_cast<short>(size_ > 0 ? POLLOUT : 0), 0};
  }  // without it: a reader that left

  void read_some() {
    const auto count = attempt([&] { return ::read(0, buffer_.data(), buffer_.size()); });
    if (count == -EAGAIN) return;
    if (count <= 0) return to_.reset();
    at_ = 0;
    size_ = static_cast<std::size_t>(count);
  }

  void write_some() {
    const auto count = attempt([&] { return ::write(to_.get(), buffer_.data() + at_, size_); });
    if (count == -EAGAIN) return;
    if (count <= 0) return to_.reset();
    at_ += static_cast<std::size_t>(count);
    size_ -= static_cast<std::size_t>(count);
  }

 private:
  unique_fd to_;
  Buffer buffer_;
  std::size_t at_ = 0, size_ = 0;
};

// While it lives, a reader that went away is EPIPE and no signal.
class NoPipeSignal {
 public:
  NoPipeSignal() : before_(::signal(SIGPIPE, SIG_IGN)) {}
  ~NoPipeSignal() { ::signal(SIGPIPE, before_); }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sighandler_t before_;
};

}  // namespace

bool write_container_output(std::string_view bytes) {
  std::cout.flush();
  return write_out(1, bytes);
}

CommandStreams::CommandStreams(bool with_input, const plan::Identity& owner)
    : out(pipe_of(owner)), errors(pipe_of(owner)) {
  if (with_input) in = pipe_of(owner);
}

ExitStatus run_on_pipes(CommandStreams& streams, int pidfd) {
  streams.in.read_end.reset();
  streams.out.write_end.reset();
  streams.errors.write_end.reset();
  const NoPipeSignal no_signal;
  Input input(std::move(streams.in.write_end));
  unique_fd &out = streams.out.read_end, &errors = streams.errors.read_end;
  std::optional<ExitStatus> status;
  for (;;) {
    // After its end what it wrote is there already: nothing is waited for any more, whoever else holds the pipes.
    const pollfd none{-1, 0, 0};
    std::array<pollfd, 5> polled{pollfd{out.get(), POLLIN, 0}, pollfd{errors.get(), POLLIN, 0},
                                 status ? none : pollfd{pidfd, POLLIN, 0}, status ? none : input.source(),
                                 status ? none : input.target()};
    const int ready = check([&] { return ::poll(polled.data(), polled.size(), status ? 0 : -1); }, "poll");
    if (status && ready == 0) return *status;
    if (polled[0].revents) copy_output(out, 1);
    if (polled[1].revents) copy_output(errors, 2);
    if (polled[2].revents) status = reap(pidfd);
    if (polled[3].revents) input.read_some();
    if (polled[4].revents) input.write_some();
  }
}

}  // namespace tandem::cli
