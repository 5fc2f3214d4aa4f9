// What the programs of the log rows share: loopback sockets, the clock, records that say when they were written.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
inline double seconds() { return static_cast<double>(now_ns()) / 1e9; }

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// A listening socket; port 0: any, and `port` is the one it became. -1: it cannot listen there.
inline int listen_on(int& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 64) != 0) return -1;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

inline int connect_to(int port) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  return ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? connection : -1;
}

inline void write_whole(int fd, const char* at, std::size_t length) {
  while (length > 0) {
    const auto count = ::write(fd, at, length);
    if (count <= 0) std::exit(1);
    at += count;
    length -= static_cast<std::size_t>(count);
  }
}

// A stamped line: "seq=000000004711 t=0000123456789012345 xxx...\n", `line_bytes` long.
constexpr std::size_t line_bytes = 212, sequence_digits = 12, time_digits = 19;
constexpr std::string_view sequence_key = "seq=", time_key = " t=";

inline void put_digits(char* to, std::size_t digits, std::uint64_t number) {
  for (; digits-- > 0; number /= 10) to[digits] = static_cast<char>('0' + number % 10);
}

inline void put_line(char* to, std::uint64_t sequence, std::int64_t time_ns) {
  std::memset(to, 'x', line_bytes);
  to += sequence_key.copy(to, sequence_key.size());
  put_digits(to, sequence_digits, sequence);
  to += sequence_digits;
  to += time_key.copy(to, time_key.size());
  put_digits(to, time_digits, static_cast<std::uint64_t>(time_ns));
  to[time_digits] = ' ';
  to[line_bytes - sequence_key.size() - sequence_digits - time_key.size() - 1] = '\n';
}

// The stamp of a line, wherever in it; false: it has none, or not all of it.
inline bool read_stamp(std::string_view line, std::uint64_t& sequence, std::int64_t& time_ns) {
  const auto at = line.find(sequence_key);
  const std::size_t length = sequence_key.size() + sequence_digits + time_key.size() + time_digits;
  if (at == line.npos || line.size() < at + length + 100) return false;
  const char* text = line.data() + at + sequence_key.size();
  sequence = 0;
  time_ns = 0;
  for (std::size_t i = 0; i < sequence_digits; ++i) sequence = sequence * 10 + static_cast<unsigned>(text[i] - '0');
  text += sequence_digits + time_key.size();
  for (std::size_t i = 0; i < time_digits; ++i) time_ns = time_ns * 10 + (text[i] - '0');
  return true;
}

}  // namespace bench
