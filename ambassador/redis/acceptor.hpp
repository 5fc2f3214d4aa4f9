// A listening socket that hands its connections to a shard.
#pragma once

#include "ambassador/redis/shard.hpp"
#include "core/net/endpoint.hpp"
#include "core/os/socket_file.hpp"

namespace tandem::redis {

class Acceptor final : public Watcher {
 public:
  Acceptor(asio::io_context& io, Shard& shard, const net::Endpoint& endpoint);  // throws Error
  ~Acceptor() override;

  const net::Endpoint& endpoint() const { return endpoint_; }
  void close();
  void on_ready(std::uint32_t events) override;

 private:
  void pause();  // no descriptors are left

  Shard& shard_;
  net::Endpoint endpoint_;
  SocketFile file_;
  unique_fd fd_;
  asio::steady_timer timer_;
};

}  // namespace tandem::redis
