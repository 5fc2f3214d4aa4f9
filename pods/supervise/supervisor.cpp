#include "pods/supervise/supervisor.hpp"

#include <algorithm>

#include "pods/supervise/backoff.hpp"
#include "pods/supervise/restart_policy.hpp"

namespace tandem::supervise {

using plan::ContainerKind;
using state::ContainerPhase;
using state::ContainerRecord;
using state::StopCause;

namespace {
constexpr milliseconds first_sandbox_delay{500};
constexpr milliseconds longest_sandbox_delay = std::chrono::minutes(1);
constexpr milliseconds longest_start = std::chrono::minutes(2);  // kubelet's runtimeRequestTimeout
const char* const create_error = "CreateContainerError";
}  // namespace

Supervisor::Supervisor(const plan::Plan& plan, state::PodState state, Time now)
    : plan_(plan), state_(std::move(state)), records_(state_.containers), now_(now) {
  records_.resize(plan.containers.size());
  activities_.resize(records_.size());
  if (state_.pod.start_time == Time{}) state_.pod.start_time = now;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    ContainerRecord& record = records_[i];
    if (record.attempt < 0 && record.waiting_reason.empty()) {
      record.waiting_reason = "PodInitializing";
      if (i == 0 || plan.containers[0].kind == ContainerKind::main) record.waiting_reason = "ContainerCreating";
    }
  }
}

std::vector<Action> Supervisor::on(const Event& event, Time now) { return on(std::vector<Event>{event}, now); }

std::vector<Action> Supervisor::on(const std::vector<Event>& events, Time now) {
  now_ = std::max(now, now_);
  actions_.clear();
  for (const Event& event : events) std::visit([this](const auto& what) { apply(what); }, event);
  reconcile();
  refresh_conditions();
  return std::move(actions_);
}

void Supervisor::reconcile() {
  if (state_.pod.finished) return;
  if (!stopping() && plan_.active_deadline && now_ >= state_.pod.start_time + *plan_.active_deadline) {
    report_pod(false, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
    begin_stop(StopCause::deadline, plan_.termination_grace_period);
  }
  if (!stopping() && !state_.pod.sandbox_ready) return reconcile_sandbox();
  if (!stopping()) reconcile_init_containers();
  if (!stopping() && state_.pod.initialized) reconcile_main_containers();
  if (stopping()) reconcile_stop();
  for (std::size_t i = 0; i < records_.size(); ++i) {
    advance_kill(i);
    run_due_probes(i);
  }
}

void Supervisor::reconcile_sandbox() {
  if (creating_sandbox_ || now_ < sandbox_retry_) return;
  creating_sandbox_ = true;
  actions_.emplace_back(CreateSandbox{});
}

void Supervisor::apply(const SandboxReady&) {
  creating_sandbox_ = false;
  state_.pod.sandbox_ready = true;
}

void Supervisor::apply(const SandboxFailed& event) {
  creating_sandbox_ = false;
  sandbox_delay_ = std::clamp(sandbox_delay_ * 2, first_sandbox_delay, longest_sandbox_delay);
  sandbox_retry_ = now_ + sandbox_delay_;
  report_pod(true, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + event.message);
}

// kubelet's computeInitContainerActions. A sidecar that has been up once no longer holds back those after it; once the
// main containers may start, plain init containers are history.
void Supervisor::reconcile_init_containers() {
  bool open = true;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const plan::Container& container = plan_.containers[i];
    if (container.kind == ContainerKind::main) break;
    if (container.kind == ContainerKind::sidecar) {
      if (open || records_[i].attempt >= 0) keep_running(i);
      open = open && records_[i].ever_started;
      continue;
    }
    if (state_.pod.initialized || !open || succeeded(records_[i])) continue;
    open = false;
    if (ended_for_good(container, records_[i])) return begin_stop(StopCause::completed, plan_.termination_grace_period);
    keep_running(i);
  }
  if (!open || state_.pod.initialized) return;
  state_.pod.initialized = true;
  state_.pod.initialized_at = now_;
}

void Supervisor::reconcile_main_containers() {
  bool all_ended = true;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (plan_.containers[i].kind != ContainerKind::main || ended_for_good(plan_.containers[i], records_[i])) continue;
    all_ended = false;
    keep_running(i);
  }
  if (all_ended) begin_stop(StopCause::completed, plan_.termination_grace_period);
}

Time Supervisor::may_start_at(std::size_t i) const {
  const ContainerRecord& record = records_[i];
  if (record.waiting_reason == create_error) return record.backoff_updated + record.backoff_delay;
  return record.current ? backoff_until(record, record.current->finished_at) : Time{};
}

void Supervisor::keep_running(std::size_t i) {
  ContainerRecord& record = records_[i];
  if (alive(record)) return;
  if (now_ >= may_start_at(i)) return start(i);
  if (record.phase != ContainerPhase::exited || activities_[i].backoff_reported) return;
  activities_[i].backoff_reported = true;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(record.backoff_delay).count();
  const std::string& name = plan_.containers[i].name;
  record.waiting_reason = "CrashLoopBackOff";
  record.waiting_message =
      "back-off " + std::to_string(seconds) + "s restarting failed container=" + name + " pod=" + pod_label();
  report(true, "BackOff", "Back-off restarting failed container " + name + " in pod " + pod_label(), i);
}

void Supervisor::start(std::size_t i) {
  ContainerRecord& record = records_[i];
  if (record.current) {
    advance_backoff(record, record.current->finished_at, now_);
    record.last = std::move(record.current);
    record.current.reset();
  }
  activities_[i] = Activity();
  activities_[i].start_since = now_;
  record.phase = ContainerPhase::starting;
  ++record.attempt;
  record.process = {};
  record.started = record.ready = record.post_start_done = false;
  record.kill_deadline = {};
  record.waiting_reason = "ContainerCreating";
  record.waiting_message.clear();
  actions_.emplace_back(StartContainer{i, record.attempt});
}

// A program that has not begun when its pod ends never does; but for a sidecar that has been up before, for it may
// carry what main containers wrote (is_called_back).
Time Supervisor::start_deadline(std::size_t i) const {
  const Time latest = activities_[i].start_since + longest_start;
  if (!stopping()) return latest;
  const bool comes_back = plan_.containers[i].kind == ContainerKind::sidecar && records_[i].ever_started;
  return std::min(latest, comes_back ? state_.pod.stop_deadline : state_.pod.stop_since);
}

// A condition's lastTransitionTime is that of its last change (Kubernetes API conventions).
void Supervisor::refresh_conditions() {
  bool ready = !state_.pod.finished;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (plan_.containers[i].kind != ContainerKind::init) ready = ready && records_[i].ready;
  }
  state::PodRecord& pod = state_.pod;
  if (pod.ready_changed_at == Time{}) pod.ready_changed_at = pod.containers_ready_changed_at = pod.start_time;
  if (pod.ready != ready) pod.ready_changed_at = pod.containers_ready_changed_at = now_;
  pod.ready = pod.containers_ready = ready;
}

std::optional<Time> Supervisor::next_deadline() const {
  std::optional<Time> least;
  const auto consider = [&](std::optional<Time> time) {
    if (time && (!least || *time < *least)) least = time;
  };
  const state::PodRecord& pod = state_.pod;
  if (pod.finished) return least;
  if (!stopping() && plan_.active_deadline) consider(pod.start_time + *plan_.active_deadline);
  if (!stopping() && !pod.sandbox_ready && !creating_sandbox_) consider(sandbox_retry_);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Activity& activity = activities_[i];
    const plan::Container& container = plan_.containers[i];
    const bool over = ended_for_good(container, records_[i]) ||
                      (container.kind == ContainerKind::init && (pod.initialized || succeeded(records_[i])));
    if (!stopping() && !over && !alive(records_[i]) && may_start_at(i) > now_) consider(may_start_at(i));
    if (records_[i].phase == ContainerPhase::starting && activity.kill == Kill::none) consider(start_deadline(i));
    if (activity.kill == Kill::pre_stop || activity.kill == Kill::told) consider(records_[i].kill_deadline);
    if (activity.kill == Kill::waiting_turn) {
      consider(pod.stop_deadline);
      if (stopping() && stoppable_at(i) > now_) consider(stoppable_at(i));
    }
    for (const ProbeSchedule* probe : {&activity.startup, &activity.readiness, &activity.liveness}) {
      consider(probe->next());
    }
  }
  return least;
}

bool Supervisor::in_attempt(std::size_t i, int attempt) const {
  return i < records_.size() && records_[i].attempt == attempt && alive(records_[i]);
}

std::string Supervisor::pod_label() const { return plan_.name + "_" + plan_.name_space + "(" + plan_.uid + ")"; }

void Supervisor::report(bool warning, std::string reason, std::string message, std::size_t i) {
  const plan::Container& container = plan_.containers[i];
  const std::string list = container.kind == ContainerKind::main ? "spec.containers{" : "spec.initContainers{";
  actions_.emplace_back(Report{warning, std::move(reason), std::move(message), list + container.name + "}"});
}

void Supervisor::report_pod(bool warning, std::string reason, std::string message) {
  actions_.emplace_back(Report{warning, std::move(reason), std::move(message), ""});
}

}  // namespace tandem::supervise
