#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

#include "core/observe/metrics.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"

namespace tandem::observe {

namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  long size = 0, resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// proc(5): the start is in clock ticks since boot; the boot time comes from the difference of two clocks.
double start_seconds() {
  auto ticks = start_time_of(::getpid());
  if (!ticks) return 0;
  timespec real{}, boot{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  auto seconds = [](const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  return seconds(real) - seconds(boot) + static_cast<double>(*ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

void add_process_metrics(Metrics& metrics, const std::string& program, const std::string& version) {
  metrics.declare({
      {"process_cpu_seconds_total", MetricType::counter, "User and system CPU time spent in seconds."},
      {"process_resident_memory_bytes", MetricType::gauge, "Resident memory size in bytes."},
      {"process_open_fds", MetricType::gauge, "Number of open file descriptors."},
      {"process_start_time_seconds", MetricType::gauge, "Start time of the process since the epoch in seconds."},
      {"tandem_build_info", MetricType::gauge, "Always 1; which program and version this is.", {"program", "version"}},
  });
  metrics.gauge("tandem_build_info", {program, version}).set(1);
  metrics.gauge("process_start_time_seconds").set(start_seconds());
  metrics.on_collect([&metrics] {
    metrics.counter("process_cpu_seconds_total").set(cpu_seconds());
    metrics.gauge("process_resident_memory_bytes").set(resident_bytes());
    metrics.gauge("process_open_fds").set(static_cast<double>(list_directory("/proc/self/fd").size()) - 1);
  });
}

}  // namespace tandem::observe
