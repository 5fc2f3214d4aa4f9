#include "pods/supervise/api_server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "core/os/check.hpp"
#include "pods/supervise/unix_address.hpp"

namespace tandem::supervise {
namespace {

constexpr std::size_t most_connections = 32;
constexpr std::chrono::seconds connection_timeout{5};

bool is_allowed(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

ApiServer::ApiServer(EventLoop& loop, const std::filesystem::path& path, Answer answer)
    : loop_(loop),
      answer_(std::move(answer)),
      listener_(check([] { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }, "make socket")) {
  ::unlink(path.c_str());
  const UnixAddress address(path);
  check([&] { return ::bind(listener_.get(), address.get(), UnixAddress::size); }, "bind", path.string());
  check([&] { return ::listen(listener_.get(), 64); }, "listen on", path.string());
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_connect(); });
}

ApiServer::~ApiServer() {
  loop_.forget(listener_.get());
  while (!connections_.empty()) close(connections_.begin()->first);
}

void ApiServer::on_connect() {
  const int fd = attempt([&] { return ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
  if (fd < 0) return;
  unique_fd socket(fd);
  if (connections_.size() >= most_connections) return;
  Connection& connection = connections_[fd];
  connection.socket = std::move(socket);
  connection.timeout = loop_.after(connection_timeout, [this, fd] { close(fd); });
  loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t events) { on_ready(fd, events); });
}

void ApiServer::close(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  loop_.cancel(found->second.timeout);
  loop_.forget(fd);
  connections_.erase(found);
}

void ApiServer::on_ready(int fd, std::uint32_t) {
  Connection& connection = connections_.at(fd);
  if (!connection.out.empty()) return write_some(fd, connection);
  std::array<char, 4096> bytes;
  const auto count = attempt([&] { return ::recv(fd, bytes.data(), bytes.size(), 0); });
  if (count == -EAGAIN) return;
  if (count <= 0) return close(fd);
  connection.in.append(bytes.data(), static_cast<std::size_t>(count));
  HttpRequest request;
  const Parsed parsed = parse_request(connection.in, request);
  if (parsed == Parsed::more) return;
  if (parsed == Parsed::bad) {
    connection.out = http_response(400, "text/plain", "not a request that is understood here\n");
  } else if (!is_allowed(fd)) {
    connection.out = http_response(403, "text/plain", "only root and the pod's owner\n");
  } else {
    connection.out = answer_(request);
  }
  write_some(fd, connection);
}

void ApiServer::write_some(int fd, Connection& connection) {
  const auto count = attempt([&] { return ::send(fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL); });
  if (count < 0 && count != -EAGAIN) return close(fd);
  if (count > 0) connection.out.erase(0, static_cast<std::size_t>(count));
  if (connection.out.empty()) return close(fd);
  loop_.watch(fd, EPOLLOUT, [this, fd](std::uint32_t events) { on_ready(fd, events); });
}

}  // namespace tandem::supervise
