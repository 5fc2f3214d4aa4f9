#include "core/run/listener_limits.hpp"

#include "core/observe/log.hpp"

namespace tandem::run {

namespace {

constexpr auto over = std::chrono::minutes(1);  // since the last one: what comes next is a new beginning

}  // namespace

const observe::MetricTable& ListenerLimits::metrics() {
  static const observe::MetricTable table = {
      {"tandem_listener_limits_total",
       observe::MetricType::counter,
       "Connections and requests that a limit of their listener ended.",
       {"listener", "reason"}},
  };
  return table;
}

ListenerLimits::ListenerLimits(observe::Metrics& metrics, std::string listener)
    : metrics_(&metrics), listener_(std::move(listener)) {}

void ListenerLimits::count(const std::string& reason) {
  metrics_->counter("tandem_listener_limits_total", {listener_, reason}).add();
  const auto now = Clock::now();
  const auto at = last_.find(reason);
  const bool begins = at == last_.end() || now - at->second > over;
  last_[reason] = now;
  if (begins)
    observe::log_warning("a limit of a listener is reached, connections are closed",
                         {{"listener", listener_}, {"reason", reason}});
}

}  // namespace tandem::run
