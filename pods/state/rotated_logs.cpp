#include "pods/state/rotated_logs.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::state {

std::vector<RotatedLog> rotated_logs(const fs::path& log) {
  const std::string base = log.filename().string() + ".";
  std::vector<RotatedLog> rotated;
  try {
    for (const std::string& name : list_directory(log.parent_path())) {
      if (name.compare(0, base.size(), base) != 0) continue;
      const char* const end = name.data() + name.size();
      RotatedLog one{log.parent_path() / name};
      const auto [stop, error] = std::from_chars(name.data() + name.rfind('-') + 1, end, one.number);
      if (error == std::errc() && stop == end) rotated.push_back(std::move(one));
    }
  } catch (const Error&) {
  }
  std::sort(rotated.begin(), rotated.end(),
            [](const RotatedLog& a, const RotatedLog& b) { return a.number < b.number; });
  return rotated;
}

std::uint64_t next_number(const std::vector<RotatedLog>& rotated) {
  return rotated.empty() ? 1 : rotated.back().number + 1;
}

fs::path rotated_path(const fs::path& log, std::time_t when, std::uint64_t number) {
  std::tm fields{};
  ::gmtime_r(&when, &fields);
  char stamp[32], ordinal[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &fields);
  std::snprintf(ordinal, sizeof ordinal, "-%06llu", static_cast<unsigned long long>(number));
  return log.parent_path() / (log.filename().string() + "." + stamp + ordinal);
}

OpenLines lines_open_at_end(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size == 0) return {};
  std::string end(128 * 1024, '\0');
  const off_t from = std::max<off_t>(0, status.st_size - static_cast<off_t>(end.size()));
  const auto count = attempt([&] { return ::pread(fd, end.data(), end.size(), from); });
  end.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return open_lines(end);
}

}  // namespace tandem::state
