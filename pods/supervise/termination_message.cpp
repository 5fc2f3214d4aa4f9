#include "pods/supervise/termination_message.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/state/cri_log.hpp"

namespace tandem::supervise {

namespace {

// kubelet's MaxContainerTerminationMessage*.
constexpr std::size_t longest_message = 4096, longest_from_log = 2048, most_lines = 80;

// Enough for that much output although each byte were a part of a line with its own time and stream before it.
constexpr std::size_t log_bytes = 128 * 1024;

struct End {
  std::string text;
  bool cut = false;  // something stands before it
};

// A container may have written as much as it liked, and put what it liked in the file's place.
End read_end(const fs::path& path, std::size_t most) {
  const unique_fd file(attempt([&] { return ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); }));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  End end{std::string(most, '\0'), status.st_size > static_cast<off_t>(most)};
  const auto from = std::max<off_t>(0, status.st_size - static_cast<off_t>(most));
  const auto size = attempt([&] { return ::pread(file.get(), end.text.data(), end.text.size(), from); });
  end.text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return end;
}

}  // namespace

std::string message_of_file(const fs::path& file) { return read_end(file, longest_message).text; }

std::string message_of_log(const fs::path& log) {
  const End end = read_end(log, log_bytes);
  // The first line has lost its beginning.
  return last_output(std::string_view(end.text).substr(end.cut ? std::min(end.text.find('\n'), end.text.size()) : 0));
}

std::string last_output(std::string_view log) {
  std::string out;
  state::LogPrinter({}).feed(log.substr(state::tail_offset(log, most_lines)), out);
  std::size_t begin = out.size() - std::min(out.size(), longest_from_log);
  const auto inside_character = [&](std::size_t at) { return (static_cast<unsigned char>(out[at]) & 0xc0) == 0x80; };
  while (begin > 0 && begin < out.size() && inside_character(begin)) ++begin;
  return out.substr(begin);
}

}  // namespace tandem::supervise
