// Listening sockets, TCP and Unix.
#pragma once

#include <functional>
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
  bool takes_reserve = false;                   // of descriptors; of Listener only
  std::optional<unsigned> mode = std::nullopt;  // of a Unix socket's file; nullopt: what the umask leaves
};

// A bound, listening, non-blocking, close-on-exec socket with SO_REUSEADDR. A stale Unix socket file (nobody answers)
// is replaced; SocketFile removes it. Throws Error{environment} naming the endpoint. For event loops of their own;
// others use Listener.
unique_fd listen_on(const Endpoint& endpoint, const ListenOptions& options = {});

Endpoint local_endpoint(int fd);  // where it listens, with the real port

// The last descriptors of the process are no client's: they are for the admin port, so that a probe is answered
// whatever is connected elsewhere, and for files. The kernel gives the lowest number that is free, so an accepted
// connection with a number of the reserve says that the rest is used up: the listener closes another connection and
// moves this one to a number below. While none can be closed it waits, and who comes after it waits in the kernel.
std::size_t reserved_descriptors();  // 96, or a quarter of RLIMIT_NOFILE when that is less
bool is_of_reserve(int fd);
unique_fd move_below_reserve(unique_fd of_reserve);  // nothing: no number below is free, and it is closed

class Listener {
 public:
  Listener(asio::io_context& io, const Endpoint& endpoint, const ListenOptions& options = {});
  ~Listener();  // removes the Unix socket's file, if it is still there
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The next connection (TCP_NODELAY set). Waits through passing trouble. When descriptors run short, `make_room` may
  // close a connection, and says whether it did; without one, the new connection is closed. Nullopt: closed.
  awaitable<std::optional<Socket>> accept(std::function<bool()> make_room = nullptr);
  void close();
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  bool find_place(Socket& accepted);

  asio::io_context* io_;
  Endpoint endpoint_;
  bool takes_reserve_;
  SocketFile file_;
  asio::basic_socket_acceptor<asio::generic::stream_protocol, asio::io_context::executor_type> acceptor_;
};

}  // namespace tandem::net
