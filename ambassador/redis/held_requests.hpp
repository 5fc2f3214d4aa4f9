// Requests that cannot be sent at the moment: no node owns their slot, its node is not reachable, or it said "try
// again".
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "ambassador/redis/in_flight.hpp"

namespace tandem::redis {

struct HeldRequest {
  InFlight in_flight;
  std::string request;
  std::string reason;  // why it waits: what its client is told when it waited too long
  Clock::time_point retry_at{};
};

class HeldRequests {
 public:
  explicit HeldRequests(std::size_t limit_bytes) : limit_(limit_bytes) {}

  void set_limit(std::size_t limit_bytes) { limit_ = limit_bytes; }
  bool full(std::size_t more) const { return bytes_ + more > limit_; }
  bool empty() const { return held_.empty(); }
  std::size_t size() const { return held_.size(); }

  void add(HeldRequest held) {
    bytes_ += held.request.size();
    held_.push_back(std::move(held));
  }
  // Those whose time has come, in the order they were held; all with `everything`.
  std::deque<HeldRequest> take(Clock::time_point now, bool everything) {
    std::deque<HeldRequest> due, left;
    for (HeldRequest& held : held_) {
      const bool is_due = everything || held.retry_at <= now || held.in_flight.deadline <= now;
      if (is_due) bytes_ -= held.request.size();
      (is_due ? due : left).push_back(std::move(held));
    }
    held_ = std::move(left);
    return due;
  }

 private:
  std::size_t limit_, bytes_ = 0;
  std::deque<HeldRequest> held_;
};

}  // namespace tandem::redis
