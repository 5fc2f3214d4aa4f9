// How long to wait before trying again: exponential with full jitter and a cap. Pure: no clock, no sleep.
#pragma once

#include <chrono>
#include <cstdint>

namespace tandem::net {

struct BackoffPolicy {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds cap{30'000};
  double factor = 2;
};

// The longest wait before attempt number `attempt` (0: the first retry): first * factor^attempt, at most cap.
std::chrono::milliseconds backoff_ceiling(const BackoffPolicy& policy, unsigned attempt);

// Each next() is uniform in [0, ceiling] and raises the ceiling; reset() after a success.
// "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
class Backoff {
 public:
  explicit Backoff(BackoffPolicy policy = {}, std::uint64_t seed = 0);  // seed 0: from the system's random source
  std::chrono::milliseconds next();
  void reset() { attempt_ = 0; }
  unsigned attempts() const { return attempt_; }

 private:
  BackoffPolicy policy_;
  std::uint64_t state_;
  unsigned attempt_ = 0;
};

}  // namespace tandem::net
