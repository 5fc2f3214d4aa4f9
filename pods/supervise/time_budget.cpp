#include "pods/supervise/time_budget.hpp"

namespace tandem::supervise {

bool TimeBudget::is_left(Clock::time_point now) {
  if (now >= next_window()) {
    since_ = now;
    spent_ = {};
  }
  return spent_ < most_;
}

}  // namespace tandem::supervise
