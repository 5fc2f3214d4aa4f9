// When one probe of one container runs, and what its results amount to: kubelet's prober worker, pure.
#pragma once

#include <optional>

#include "pods/plan/plan.hpp"
#include "pods/state/time.hpp"

namespace tandem::supervise {

using state::Time;

class ProbeSchedule {
 public:
  // none: the thresholds are not reached, nothing changes
  enum class Verdict { none, success, failure };

  // The first run is `initialDelaySeconds` after the container's start, or now when that has passed.
  void begin(const plan::Probe& probe, Time container_started, Time now);
  void stop() { probe_ = nullptr; }
  bool active() const { return probe_ != nullptr; }

  bool due(Time now) const { return active() && !running_ && next_ <= now; }
  void run(Time now);  // it is being run; not due until on_result
  Verdict on_result(bool ok, Time now);
  std::optional<Time> next() const;  // nullopt: stopped, or a run is under way

 private:
  const plan::Probe* probe_ = nullptr;  // of the Plan, which outlives this
  Time next_{};
  bool running_ = false, last_ = false;
  int in_a_row_ = 0;
};

}  // namespace tandem::supervise
