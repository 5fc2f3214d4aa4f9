// Writes stamped lines at a steady rate, as programs do that log.
//
//   log_write COUNT RATE SECONDS LINES_PER_WRITE PATH...   RATE lines a second in all, in turn to each of the files
//   PATH
//                                                          or, with COUNT > 1, to PATH0000 PATH0001 ... (COUNT of them)
// SIGHUP: opens its files again, as after a rotation by rename. Behind schedule it catches up. At the end: "LINES".
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

#include <csignal>
#include <vector>

#include "tests/bench/log_net.hpp"

namespace {

volatile std::sig_atomic_t reopen = 0;

std::vector<int> open_all(const std::string& path, int count) {
  std::vector<int> files;
  for (int i = 0; i < count; ++i) {
    char number[16] = "";
    if (count > 1) std::snprintf(number, sizeof number, "%04d.log", i);
    files.push_back(::open((path + number).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
    if (files.back() < 0) std::exit(1);
  }
  return files;
}

void sleep_until(std::int64_t when_ns) {
  const timespec when{when_ns / 1'000'000'000, when_ns % 1'000'000'000};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 6)
    return std::fprintf(stderr, "usage: log_write COUNT RATE SECONDS LINES_PER_WRITE PATH\n"), 64;
  const int count = std::atoi(arguments[1]);
  const double rate = std::atof(arguments[2]), duration = std::atof(arguments[3]);
  const auto together = static_cast<std::size_t>(std::atoi(arguments[4]));
  struct sigaction action {};
  action.sa_handler = [](int) { reopen = 1; };
  ::sigaction(SIGHUP, &action, nullptr);
  rlimit most{};
  ::getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &most);
  auto files = open_all(arguments[5], count);
  std::vector<char> block(together * bench::line_bytes);
  const auto pause_ns = static_cast<std::int64_t>(1e9 * static_cast<double>(together) / rate);
  const auto writes = static_cast<std::uint64_t>(duration * rate / static_cast<double>(together));
  const std::int64_t begin = bench::now_ns();
  std::uint64_t sequence = 0;
  for (std::uint64_t i = 0; i < writes; ++i) {
    if (reopen) {
      reopen = 0;
      for (const int file : files) ::close(file);
      files = open_all(arguments[5], count);
    }
    // Writes to many files: those of a millisecond go together, or the writer would do nothing but wake up.
    const std::int64_t due = begin + static_cast<std::int64_t>(i) * pause_ns;
    if (due > bench::now_ns() + (count > 1 ? 1'000'000 : 0)) sleep_until(due);
    const std::int64_t time = bench::now_ns();
    for (std::size_t line = 0; line < together; ++line)
      bench::put_line(block.data() + line * bench::line_bytes, sequence++, time);
    bench::write_whole(files[i % files.size()], block.data(), block.size());
  }
  std::printf("%llu\n", static_cast<unsigned long long>(sequence));
  return 0;
}
