// How containers and the pod come to their end: kubelet's killContainer and its termination ordering (KEP-753).
#include <algorithm>

#include "pods/supervise/restart_policy.hpp"
#include "pods/supervise/supervisor.hpp"

namespace tandem::supervise {

using state::ContainerPhase;
using state::StopCause;

namespace {
// kubelet's minimumGracePeriodInSeconds: whoever's turn comes late still gets to see its signal.
constexpr milliseconds least_grace = std::chrono::seconds(2);
// A program that has only just begun handles no signal yet, and as process 1 of its namespace it would not see one.
constexpr milliseconds first_breath = std::chrono::seconds(1);
}  // namespace

void Supervisor::begin_stop(StopCause cause, milliseconds grace) {
  state::PodRecord& pod = state_.pod;
  if (!stopping()) {
    pod.stop_cause = cause;
    pod.stop_since = now_;
    pod.stop_deadline = now_ + grace;
  }
  pod.stop_deadline = std::min(pod.stop_deadline, now_ + grace);
  const Time last_moment = std::max(pod.stop_deadline, now_ + least_grace);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (activities_[i].kill != Kill::none) records_[i].kill_deadline = std::min(records_[i].kill_deadline, last_moment);
  }
}

void Supervisor::apply(const StopRequested& event) {
  if (state_.pod.finished) return;
  begin_stop(StopCause::requested, event.grace);
  if (event.grace > std::chrono::seconds(0)) return;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (records_[i].phase != ContainerPhase::running) continue;
    activities_[i].startup.stop();
    activities_[i].liveness.stop();
    activities_[i].kill = Kill::killed;
    records_[i].kill_deadline = now_;
    actions_.emplace_back(SendSignal{i, Signal::kill});
  }
}

void Supervisor::begin_kill(std::size_t i, milliseconds grace, const std::string& why) {
  Activity& activity = activities_[i];
  if (activity.kill != Kill::none) return;
  activity.startup.stop();
  activity.liveness.stop();
  records_[i].kill_deadline = now_ + grace;
  report(false, "Killing", why, i);
  if (!plan_.containers[i].pre_stop.empty() && grace > milliseconds(0)) {
    activity.kill = Kill::pre_stop;
    actions_.emplace_back(RunHook{i, records_[i].attempt, HookType::pre_stop, grace});
  } else {
    activity.kill = Kill::waiting_turn;
  }
}

// A sidecar that was waiting out its back-off when the end began is started once more and stopped in its turn: what it
// carries for the main containers is not left behind because it had crashed (one that ended with 0 had nothing more to
// do). Not kubelet's: there it stays down.
bool Supervisor::is_called_back(std::size_t i) const {
  const state::ContainerRecord& record = records_[i];
  return plan_.containers[i].kind == plan::ContainerKind::sidecar && record.ever_started &&
         record.phase == ContainerPhase::exited && !succeeded(record) &&
         record.current->started_at < state_.pod.stop_since && record.current->finished_at <= state_.pod.stop_since &&
         now_ < state_.pod.stop_deadline;
}

// When one that was called back can be told to stop.
Time Supervisor::stoppable_at(std::size_t i) const {
  const Time begun = records_[i].started_at;
  return begun > state_.pod.stop_since ? begun + first_breath : begun;
}

// Containers end in the reverse of their starting order: main containers together, then sidecars from the last.
bool Supervisor::is_turn_of(std::size_t i) const {
  if (!stopping() || plan_.containers[i].kind != plan::ContainerKind::sidecar) return true;
  return now_ >= stoppable_at(i) &&
         std::none_of(records_.begin() + static_cast<std::ptrdiff_t>(i) + 1, records_.end(), alive);
}

void Supervisor::advance_start(std::size_t i) {
  if (activities_[i].kill != Kill::none || now_ < start_deadline(i)) return;
  activities_[i].kill = Kill::killed;
  if (stopping()) report(false, "Killing", "Stopping container " + plan_.containers[i].name, i);
  actions_.emplace_back(SendSignal{i, Signal::kill});
}

void Supervisor::advance_kill(std::size_t i) {
  if (records_[i].phase == ContainerPhase::starting) return advance_start(i);
  if (records_[i].phase != ContainerPhase::running) return;
  Activity& activity = activities_[i];
  Time& deadline = records_[i].kill_deadline;
  if (activity.kill == Kill::pre_stop && now_ >= deadline) activity.kill = Kill::waiting_turn;
  if (activity.kill == Kill::waiting_turn && (is_turn_of(i) || now_ >= state_.pod.stop_deadline)) {
    activity.kill = Kill::told;
    deadline = std::max(deadline, now_ + least_grace);
    actions_.emplace_back(SendSignal{i, Signal::stop});
  }
  if (activity.kill == Kill::told && now_ >= deadline) {
    activity.kill = Kill::killed;
    actions_.emplace_back(SendSignal{i, Signal::kill});
  }
}

void Supervisor::reconcile_stop() {
  bool any_alive = false;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (is_called_back(i)) start(i);
    if (!alive(records_[i])) continue;
    any_alive = true;
    if (records_[i].phase != ContainerPhase::running) continue;
    const milliseconds left = std::max(state_.pod.stop_deadline - now_, milliseconds(0));
    begin_kill(i, left, "Stopping container " + plan_.containers[i].name);
  }
  if (any_alive || creating_sandbox_) return;
  state_.pod.finished = true;
  actions_.emplace_back(Finish{});
}

}  // namespace tandem::supervise
