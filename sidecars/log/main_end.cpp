#include "sidecars/log/main_end.hpp"

#include <algorithm>
#include <utility>

namespace tandem::shipper {

bool MainEnd::has_come(const PodSight& sight, Time now) {
  begun_ = begun_ || sight.writers.written > 0 || sight.writers.writers > 0;
  if (!std::exchange(looked_, true) || !sight.settled || sight.writers.writers > 0 || sight.activity != activity_)
    quiet_since_ = now;
  activity_ = sight.activity;
  if (!begun_ || now - quiet_since_ < quiet_) return false;
  if (sight.writers.unknown == 0) return true;
  if (!std::exchange(doubt_told_, true)) doubt_ = sight.writers.unknown_path;
  return false;
}

std::string MainEnd::take_doubt() { return std::exchange(doubt_, {}); }

std::chrono::nanoseconds MainEnd::look_every() const {
  return std::clamp<std::chrono::nanoseconds>(quiet_ / 4, std::chrono::milliseconds(20), std::chrono::seconds(1));
}

}  // namespace tandem::shipper
