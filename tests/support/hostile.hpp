// Clients that keep no rules: plain sockets, and what a program's memory was at its most.
#pragma once

#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::test {

// Connections to 127.0.0.1; throws Error when the kernel takes none.
unique_fd connect_to_port(int port);
std::vector<unique_fd> connect_many(int port, int many);

// Sends `head`, and then `piece` until the other side has closed or `most` bytes are sent; the number of bytes.
std::size_t flood(int connection, const std::string& head, const std::string& piece, std::size_t most);

// What it answers to "GET path" on a connection of its own, head and all; "": nothing within `seconds`, or closed.
std::string plain_get(int port, const std::string& path, int seconds);

// While it lives, programs that are started keep no freed memory for AddressSanitizer to watch: else peak_kib() tells
// of that. Nothing in other builds.
class NoQuarantine {
 public:
  NoQuarantine();
  ~NoQuarantine();
  NoQuarantine(const NoQuarantine&) = delete;
  NoQuarantine& operator=(const NoQuarantine&) = delete;

 private:
  std::string before_;
};

// How much of a bound a program takes that AddressSanitizer watches: it stores beside each block what it knows of it.
#ifdef __SANITIZE_ADDRESS__
inline constexpr long memory_scale = 4;
#else
inline constexpr long memory_scale = 1;
#endif

// The largest resident size that the process has had, from /proc; 0: it is gone.
long peak_kib(int pid);

}  // namespace tandem::test
