// A small epoll loop: descriptors and timers, one thread. No callback runs inside another.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "core/os/unique_fd.hpp"

namespace tandem::supervise {

class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Ready = std::function<void(std::uint32_t events)>;

  EventLoop();

  // Level-triggered; `events` as for epoll_ctl(2). Watching a descriptor again replaces what was there.
  void watch(int fd, std::uint32_t events, Ready ready);
  void forget(int fd);  // before it is closed; not watched is fine

  using Timer = std::uint64_t;  // 0 is none
  Timer at(Clock::time_point when, std::function<void()> then);
  Timer after(std::chrono::milliseconds span, std::function<void()> then) {
    return at(Clock::now() + span, std::move(then));
  }
  void cancel(Timer timer);  // one that has run or is 0 is fine

  // Called before each wait, once for all that was ready together.
  void before_waiting(std::function<void()> then) { before_waiting_ = std::move(then); }
  void run();  // until stop()
  void stop() { stopped_ = true; }

 private:
  struct Watch {
    std::uint32_t generation;
    Ready ready;
  };
  void run_due_timers();
  int milliseconds_to_next() const;

  unique_fd epoll_;
  std::map<int, std::shared_ptr<Watch>> watches_;
  std::uint32_t generation_ = 0;
  std::map<Timer, std::function<void()>> timers_;
  std::multimap<Clock::time_point, Timer> due_;
  Timer next_timer_ = 1;
  std::function<void()> before_waiting_ = [] {};
  bool stopped_ = false;
};

}  // namespace tandem::supervise
