#include "ambassador/redis/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <span>

#include "core/os/check.hpp"

namespace tandem::redis {
namespace {

constexpr int most_rounds = 64;  // then Asio's other work gets its turn
// After work more is likely to come at once: waiting for it here costs one system call instead of Asio's three, and
// delays Asio's timers and the admin port by no more than this.
constexpr int linger_ms = 1;

int new_epoll() {
  return check([] { return ::epoll_create1(EPOLL_CLOEXEC); }, "create an epoll descriptor");
}

void control(int epoll, int operation, int fd, std::uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  check([&] { return ::epoll_ctl(epoll, operation, fd, &event); }, "watch a socket");
}

}  // namespace

Poller::Poller(asio::io_context& io, std::function<void()> end_of_turn)
    : epoll_(io, new_epoll()), end_of_turn_(std::move(end_of_turn)) {}

Poller::~Poller() = default;

void Poller::start() { wait(); }

void Poller::add(int fd, std::uint32_t events, Watcher& watcher) {
  control(epoll_.native_handle(), EPOLL_CTL_ADD, fd, events, &watcher);
}

void Poller::modify(int fd, std::uint32_t events, Watcher& watcher) {
  control(epoll_.native_handle(), EPOLL_CTL_MOD, fd, events, &watcher);
}

void Poller::remove(int fd) { ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr); }

void Poller::wait() {
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [this, alive = std::weak_ptr(alive_)](const net::error_code& error) {
                      if (alive.expired() || error) return;
                      turn();
                      wait();
                    });
}

void Poller::turn() {
  std::array<epoll_event, 256> ready;
  for (int round = 0; round < most_rounds; ++round) {
    const int count =
        ::epoll_wait(epoll_.native_handle(), ready.data(), static_cast<int>(ready.size()), round == 0 ? 0 : linger_ms);
    if (count <= 0) return;
    for (const epoll_event& event : std::span(ready).first(static_cast<std::size_t>(count)))
      static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
    end_of_turn_();
  }
}

}  // namespace tandem::redis
