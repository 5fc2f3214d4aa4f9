#include "core/os/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "core/os/check.hpp"

namespace tandem {

unique_fd signal_fd(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : signals) ::sigaddset(&set, signal);
  check([&] { return ::sigprocmask(SIG_BLOCK, &set, nullptr); }, "block signals");
  return unique_fd(check([&] { return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK); }, "make signalfd"));
}

void die_of(int signal) {
  reset_signals();
  ::raise(signal);
  ::_exit(128 + signal);  // its default action is to go on
}

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal)
    ::signal(signal, SIG_DFL);  // SIGKILL and SIGSTOP refuse: as they should
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace tandem
