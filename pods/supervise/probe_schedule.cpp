#include "pods/supervise/probe_schedule.hpp"

#include <algorithm>

namespace tandem::supervise {

void ProbeSchedule::begin(const plan::Probe& probe, Time container_started, Time now) {
  *this = ProbeSchedule();
  probe_ = &probe;
  next_ = std::max(now, container_started + probe.initial_delay);
}

void ProbeSchedule::run(Time now) {
  running_ = true;
  // A tick that passes while a probe runs is made up for once, as a Go ticker does.
  next_ = now + std::max(probe_->period, plan::seconds(1));
}

ProbeSchedule::Verdict ProbeSchedule::on_result(bool ok, Time now) {
  if (!active() || !running_) return Verdict::none;
  running_ = false;
  next_ = std::max(next_, now);
  in_a_row_ = in_a_row_ > 0 && last_ == ok ? in_a_row_ + 1 : 1;
  last_ = ok;
  const int threshold = ok ? probe_->success_threshold : probe_->failure_threshold;
  if (in_a_row_ < threshold) return Verdict::none;
  in_a_row_ = threshold;  // a pod that lives for years must not overflow it
  return ok ? Verdict::success : Verdict::failure;
}

std::optional<Time> ProbeSchedule::next() const {
  if (!active() || running_) return std::nullopt;
  return next_;
}

}  // namespace tandem::supervise
