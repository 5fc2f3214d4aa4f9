#include "pods/supervise/event_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

#include "core/os/check.hpp"

namespace tandem::supervise {

EventLoop::EventLoop() : epoll_(check([] { return ::epoll_create1(EPOLL_CLOEXEC); }, "make epoll")) {}

void EventLoop::watch(int fd, std::uint32_t events, Ready ready) {
  const bool known = watches_.count(fd) > 0;
  const std::uint32_t generation = ++generation_;
  epoll_event event{};
  event.events = events;
  // The generation tells an event of this watch from one of an earlier descriptor with the same number.
  event.data.u64 = (static_cast<std::uint64_t>(generation) << 32) | static_cast<std::uint32_t>(fd);
  check([&] { return ::epoll_ctl(epoll_.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event); }, "watch",
        "descriptor " + std::to_string(fd));
  watches_[fd] = std::make_shared<Watch>(Watch{generation, std::move(ready)});
}

void EventLoop::forget(int fd) {
  if (watches_.erase(fd) > 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::Timer EventLoop::at(Clock::time_point when, std::function<void()> then) {
  const Timer timer = next_timer_++;
  timers_.emplace(timer, std::move(then));
  due_.emplace(when, timer);
  return timer;
}

void EventLoop::cancel(Timer timer) {
  if (timers_.erase(timer) == 0) return;
  const auto place = std::find_if(due_.begin(), due_.end(), [&](const auto& entry) { return entry.second == timer; });
  if (place != due_.end()) due_.erase(place);
}

void EventLoop::run_due_timers() {
  const Clock::time_point now = Clock::now();
  while (!due_.empty() && due_.begin()->first <= now && !stopped_) {
    const auto place = timers_.find(due_.begin()->second);
    due_.erase(due_.begin());
    if (place == timers_.end()) continue;
    const std::function<void()> then = std::move(place->second);
    timers_.erase(place);
    then();
  }
}

int EventLoop::milliseconds_to_next() const {
  if (due_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

void EventLoop::run() {
  std::array<epoll_event, 64> events;
  for (;;) {
    before_waiting_();
    if (stopped_) return;
    const int count = check(
        [&] {
          return ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds_to_next());
        },
        "wait for events");
    for (int i = 0; i < count && !stopped_; ++i) {
      const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
      const auto found = watches_.find(static_cast<int>(data & 0xffffffffu));
      if (found == watches_.end() || found->second->generation != data >> 32) continue;
      const std::shared_ptr<Watch> watch = found->second;  // it may forget itself
      watch->ready(events[static_cast<std::size_t>(i)].events);
    }
    run_due_timers();
  }
}

}  // namespace tandem::supervise
