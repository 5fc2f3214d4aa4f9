#include "pods/supervise/time_budget.hpp"

#include <ctime>

namespace tandem::supervise {

bool TimeBudget::is_left(Clock::time_point now) {
  if (now >= next_window()) {
    since_ = now;
    spent_ = {};
  }
  return spent_ < most_;
}

TimeBudget::Clock::duration processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace tandem::supervise
