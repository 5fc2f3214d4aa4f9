// One container from its start to its end: hooks, probes, readiness.
#include "core/config/units.hpp"
#include "pods/supervise/backoff.hpp"
#include "pods/supervise/restart_policy.hpp"
#include "pods/supervise/supervisor.hpp"

namespace tandem::supervise {

using state::ContainerPhase;
using state::ContainerRecord;

void Supervisor::apply(const Started& event) {
  const std::size_t i = event.container;
  ContainerRecord& record = records_[i];
  const bool found_again = record.phase == ContainerPhase::running;
  if (!alive(record)) return;
  if (!found_again) {
    record.phase = ContainerPhase::running;
    activities_[i].kill = Kill::none;  // it was about to be given up
    record.started_at = now_;
    record.waiting_reason.clear();
    report(false, "Created", "Created container " + plan_.containers[i].name, i);
    report(false, "Started", "Started container " + plan_.containers[i].name, i);
  }
  if (found_again && record.kill_deadline != Time{}) {
    // The last supervisor may have died before it sent the signal; a second SIGTERM does no harm.
    if (activities_[i].kill == Kill::none) activities_[i].kill = Kill::waiting_turn;
    return;
  }
  if (!plan_.containers[i].post_start.empty() && !record.post_start_done) {
    actions_.emplace_back(RunHook{i, record.attempt, HookType::post_start, milliseconds(0)});
    return;
  }
  record.post_start_done = true;
  begin_probes(i);
}

void Supervisor::begin_probes(std::size_t i) {
  const plan::Container& container = plan_.containers[i];
  const ContainerRecord& record = records_[i];
  if (container.startup && !record.started) {
    activities_[i].startup.begin(*container.startup, record.started_at, now_);
  } else {
    mark_started(i);
  }
}

void Supervisor::mark_started(std::size_t i) {
  const plan::Container& container = plan_.containers[i];
  ContainerRecord& record = records_[i];
  record.started = record.ever_started = true;
  if (container.readiness) activities_[i].readiness.begin(*container.readiness, record.started_at, now_);
  if (container.liveness) activities_[i].liveness.begin(*container.liveness, record.started_at, now_);
  if (!container.readiness) record.ready = true;
}

void Supervisor::apply(const StartLost& event) {
  ContainerRecord& record = records_[event.container];
  if (record.phase != ContainerPhase::starting) return;
  record.phase = ContainerPhase::waiting;
  --record.attempt;
}

void Supervisor::apply(const StartFailed& event) {
  const std::size_t i = event.container;
  ContainerRecord& record = records_[i];
  if (record.phase != ContainerPhase::starting) return;
  const bool given_up = activities_[i].kill == Kill::killed;
  if (given_up && stopping()) return apply(StartLost{i});
  const std::string message = given_up ? "its program had not begun after two minutes" : event.message;
  report(true, "Failed", "Error: " + message, i);
  if (event.failure == StartFailure::run) {
    // containerd and CRI-O report a program that cannot be executed as a run of its own, with code 128.
    record.started_at = now_;
    return end_attempt(i, {ExitStatus{128, 0, false}, "StartError", message, now_, now_, record.attempt});
  }
  record.phase = ContainerPhase::waiting;
  --record.attempt;
  record.waiting_reason = "CreateContainerError";
  record.waiting_message = message;
  advance_backoff(record, now_, now_);
}

void Supervisor::apply(const Exited& event) {
  const std::size_t i = event.container;
  if (!in_attempt(i, event.attempt)) return;
  // The kernel's word reaches nobody else: a program whose child is killed often only says that it has failed.
  if (event.child_oom_killed) {
    const auto& limit = plan_.containers[i].resources.memory_limit;
    report(true, "OOMKilling",
           "a process of container " + plan_.containers[i].name + " was killed for memory" +
               (limit ? " (limit " + to_string(*limit) + ")" : ""),
           i);
  }
  const char* reason = event.unknown                    ? "ContainerStatusUnknown"
                       : event.oom_killed               ? "OOMKilled"
                       : event.status.shell_code() == 0 ? "Completed"
                                                        : "Error";
  std::string message = event.message;
  if (event.unknown && message.empty()) message = "The container could not be located when the pod was adopted";
  end_attempt(i, {event.unknown ? ExitStatus{137, 0, false} : event.status, reason, std::move(message),
                  records_[i].started_at, now_, event.attempt});
}

void Supervisor::end_attempt(std::size_t i, state::Termination termination) {
  ContainerRecord& record = records_[i];
  record.phase = ContainerPhase::exited;
  record.current = std::move(termination);
  record.started = record.ready = false;
  record.kill_deadline = {};
  record.waiting_reason.clear();
  activities_[i] = Activity();
}

void Supervisor::run_due_probes(std::size_t i) {
  if (records_[i].phase != ContainerPhase::running) return;
  Activity& activity = activities_[i];
  const auto run_if_due = [&](ProbeSchedule& probe, ProbeType type) {
    if (!probe.due(now_)) return;
    probe.run(now_);
    actions_.emplace_back(RunProbe{i, records_[i].attempt, type});
  };
  run_if_due(activity.startup, ProbeType::startup);
  run_if_due(activity.readiness, ProbeType::readiness);
  run_if_due(activity.liveness, ProbeType::liveness);
}

namespace {
const char* title(ProbeType type) {
  switch (type) {
    case ProbeType::startup:
      return "Startup";
    case ProbeType::readiness:
      return "Readiness";
    case ProbeType::liveness:
      break;
  }
  return "Liveness";
}
}  // namespace

void Supervisor::apply(const ProbeDone& event) {
  const std::size_t i = event.container;
  if (!in_attempt(i, event.attempt)) return;
  Activity& activity = activities_[i];
  ProbeSchedule& probe = event.type == ProbeType::startup     ? activity.startup
                         : event.type == ProbeType::readiness ? activity.readiness
                                                              : activity.liveness;
  if (!probe.active()) return;
  if (!event.ok) report(true, "Unhealthy", std::string(title(event.type)) + " probe failed: " + event.output, i);
  const ProbeSchedule::Verdict verdict = probe.on_result(event.ok, now_);
  if (verdict == ProbeSchedule::Verdict::none) return;
  if (event.type == ProbeType::readiness) {
    records_[i].ready = verdict == ProbeSchedule::Verdict::success;
  } else if (verdict == ProbeSchedule::Verdict::failure) {
    on_probe_failure(i, event.type);
  } else if (event.type == ProbeType::startup) {
    activity.startup.stop();
    mark_started(i);
  }
}

void Supervisor::on_probe_failure(std::size_t i, ProbeType type) {
  const plan::Container& container = plan_.containers[i];
  const plan::Probe& probe = type == ProbeType::startup ? *container.startup : *container.liveness;
  const std::string name = type == ProbeType::startup ? "startup" : "liveness";
  begin_kill(i, probe.termination_grace_period.value_or(plan_.termination_grace_period),
             "Container " + container.name + " failed " + name + " probe, will be restarted");
}

void Supervisor::apply(const HookDone& event) {
  const std::size_t i = event.container;
  if (!in_attempt(i, event.attempt)) return;
  if (event.type == HookType::pre_stop) {
    if (!event.ok) report(true, "FailedPreStopHook", "PreStopHook failed: " + event.output, i);
    if (activities_[i].kill == Kill::pre_stop) activities_[i].kill = Kill::waiting_turn;
    return;
  }
  if (activities_[i].kill != Kill::none || records_[i].post_start_done) return;
  if (event.ok) {
    records_[i].post_start_done = true;
    return begin_probes(i);
  }
  report(true, "FailedPostStartHook", "PostStartHook failed: " + event.output, i);
  begin_kill(i, plan_.termination_grace_period, "FailedPostStartHook");
}

}  // namespace tandem::supervise
