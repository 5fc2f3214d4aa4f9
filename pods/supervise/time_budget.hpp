// A share of a processor for work that comes from within a pod, and would else be done outside of the pod's own limit.
#pragma once

#include <chrono>

namespace tandem::supervise {

class TimeBudget {
 public:
  using Clock = std::chrono::steady_clock;

  // At most `most` of processor_time in each `window`, and what the last piece of work takes beyond.
  TimeBudget(Clock::duration window, Clock::duration most) : window_(window), most_(most) {}

  bool is_left(Clock::time_point now);  // a window that is over is followed by another
  void spend(Clock::duration time) { spent_ += time; }
  Clock::time_point next_window() const { return since_ + window_; }

 private:
  Clock::duration window_, most_, spent_{0};
  Clock::time_point since_;
};

// Of this thread. Waiting for a disk, or for a processor that others have, costs nothing: on a busy machine a pod's
// work would else be done at a small part of its share.
TimeBudget::Clock::duration processor_time();

}  // namespace tandem::supervise
