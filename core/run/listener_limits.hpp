// What a listener turned away or closed as a limit was reached: counted by reason, and said once when it begins.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "core/observe/metrics.hpp"

namespace tandem::run {

class ListenerLimits {
 public:
  // `listener` is its name in the metric and in the log: "admin", "listen", a source's.
  ListenerLimits(observe::Metrics& metrics, std::string listener);

  static const observe::MetricTable& metrics();  // Running declares it

  // One connection or request; `reason` as for net::HttpServer::on_limit(), or the program's own.
  void count(const std::string& reason);

 private:
  using Clock = std::chrono::steady_clock;

  observe::Metrics* metrics_;
  std::string listener_;
  std::map<std::string, Clock::time_point> last_;  // by reason
};

}  // namespace tandem::run
