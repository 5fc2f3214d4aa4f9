#include "pods/cli/last_words.hpp"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace tandem::cli {

namespace {

std::string words_at_end;

void say_and_end(int signal) {
  static_cast<void>(!::write(STDERR_FILENO, words_at_end.data(), words_at_end.size()));
  ::raise(signal);  // its action is the default one again (SA_RESETHAND)
}

void when_ended_by_signal(void (*action)(int)) {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before {
    }, now{};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    now.sa_handler = action;
    now.sa_flags = SA_RESETHAND;
    ::sigaction(signal, &now, nullptr);
  }
}

}  // namespace

LastWords::LastWords() { when_ended_by_signal(say_and_end); }

LastWords::~LastWords() {
  when_ended_by_signal(SIG_DFL);
  words_at_end.clear();
}

void LastWords::change(std::string text) {
  sigset_t ending, before;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGINT);
  ::sigaddset(&ending, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ending, &before);
  words_at_end = std::move(text);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace tandem::cli
