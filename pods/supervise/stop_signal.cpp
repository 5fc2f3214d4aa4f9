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

bool ignores_as_first_process(const std::string& proc_status, int signal) {
  const auto field = [&](const std::string& name) {
    const std::size_t at = proc_status.find("\n" + name + ":\t");
    if (at == std::string::npos) return std::string();
    const std::size_t begin = at + name.size() + 3;
    return proc_status.substr(begin, proc_status.find('\n', begin) - begin);
  };
  const auto has_signal = [&](const std::string& name) {
    return (std::strtoull(field(name).c_str(), nullptr, 16) >> (signal - 1) & 1) != 0;
  };
  const std::string pids = field("NSpid");  // from the outermost namespace to its own
  const bool first = pids.substr(pids.rfind('\t') + 1) == "1";
  return first && !has_signal("SigCgt") && !has_signal("SigBlk");
}

}  // namespace tandem::supervise
