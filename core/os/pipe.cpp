#include "core/os/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "core/os/check.hpp"

namespace tandem {

Pipe make_pipe() {
  std::array<int, 2> ends{};
  check([&] { return ::pipe2(ends.data(), O_CLOEXEC); }, "make pipe");
  return {unique_fd(ends[0]), unique_fd(ends[1])};
}

std::string read_to_end(int fd, std::size_t limit_bytes) {
  std::string bytes;
  std::array<char, 16384> buffer;
  while (bytes.size() < limit_bytes) {
    const auto count = check([&] { return ::read(fd, buffer.data(), buffer.size()); }, "read", "pipe");
    if (count == 0) break;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

}  // namespace tandem
