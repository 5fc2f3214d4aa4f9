#include "ambassador/redis/acceptor.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/net/listener.hpp"
#include "core/observe/log.hpp"
#include "core/os/check.hpp"

namespace tandem::redis {
namespace {

constexpr int most_per_turn = 64;

}  // namespace

Acceptor::Acceptor(asio::io_context& io, Shard& shard, const net::Endpoint& endpoint)
    : shard_(shard), fd_(net::listen_on(endpoint)), timer_(io) {
  endpoint_ = net::local_endpoint(fd_.get());
  if (endpoint_.is_unix()) file_ = SocketFile(endpoint_.path);
  shard_.poller().add(fd_.get(), EPOLLIN, *this);
}

Acceptor::~Acceptor() { close(); }

void Acceptor::close() {
  if (!fd_) return;
  shard_.poller().remove(fd_.get());
  fd_.reset();
  timer_.cancel();
  file_.remove();
}

void Acceptor::on_ready(std::uint32_t) {
  for (int i = 0; i < most_per_turn && fd_; ++i) {
    const int fd = attempt([&] { return ::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); });
    if (fd >= 0) {
      shard_.adopt_client(unique_fd(fd));
      continue;
    }
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) pause();
    if (fd != -ECONNABORTED) return;
  }
}

void Acceptor::pause() {
  observe::log_warning("no descriptor is left for a connection, waiting", {{"listen", to_string(endpoint_)}});
  shard_.poller().modify(fd_.get(), 0, *this);
  timer_.expires_after(std::chrono::milliseconds(100));
  timer_.async_wait([this](const net::error_code& error) {
    if (!error && fd_) shard_.poller().modify(fd_.get(), EPOLLIN, *this);
  });
}

}  // namespace tandem::redis
