// Since when a file's oldest unacknowledged byte has been there, as far as anybody looked.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace tandem::shipper {

class Lag {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // So much was there at this time. Exact to a tenth of a second; for long lags to a sixty-fourth of them.
  void saw(std::uint64_t written, Time now) {
    if (!seen_.empty() && written <= seen_.back().written) return;
    if (!seen_.empty() && now - seen_.back().at < step_) {
      seen_.back().written = written;
      return;
    }
    if (seen_.size() == most_seen) thin_out();
    seen_.push_back({written, now});
  }

  // When the byte behind `acknowledged` was first seen; nullopt: nothing is behind it.
  std::optional<Time> since(std::uint64_t acknowledged) const {
    for (const auto& one : seen_)
      if (one.written > acknowledged) return one.at;
    return std::nullopt;
  }

  void forget(std::uint64_t acknowledged) {
    while (!seen_.empty() && seen_.front().written <= acknowledged) seen_.pop_front();
    if (seen_.empty()) step_ = std::chrono::milliseconds(100);
  }

 private:
  struct Seen {
    std::uint64_t written;
    Time at;
  };
  static constexpr std::size_t most_seen = 64;

  void thin_out() {
    std::deque<Seen> every_second;
    for (std::size_t i = 0; i < seen_.size(); i += 2) every_second.push_back({seen_[i + 1].written, seen_[i].at});
    seen_ = std::move(every_second);
    step_ *= 2;
  }

  std::deque<Seen> seen_;
  std::chrono::milliseconds step_{100};
};

}  // namespace tandem::shipper
