// Listening sockets, TCP and Unix.
#pragma once

#include <optional>
#include <string>

#include "core/net/asio.hpp"
#include "core/net/endpoint.hpp"
#include "core/os/socket_file.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::net {

struct ListenOptions {
  bool reuse_port = false;  // SO_REUSEPORT: one listener per thread
  int backlog = 1024;
  std::optional<unsigned> mode = std::nullopt;  // of a Unix socket's file; nullopt: what the umask leaves
};

// A bound, listening, non-blocking, close-on-exec socket with SO_REUSEADDR. A stale Unix socket file (nobody answers)
// is replaced; SocketFile removes it. Throws Error{environment} naming the endpoint. For event loops of their own;
// others use Listener.
unique_fd listen_on(const Endpoint& endpoint, const ListenOptions& options = {});

Endpoint local_endpoint(int fd);  // where it listens, with the real port

class Listener {
 public:
  Listener(asio::io_context& io, const Endpoint& endpoint, const ListenOptions& options = {});
  ~Listener();  // removes the Unix socket's file, if it is still there
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The next connection (TCP_NODELAY set). Waits through passing trouble (no descriptors left: a short pause).
  // Nullopt: closed.
  awaitable<std::optional<Socket>> accept();
  void close();
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  asio::io_context* io_;
  Endpoint endpoint_;
  SocketFile file_;
  asio::basic_socket_acceptor<asio::generic::stream_protocol, asio::io_context::executor_type> acceptor_;
};

}  // namespace tandem::net
