// Keeps a log short of what goes on and on.
#pragma once

#include <string>
#include <string_view>

#include "ambassador/redis/in_flight.hpp"

namespace tandem::redis {

class Repeated {
 public:
  // True: say it. The same text again is worth a line after a minute, another one after ten seconds.
  bool worth_telling(std::string_view text, Clock::time_point now) {
    const auto pause = text == text_ ? std::chrono::seconds(60) : std::chrono::seconds(10);
    if (told_ && now - at_ < pause) return false;
    told_ = true;
    at_ = now;
    text_ = text;
    return true;
  }

 private:
  bool told_ = false;
  Clock::time_point at_{};
  std::string text_;
};

}  // namespace tandem::redis
