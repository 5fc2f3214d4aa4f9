// What bounds clients and nodes: which limits there are, how often each had an effect, and whether that is news.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ambassador/redis/in_flight.hpp"

namespace tandem::redis {

enum class Limit : std::uint8_t {
  clients,
  descriptors,
  request_size,
  before_auth,
  pipeline,
  output_buffer,
  reply_size,
  client_memory,
  node_queue,
  waiting,
};

// By the name of its key, when it has one.
inline constexpr std::array<std::string_view, 10> limit_names = {
    "clients",      "descriptors", "requestSize",  "beforeAuth", "pipeline",
    "outputBuffer", "replySize",   "clientMemory", "nodeQueue",  "waiting"};

class LimitCounts {
 public:
  // True: it begins to bite, after a minute in which it did not.
  bool count(Limit limit, Clock::time_point now) {
    const auto at = static_cast<std::size_t>(limit);
    const bool begins = counts_[at]++ == 0 || now - last_[at] > std::chrono::minutes(1);
    last_[at] = now;
    return begins;
  }
  std::uint64_t of(std::size_t index) const { return counts_[index]; }  // of limit_names

 private:
  std::array<std::uint64_t, limit_names.size()> counts_{};
  std::array<Clock::time_point, limit_names.size()> last_{};
};

}  // namespace tandem::redis
