#include "pods/cli/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/signals.hpp"

namespace tandem::cli {

namespace {

class RawMode {
 public:
  RawMode() {
    if (::tcgetattr(0, &before_) != 0) return;
    termios raw = before_;
    ::cfmakeraw(&raw);
    set_ = ::tcsetattr(0, TCSADRAIN, &raw) == 0;
  }
  ~RawMode() { restore(); }
  void restore() {
    if (set_) ::tcsetattr(0, TCSADRAIN, &before_);
    set_ = false;
  }
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  termios before_{};
  bool set_ = false;
};

// False: nothing more will come (the end, or EIO when the last slave was closed).
bool copy_some(int from, int to) {
  std::array<char, 16384> buffer;
  const auto count = attempt([&] { return ::read(from, buffer.data(), buffer.size()); });
  if (count == -EAGAIN) return true;
  if (count <= 0) return false;
  write_all(to, {buffer.data(), static_cast<std::size_t>(count)}, "terminal");
  return true;
}

}  // namespace

void copy_terminal_size(int to) {
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) == 0 || ::ioctl(0, TIOCGWINSZ, &size) == 0) ::ioctl(to, TIOCSWINSZ, &size);
}

ExitStatus run_on_terminal(int master, int pidfd, bool with_input) {
  copy_terminal_size(master);
  RawMode raw;
  const unique_fd signals = signal_fd({SIGWINCH, SIGHUP, SIGINT, SIGQUIT, SIGTERM});
  std::optional<ExitStatus> status;
  bool input_open = with_input, output_open = true;
  while (!status || output_open) {
    // Descriptors of -1 are ignored by poll(2).
    std::array<pollfd, 4> polled{pollfd{master, POLLIN, 0}, pollfd{input_open ? 0 : -1, POLLIN, 0},
                                 pollfd{signals.get(), POLLIN, 0}, pollfd{status ? -1 : pidfd, POLLIN, 0}};
    // After its end what it wrote is there already: nothing is waited for any more, whoever else holds the terminal.
    const int ready = check([&] { return ::poll(polled.data(), polled.size(), status ? 0 : -1); }, "poll");
    if (polled[0].revents) output_open = copy_some(master, 1);
    if (polled[1].revents) input_open = copy_some(0, master);
    if (polled[2].revents) {
      signalfd_siginfo info;
      if (::read(signals.get(), &info, sizeof info) <= 0) continue;
      if (info.ssi_signo == SIGWINCH) {
        copy_terminal_size(master);
      } else {
        raw.restore();
        die_of(static_cast<int>(info.ssi_signo));
      }
    }
    if (polled[3].revents) status = reap(pidfd);
    if (status && ready == 0) break;
  }
  return *status;
}

}  // namespace tandem::cli
