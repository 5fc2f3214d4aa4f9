// An epoll loop of our own that hangs on the io_context by its descriptor: Asio wakes it, and it goes on by itself for
// as long as there is work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/net/asio.hpp"

namespace tandem::redis {

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(std::uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR
};

class Poller {
 public:
  // `end_of_turn` is called after each round of ready descriptors: what was put off is done there, and watchers may
  // be destroyed there and nowhere else.
  Poller(asio::io_context& io, std::function<void()> end_of_turn);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void start();
  // Level-triggered. Throws Error{environment}.
  void add(int fd, std::uint32_t events, Watcher& watcher);
  void modify(int fd, std::uint32_t events, Watcher& watcher);
  void remove(int fd);

 private:
  void wait();
  void turn();

  asio::posix::stream_descriptor epoll_;
  std::function<void()> end_of_turn_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace tandem::redis
