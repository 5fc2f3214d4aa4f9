#include "pods/supervise/stop_signal.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace tandem::supervise {

int signal_number(const std::string& given) {
  std::string name = given.compare(0, 3, "SIG") == 0 ? given.substr(3) : given;
  char* end = nullptr;
  const long number = std::strtol(name.c_str(), &end, 10);
  if (!name.empty() && *end == '\0') return number > 0 && number < NSIG ? static_cast<int>(number) : SIGTERM;
  if (name.compare(0, 5, "RTMIN") == 0) {
    const long offset = std::strtol(name.c_str() + 5, nullptr, 10);
    const int signal = SIGRTMIN + static_cast<int>(offset);
    return signal >= SIGRTMIN && signal <= SIGRTMAX ? signal : SIGTERM;
  }
  for (int signal = 1; signal < 32; ++signal) {
    const char* abbreviation = ::sigabbrev_np(signal);
    if (abbreviation && name == abbreviation) return signal;
  }
  return SIGTERM;
}

}  // namespace tandem::supervise
