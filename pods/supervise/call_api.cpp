#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>

#include "core/os/check.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/http_text.hpp"
#include "pods/supervise/unix_address.hpp"

namespace tandem::supervise {
namespace {

constexpr std::size_t longest_answer_bytes = 16u << 20;

}  // namespace

std::optional<ApiAnswer> call_api(const state::PodPaths& paths, const std::string& method, const std::string& target,
                                  std::chrono::milliseconds timeout) {
  if (!std::filesystem::exists(paths.socket())) return std::nullopt;
  const UnixAddress address(paths.socket());
  const unique_fd socket(check([] { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make socket"));
  timeval limit{};
  limit.tv_sec = timeout.count() / 1000;
  limit.tv_usec = (timeout.count() % 1000) * 1000;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (attempt([&] { return ::connect(socket.get(), address.get(), UnixAddress::size); }) < 0) return std::nullopt;
  const std::string request = method + " " + target + " HTTP/1.1\r\nHost: pod\r\nContent-Length: 0\r\n\r\n";
  if (attempt([&] { return ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL); }) < 0) {
    return std::nullopt;
  }
  std::string answer;
  std::array<char, 16384> bytes;
  while (answer.size() < longest_answer_bytes) {
    const auto count = attempt([&] { return ::recv(socket.get(), bytes.data(), bytes.size(), 0); });
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    answer.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const auto code = parse_status_code(answer);
  if (!code) return std::nullopt;
  return ApiAnswer{*code, std::string(body_of(answer))};
}

}  // namespace tandem::supervise
